// Which relations a statement locks, how strongly, and what it does to the table meanwhile: as far
// as its words tell.  What depends on the catalogue (a column's old type, a foreign key's other
// table, a function's volatility) is said to be unknown, never guessed.
//
// The rules were measured on PostgreSQL 15; a test runs statements on a real server and compares.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace headway::sql {

/// By strength, as in PostgreSQL.
enum class LockMode {
  AccessShare,
  RowShare,
  RowExclusive,
  ShareUpdateExclusive,
  Share,
  ShareRowExclusive,
  Exclusive,
  AccessExclusive,
};
/// "ACCESS EXCLUSIVE"
[[nodiscard]] std::string_view lock_mode_name(LockMode mode) noexcept;

/// The costliest thing done while the lock is held, by cost.
enum class Work {
  None,     ///< the catalogue only
  Scan,     ///< reads the whole table
  Build,    ///< reads it and builds an index
  Rewrite,  ///< writes a new copy of the table and its indexes, or makes it a new file
};
/// "none", "scan", "build", "rewrite"
[[nodiscard]] std::string_view work_name(Work work) noexcept;

struct RelationLock {
  std::string relation;  ///< as written, unquoted words in lower case
  LockMode mode = LockMode::AccessShare;
};

struct ExpectedLocks {
  /// On tables, views, materialized views and sequences that the statement names, each once; the
  /// strongest.
  std::vector<RelationLock> locks;
  std::vector<std::string> creates;  ///< relations that are new, which nobody else can wait for
  Work work = Work::None;
  bool locks_known = true;  ///< there may be more, or stronger ones
  bool work_known = true;   ///< it may be more
};

[[nodiscard]] ExpectedLocks expected_locks(std::string_view statement);

}  // namespace headway::sql
