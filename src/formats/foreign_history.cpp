#include "formats/foreign_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "formats/checksums.hpp"
#include "formats/dotted.hpp"
#include "sql/normalize.hpp"

namespace headway::formats {
namespace {

using migration::Migration;
using migration::Source;
using migration::Version;

struct Kept {
  Format format;
  std::string_view table;
  std::string_view columns;  ///< what is selected, and has to be there
  std::string_view order;
};

// golang-migrate and dbmate share a name; their columns tell them apart, and Rails from dbmate its
// second table would.
constexpr std::array kKept{
    Kept{Format::GolangMigrate, "schema_migrations", "version dirty", "version"},
    Kept{Format::Goose, "goose_db_version", "version_id is_applied", "id"},
    Kept{Format::Dbmate, "schema_migrations", "version", "version"},
    Kept{Format::Flyway, "flyway_schema_history",
         "version description type script checksum success", "installed_rank"},
    Kept{Format::Sqlx, "_sqlx_migrations", "version description success checksum", "version"},
    Kept{Format::Atlas, "atlas_schema_revisions", "version description type applied total hash",
         "version"},
    Kept{Format::Tern, "schema_version", "version", "version"},
    Kept{Format::Prisma, "_prisma_migrations", "migration_name checksum finished_at rolled_back_at",
         "started_at, migration_name"},
    Kept{Format::Diesel, "__diesel_schema_migrations", "version", "run_on, version"},
    Kept{Format::Refinery, "refinery_schema_history", "version name checksum", "version"},
    Kept{Format::SqlMigrate, "gorp_migrations", "id", "applied_at, id"},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kKept.size()> names{};
  for (std::size_t i = 0; i < kKept.size(); ++i) names[i] = kKept[i].table;
  return names;
}();

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool has(const FoundTable& table, std::string_view column) {
  return std::ranges::find(table.columns, column) != table.columns.end();
}

const Kept& kept_by(Format format) { return *std::ranges::find(kKept, format, &Kept::format); }

std::optional<Format> format_of(std::string_view layout) {
  const auto info = std::ranges::find(kFormats, layout, &FormatInfo::id);
  if (info == kFormats.end()) return std::nullopt;
  return info->format;
}

/// Whose table may be that of a layout: files that look the same are written for several.
std::vector<Format> owners_for(std::string_view layout) {
  const auto format = format_of(layout);
  if (!format) return {};
  switch (*format) {
    case Format::Headway: return {Format::Sqlx, Format::Atlas};
    case Format::GolangMigrate: return {Format::GolangMigrate, Format::Sqlx};
    case Format::Flyway: return {Format::Flyway, Format::Refinery};
    default: return {*format};
  }
}

std::string_view field(const ForeignRow& row, std::size_t column) {
  return column < row.size() && row[column] ? std::string_view(*row[column]) : std::string_view();
}

/// Puts together what was applied, version by version.
class Taking {
 public:
  Taking(const ForeignTable& table, const Source& source) : table_(table), source_(source) {}

  void add(std::string_view version, std::string_view name, std::string_view checksum = {}) {
    const Migration* const migration = find(version);
    const Version known = migration != nullptr ? migration->version : Version(std::string(version));
    if (!seen_.insert(std::string(known.key())).second) return;
    if (migration != nullptr && !fits(table_.format, *migration, checksum)) {
      throw Error(ErrorId::ChecksumMismatch,
                  fmt::format("the file is not the one that {} has applied: its checksum in {} is "
                              "{}",
                              title(), table_.table.text(), checksum))
          .at({migration->up.path, 0, 0})
          .version(migration->version.text())
          .next("Restore the file as it was applied, and put the change into a new migration.");
    }
    applied_.push_back(
        {known, migration != nullptr ? migration->name : std::string(name), migration});
  }

  void remove(std::string_view version) {
    const Migration* const migration = find(version);
    const Version known = migration != nullptr ? migration->version : Version(std::string(version));
    if (seen_.erase(std::string(known.key())) == 0) return;
    std::erase_if(applied_, [&known](const migration::AppliedElsewhere& one) {
      return one.version == known;
    });
  }

  /// All up to and with `version`, and that one itself, if the source does not know it, at the end.
  void add_up_to(std::string_view version) {
    for (const Migration& migration : source_.migrations()) {
      if (Dotted(migration.version.text()) <= Dotted(version)) add(migration.version.text(), {});
    }
    add(version, {});
  }

  [[nodiscard]] Error dirty(std::string_view version, std::string_view what) const {
    return Error(ErrorId::ForeignDirty, fmt::format("{} says in {} that {} {}", title(),
                                                    table_.table.text(), version, what))
        .version(std::string(version));
  }
  [[nodiscard]] std::vector<migration::AppliedElsewhere> applied() && {
    return std::move(applied_);
  }

 private:
  [[nodiscard]] std::string_view title() const { return format_info(table_.format).title; }

  [[nodiscard]] const Migration* find(std::string_view version) const {
    if (const Migration* exact = source_.find(Version(std::string(version)))) return exact;
    if (!is_dotted(version)) return nullptr;
    for (const Migration& migration : source_.migrations()) {
      const std::string& text = migration.version.text();
      if (is_dotted(text) && Dotted(text) == Dotted(version)) return &migration;
    }
    return nullptr;
  }

  const ForeignTable& table_;
  const Source& source_;
  std::vector<migration::AppliedElsewhere> applied_;
  std::set<std::string> seen_;
};

void take_flyway(Taking& taking, const ForeignRow& row) {
  const std::string_view version = field(row, 0);
  const std::string_view type = field(row, 2);
  if (version.empty() || type == "SCHEMA") return;
  if (field(row, 5) != "t") throw taking.dirty(version, "has failed");
  if (type == "DELETE" || type.starts_with("UNDO")) {
    taking.remove(version);
  } else if (type == "BASELINE" || type == "SQL_BASELINE") {
    taking.add_up_to(version);
  } else {
    taking.add(version, field(row, 1), field(row, 4));
  }
}

void take_atlas(Taking& taking, const ForeignRow& row) {
  static constexpr unsigned kBaseline = 1;
  const std::string_view version = field(row, 0);
  if (version.starts_with('.')) return;  // its own notes
  if (field(row, 3) != field(row, 4)) {
    throw taking.dirty(
        version, fmt::format("is applied with {} of {} statements", field(row, 3), field(row, 4)));
  }
  const std::string_view type = field(row, 2);
  const bool baseline =
      !type.empty() && ((static_cast<unsigned>(type.back()) - '0') & kBaseline) != 0;
  taking.add(version, field(row, 1), baseline ? std::string_view() : field(row, 5));
}

void take_prisma(Taking& taking, const ForeignRow& row) {
  const std::string_view name = field(row, 0);
  const bool finished = row[2].has_value();
  const bool rolled_back = row[3].has_value();
  if (rolled_back) return;
  if (!finished) throw taking.dirty(name, "has begun and not ended");
  taking.add(name, name.substr(std::min(name.find('_') + 1, name.size())), field(row, 1));
}

void take(Taking& taking, Format format, const ForeignRow& row) {
  const std::string_view first = field(row, 0);
  switch (format) {
    case Format::GolangMigrate:
      if (field(row, 1) == "t") throw taking.dirty(first, "is dirty");
      taking.add_up_to(first);
      break;
    case Format::Goose:
      if (first == "0") break;
      taking.remove(first);
      if (field(row, 1) == "t") taking.add(first, {});
      break;
    case Format::Flyway: take_flyway(taking, row); break;
    case Format::Sqlx:
      if (field(row, 2) != "t") throw taking.dirty(first, "has not succeeded");
      taking.add(first, field(row, 1), field(row, 3));
      break;
    case Format::Atlas: take_atlas(taking, row); break;
    case Format::Tern:
      if (first != "0") taking.add_up_to(first);
      break;
    case Format::Prisma: take_prisma(taking, row); break;
    case Format::Refinery: taking.add(first, field(row, 1), field(row, 2)); break;
    default: taking.add(first, {}); break;  // dbmate, Diesel, sql-migrate
  }
}

std::int32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = hash * 31U + static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(hash);
}

std::uint32_t crc32(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  return crc.checksum();
}

std::int64_t golang_migrate_key(const FoundTable& table, std::string_view database) {
  static constexpr std::uint32_t kSalt = 1486364155;
  std::string text = table.schema;
  text += '\0';
  text += table.name;
  text += '\0';
  text += database;
  return crc32(text) * kSalt;
}

}  // namespace

std::string FoundTable::sql() const {
  return sql::quote_identifier(schema) + "." + sql::quote_identifier(name);
}

std::span<const std::string_view> foreign_table_names() noexcept { return kNames; }

std::optional<Format> owner_of(const FoundTable& table) {
  // The one with the most columns first: dbmate's are golang-migrate's without one.
  std::optional<Format> best;
  std::size_t most = 0;
  for (const Kept& kept : kKept) {
    const auto columns = words(kept.columns);
    if (columns.size() <= most) continue;
    if (kept.table != table.name) continue;
    if (!std::ranges::all_of(columns, [&](const std::string& c) { return has(table, c); }))
      continue;
    best = kept.format;
    most = columns.size();
  }
  return best;
}

namespace {

ForeignTable wanted_of(std::span<const FoundTable> found, std::string_view layout,
                       std::string_view wanted) {
  for (const FoundTable& table : found) {
    if (table.text() != wanted && table.name != wanted) continue;
    if (const auto owner = owner_of(table)) return {*owner, table};
    const auto format = format_of(layout);
    const auto kept = std::ranges::find(kKept, format, &Kept::format);
    if (kept != kKept.end() &&
        std::ranges::all_of(words(kept->columns),
                            [&table](const std::string& c) { return has(table, c); })) {
      return {*format, table};
    }
    throw Error(
        ErrorId::ForeignHistory,
        fmt::format("the columns of {} are those of no history that is known", table.text()));
  }
  throw Error(ErrorId::ForeignHistory, fmt::format("there is no table {}", wanted));
}

}  // namespace

std::optional<ForeignTable> table_of(std::string_view layout, std::span<const FoundTable> found,
                                     std::string_view wanted) {
  if (!wanted.empty()) return wanted_of(found, layout, wanted);
  std::vector<ForeignTable> candidates;
  const auto owners = owners_for(layout);
  for (const FoundTable& table : found) {
    const auto owner = owner_of(table);
    if (owner && std::ranges::find(owners, *owner) != owners.end()) {
      candidates.push_back({*owner, table});
    }
  }
  const bool any_near = std::ranges::any_of(
      candidates, [](const ForeignTable& one) { return one.table.in_search_path; });
  if (any_near) {
    std::erase_if(candidates, [](const ForeignTable& one) { return !one.table.in_search_path; });
  }
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() > 1) {
    throw Error(ErrorId::ForeignHistory,
                fmt::format("both {} and {} could be the history of these migrations",
                            candidates[0].table.text(), candidates[1].table.text()))
        .next("Say which with --foreign-table=SCHEMA.TABLE.");
  }
  return candidates.front();
}

std::string rows_query(const ForeignTable& table) {
  const Kept& kept = kept_by(table.format);
  std::string columns;
  for (const std::string& column : words(kept.columns)) {
    if (!columns.empty()) columns += ", ";
    // 't' and 'f' of a boolean
    const bool truth = column == "dirty" || column == "is_applied" || column == "success";
    if (column == "checksum" && table.format == Format::Sqlx) {
      columns += "pg_catalog.encode(t.checksum, 'hex')";
      continue;
    }
    columns += truth ? fmt::format("CASE WHEN t.{} THEN 't' ELSE 'f' END", column)
                     : fmt::format("t.{}::pg_catalog.text", column);
  }
  std::string order;
  for (const std::string& column : words(kept.order)) {
    order += order.empty() ? "t." : " t.";
    order += column;
  }
  return fmt::format("SELECT {} FROM {} AS t ORDER BY {}", columns, table.table.sql(), order);
}

std::vector<migration::AppliedElsewhere> applied_of(const ForeignTable& table,
                                                    std::span<const ForeignRow> rows,
                                                    const Source& source) {
  Taking taking(table, source);
  for (const ForeignRow& row : rows) take(taking, table.format, row);
  return std::move(taking).applied();
}

std::vector<std::int64_t> lock_keys(const ForeignTable& table, const std::string& database) {
  switch (table.format) {
    case Format::GolangMigrate:
      // The one of the command, which keeps the slash of the URL's path, and the library's.
      return {golang_migrate_key(table.table, "/" + database),
              golang_migrate_key(table.table, database)};
    case Format::Goose: return {4097083626};
    case Format::Flyway:
      return {0x466C79776179 +
              java_hash(fmt::format("\"{}\".\"{}\"", table.table.schema, table.table.name))};
    case Format::Sqlx: return {std::int64_t{0x3d32ad9e} * std::int64_t{crc32(database)}};
    case Format::Atlas: return {2686470616};
    case Format::Tern: return {9628173550095224};
    case Format::Prisma: return {72707369};
    default: return {};
  }
}

}  // namespace headway::formats
