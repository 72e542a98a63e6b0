// The locks of a session outside a transaction, where nothing is left of them when its statement
// has ended: looked at from another session, as fast as that goes.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "postgres/scratch.hpp"
#include "sql/locks.hpp"

namespace headway::postgres {

/// "AccessShareLock", as pg_locks names it; nothing for what is no mode of a relation's lock.
[[nodiscard]] std::optional<sql::LockMode> lock_mode_of(std::string_view name) noexcept;

class LockSampler {
 public:
  /// By OID of the relation; the strongest that was seen.
  using Seen = std::map<std::string, sql::LockMode, std::less<>>;

  /// A connection to the same database that nobody else uses; outlives this.
  explicit LockSampler(ScratchServer& server) : server_(server) {}

  /// From here on a thread looks at the session of this backend.
  void begin(int backend);
  /// What was seen; a lock that was held for less than a round trip may be missing, and all of them
  /// if the connection has failed.
  [[nodiscard]] Seen end();

 private:
  ScratchServer& server_;
  Seen seen_;
  std::jthread thread_;  // reads and writes seen_ while it lives
};

}  // namespace headway::postgres
