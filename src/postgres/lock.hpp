// The migration lock: a session-level advisory lock, tried and never waited for, because a session
// that waits inside pg_advisory_lock() holds a snapshot, and CREATE INDEX CONCURRENTLY waits for
// that for ever.
#pragma once
#include <optional>
#include <string>

#include "engine/connection.hpp"
#include "postgres/connector.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

struct LockAnswer {
  bool acquired = false;
  int backend_pid = 0;
  bool in_recovery = false;
};

class AdvisoryLock {
 public:
  AdvisoryLock(Wire& wire, LockKey key) : wire_(wire), key_(key) {}

  LockAnswer try_acquire();
  /// Asks pg_locks whether this very backend has it: one row, one boolean.
  [[nodiscard]] std::string held_sql() const;
  std::optional<engine::LockHolder> holder();
  void release();

 private:
  Wire& wire_;
  LockKey key_;
};

}  // namespace headway::postgres
