#include "postgres/quick_look.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/copy_text.hpp"
#include "postgres/history_store.hpp"
#include "postgres/history_tables.hpp"
#include "postgres/queries.hpp"

namespace headway::postgres {
namespace {

constexpr std::string_view kNoSuchSchema = "3F000";

/// Takes the lines of quick_look.sql, in the order of its tables and columns.
class Look {
 public:
  explicit Look(const TableNames& names) : names_(names) {}

  void take(std::size_t table, std::string_view line) {
    CopiedRow row(line);
    switch (table) {
      case 0: take_history(row); break;
      case 1: take_repeatable(row); break;
      default: take_layout(row); break;
    }
    if (!row.at_end()) readable_ = false;
  }

  [[nodiscard]] std::optional<engine::HistorySnapshot> snapshot() && {
    if (!readable_ || !has_base_) return std::nullopt;
    engine::HistorySnapshot out;
    out.exists = true;
    out.history = migration::History(std::move(rows_), std::move(repeatables_));
    return out;
  }

 private:
  void take_history(CopiedRow& columns) {
    migration::HistoryRow row;
    row.version = migration::Version(columns.next());
    row.previous = migration::Version(columns.next());
    row.name = columns.next();
    row.checksum = migration::Checksum(columns.next());
    row.kind = row_kind(columns.next_plain());
    row.state = row_state(columns.next_plain());
    row.attempt = known(copied_integer(columns.next_plain()));
    row.applied_at = known(copied_timestamp(columns.next_plain()));
    if (row.version.text() == migration::kBase) {
      has_base_ = true;
    } else {
      rows_.push_back(std::move(row));
    }
  }

  void take_repeatable(CopiedRow& columns) {
    migration::RepeatableRow row;
    row.name = columns.next();
    row.checksum = migration::Checksum(columns.next());
    row.current = columns.next_plain() == "t";
    row.applied_at = known(copied_timestamp(columns.next_plain()));
    repeatables_.push_back(std::move(row));
  }

  void take_layout(CopiedRow& columns) {
    require_layout(known(copied_integer(columns.next_plain())), names_);
  }

  template <typename Value>
  Value known(const std::optional<Value>& value) {
    if (!value) readable_ = false;
    return value.value_or(Value{});
  }

  const TableNames& names_;
  std::vector<migration::HistoryRow> rows_;
  std::vector<migration::RepeatableRow> repeatables_;
  bool has_base_ = false;
  bool readable_ = true;
};

}  // namespace

std::optional<engine::HistorySnapshot> quick_look(Wire& wire, const TableNames& names) {
  const char* style = PQparameterStatus(wire.raw(), "DateStyle");
  if (style == nullptr || !std::string_view(style).starts_with("ISO")) return std::nullopt;
  Look look(names);
  try {
    const std::string refused = wire.copy_out(
        names.fill(queries::kQuickLook), "look at the history",
        [&look](std::size_t table, std::string_view line) { look.take(table, line); });
    if (refused == kNoSuchSchema) return engine::HistorySnapshot{};
    if (!refused.empty()) return std::nullopt;
    return std::move(look).snapshot();
  } catch (const Error&) {
    if (wire.lost()) throw;
    return std::nullopt;  // the thorough look throws it again, for who asks
  }
}

}  // namespace headway::postgres
