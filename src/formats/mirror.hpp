// What Headway does, told in another tool's history table, so that a team can go back to the tool.
// Pure: it makes SQL for who runs it in the transaction of Headway's own row.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "formats/foreign_history.hpp"
#include "migration/source.hpp"

namespace headway::formats {

/// Whether the table of this tool can be written; of the others only what they have written is
/// read.
[[nodiscard]] bool can_mirror(Format format) noexcept;

/// Rows as the tool itself writes them: golang-migrate, goose, dbmate, Flyway, sqlx, Atlas, tern,
/// refinery, Alembic.  Each text is one statement that names everything in full, and may be run
/// twice where the tool's table has one row for all.
class Mirror {
 public:
  /// REQUIRES: can_mirror(table.format).  `source` outlives this.
  Mirror(ForeignTable table, const migration::Source& source)
      : table_(std::move(table)), source_(source) {}

  [[nodiscard]] const ForeignTable& table() const noexcept { return table_; }

  /// What the tool writes into a new table.
  [[nodiscard]] std::vector<std::string> beginning() const;
  /// Empty: a migration that the source does not hold, of a tool that keeps more than a version.
  [[nodiscard]] std::string applied(const migration::Version& version) const;
  [[nodiscard]] std::string reverted(const migration::Version& version) const;
  /// A repeatable has run; empty: the tool has none.
  [[nodiscard]] std::string repeated(std::string_view name) const;

 private:
  [[nodiscard]] std::string insert_flyway(std::string_view version, const migration::Script& script,
                                          std::string_view name) const;
  [[nodiscard]] std::string insert_row(const migration::Migration& migration) const;
  [[nodiscard]] std::string move_to(std::string_view version, std::string_view rest) const;
  [[nodiscard]] std::string add_head(const migration::Version& version) const;
  [[nodiscard]] std::string remove_head(const migration::Migration& migration) const;
  [[nodiscard]] std::string previous_of(const migration::Version& version) const;
  [[nodiscard]] std::vector<std::string> descendants_of(const migration::Version& version) const;

  ForeignTable table_;
  const migration::Source& source_;
};

}  // namespace headway::formats
