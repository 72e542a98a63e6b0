// The tables in which other tools keep what they have applied, and what they mean for a source.
// Pure: an adapter finds the tables and reads the rows.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.hpp"
#include "migration/plan.hpp"
#include "migration/source.hpp"

namespace headway::formats {

/// A table that has the name of one of theirs.
struct FoundTable {
  std::string schema;
  std::string name;
  std::vector<std::string> columns;  ///< in the order of the catalogue
  bool in_search_path = false;
  bool in_current_schema = false;  ///< the first of the path
  [[nodiscard]] std::string text() const { return schema + "." + name; }
  /// Quoted, to be used in SQL.
  [[nodiscard]] std::string sql() const;
};

/// The names that their tables have unless they are told otherwise.
[[nodiscard]] std::span<const std::string_view> foreign_table_names() noexcept;

/// The columns, sorted and divided by blanks, of the tables that the tools of `layout` make, as far
/// as they are telling: a tool may have been given another name for its table.
[[nodiscard]] std::vector<std::string> columns_of_histories(std::string_view layout);

/// A table that is a tool's by its columns.
struct ForeignTable {
  Format format = Format::Headway;
  FoundTable table;
};
/// Whose table it is; nothing if its columns are nobody's.
[[nodiscard]] std::optional<Format> owner_of(const FoundTable& table);
/// The table that the tool of `layout` keeps, of those found; nothing if there is none.  A layout
/// may also be that of a tool with the same names: a pair of golang-migrate's is sqlx's as well.
/// `wanted`: the one that the user named ("schema.table" or "table"), whatever the layout; empty:
/// the one that fits.  `configured`: the same by the tool's own configuration, where it need not
/// be there.  Throws Error ForeignHistory if two have equal claims, the wanted one none, or if none
/// has the name and one the columns.
[[nodiscard]] std::optional<ForeignTable> table_of(std::string_view layout,
                                                   std::span<const FoundTable> found,
                                                   std::string_view wanted = {},
                                                   std::string_view configured = {});

/// A table in the current schema that another tool keeps than those that `layout` may be of.
[[nodiscard]] std::optional<ForeignTable> table_of_another(std::string_view layout,
                                                           std::span<const FoundTable> found);

/// What makes the tool's table, empty, in the schema that comes first, or in one of its own;
/// nothing for a layout without one.  Migrations may name it: with their own tool it is always
/// there.
struct OwnTable {
  std::string name;
  std::string create;
  std::string schema = {};  ///< of its own
  /// Whether `found` is it already, as far as a migration that names it is concerned.
  [[nodiscard]] bool is(const FoundTable& found) const {
    return schema.empty() ? found.in_search_path : found.schema == schema;
  }
};
[[nodiscard]] std::optional<OwnTable> own_table(std::string_view layout,
                                                std::string_view configured = {});
/// The same for a table that is to be written (mirror.hpp), in the schema where its tool looks for
/// it; in order.
[[nodiscard]] std::vector<std::string> creation(std::string_view layout,
                                                std::string_view configured = {});
/// Whether the text may name the table.
[[nodiscard]] bool may_name(const migration::Script& script, const OwnTable& table);

/// A SELECT of texts, in the order of application as far as the table tells.
[[nodiscard]] std::string rows_query(const ForeignTable& table);
using ForeignRow = std::vector<std::optional<std::string>>;

/// Throws Error ForeignDirty for a state that only a user can judge, ChecksumMismatch for a file
/// that is not the one that was applied, ForeignHistory for rows that mean nothing.
/// What has been applied, in order.
[[nodiscard]] std::vector<migration::AppliedElsewhere> applied_of(const ForeignTable& table,
                                                                  std::span<const ForeignRow> rows,
                                                                  const migration::Source& source);

/// The source's repeatables that the tool has run last with the text that they have; for what
/// applied_of() takes.  Throws Error ForeignDirty for one that failed.
[[nodiscard]] std::vector<const migration::Repeatable*> repeatables_of(
    const ForeignTable& table, std::span<const ForeignRow> rows, const migration::Source& source);

/// The advisory locks that the tool takes while it migrates.
[[nodiscard]] std::vector<std::int64_t> lock_keys(const ForeignTable& table,
                                                  const std::string& database);

}  // namespace headway::formats
