// What a statement of a migration really did, as a dry run that executes it sees it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "sql/locks.hpp"
#include "sql/splitter.hpp"

namespace headway::engine {

/// Relations are those that were there before the first statement: nobody else uses newer ones.
struct StatementSeen {
  struct Lock {
    std::string relation;
    sql::LockMode mode = sql::LockMode::AccessShare;
    bool on_index = false;
  };

  std::string path;
  sql::Position position;
  std::string command;  ///< "ALTER TABLE"
  bool in_transaction = true;
  bool failed = false;  ///< then nothing below is known but the duration
  Microseconds duration{};
  std::optional<std::uint64_t> rows;   ///< of what changes or returns rows
  std::vector<Lock> locks;             ///< taken by it, the strongest of each relation; outside a
                                       ///< transaction what another session has seen meanwhile
  std::vector<std::string> rewritten;  ///< tables and indexes that got a new file
  std::vector<std::string> built;      ///< new indexes of tables that were there
  std::vector<std::string> scanned;    ///< tables that were read from end to end
  std::vector<std::string> validated;  ///< foreign keys whose rows were all looked up
};

class StatementSink {
 public:
  virtual ~StatementSink() = default;
  StatementSink() = default;
  StatementSink(const StatementSink&) = delete;
  StatementSink& operator=(const StatementSink&) = delete;
  virtual void statement_seen(StatementSeen seen) = 0;
};

}  // namespace headway::engine
