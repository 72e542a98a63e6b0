#include "postgres/quick_look.hpp"

#include <string>
#include <utility>
#include <vector>

#include "postgres/copy_text.hpp"
#include "postgres/history_store.hpp"
#include "postgres/history_tables.hpp"
#include "postgres/queries.hpp"

namespace headway::postgres {
namespace {

constexpr std::string_view kNoSuchSchema = "3F000";

std::optional<migration::HistoryRow> looked_at_row(const std::string& line) {
  std::vector<std::string> columns = copied_row(line);
  if (columns.size() != 8) return std::nullopt;
  const auto attempt = copied_integer(columns[6]);
  const auto at = copied_timestamp(columns[7]);
  if (!attempt || !at) return std::nullopt;
  migration::HistoryRow row;
  row.version = migration::Version(std::move(columns[0]));
  row.previous = migration::Version(std::move(columns[1]));
  row.name = std::move(columns[2]);
  row.checksum = migration::Checksum(std::move(columns[3]));
  row.kind = row_kind(columns[4]);
  row.state = row_state(columns[5]);
  row.attempt = *attempt;
  row.applied_at = *at;
  return row;
}

std::optional<migration::RepeatableRow> looked_at_repeatable(const std::string& line) {
  std::vector<std::string> columns = copied_row(line);
  if (columns.size() != 4) return std::nullopt;
  const auto at = copied_timestamp(columns[3]);
  if (!at) return std::nullopt;
  migration::RepeatableRow row;
  row.name = std::move(columns[0]);
  row.checksum = migration::Checksum(std::move(columns[1]));
  row.current = columns[2] == "t";
  row.applied_at = *at;
  return row;
}

std::optional<engine::HistorySnapshot> snapshot_of(const std::vector<CopiedLines>& tables,
                                                   const TableNames& names) {
  engine::HistorySnapshot out;
  out.exists = true;
  bool has_base = false;
  std::vector<migration::HistoryRow> rows;
  rows.reserve(tables.at(0).size());
  for (const std::string& line : tables.at(0)) {
    auto row = looked_at_row(line);
    if (!row) return std::nullopt;
    if (row->version.text() == migration::kBase) {
      has_base = true;
    } else {
      rows.push_back(std::move(*row));
    }
  }
  std::vector<migration::RepeatableRow> repeatables;
  for (const std::string& line : tables.at(1)) {
    auto row = looked_at_repeatable(line);
    if (!row) return std::nullopt;
    repeatables.push_back(std::move(*row));
  }
  for (const std::string& line : tables.at(2)) {
    const auto layout = copied_integer(copied_row(line).front());
    if (!layout) return std::nullopt;
    require_layout(*layout, names);
  }
  if (!has_base) return std::nullopt;
  out.history = migration::History(std::move(rows), std::move(repeatables));
  return out;
}

}  // namespace

std::optional<engine::HistorySnapshot> quick_look(Wire& wire, const TableNames& names) {
  const char* style = PQparameterStatus(wire.raw(), "DateStyle");
  if (style == nullptr || !std::string_view(style).starts_with("ISO")) return std::nullopt;
  const Copied copied = wire.copy_out(names.fill(queries::kQuickLook), "look at the history");
  if (copied.refused == kNoSuchSchema) return engine::HistorySnapshot{};
  if (!copied.refused.empty()) return std::nullopt;
  try {
    return snapshot_of(copied.tables, names);
  } catch (const Error&) {
    return std::nullopt;  // the thorough look throws it again, for who asks
  }
}

}  // namespace headway::postgres
