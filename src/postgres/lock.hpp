// The migration lock: a session-level advisory lock, tried and never waited for, because a session
// that waits inside pg_advisory_lock() holds a snapshot, and CREATE INDEX CONCURRENTLY waits for
// that for ever.
#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/connection.hpp"
#include "postgres/connector.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// The lock is taken twice.  Whether a session still has it is then told, at no cost, by letting go
/// of one and taking it again: pg_locks would list every lock of the server, and the other one
/// keeps the lock ours meanwhile.
class AdvisoryLock {
 public:
  AdvisoryLock(Wire& wire, LockKey key) : wire_(wire), key_(key) {}

  /// One row: whether it was taken, the process id, whether the server is in recovery.  With
  /// `only_pid` no other backend takes it.
  [[nodiscard]] std::string try_sql(std::optional<int> only_pid) const;
  /// Whether this very backend has it: one row, one boolean.
  [[nodiscard]] std::string held_sql() const;
  std::optional<engine::LockHolder> holder();
  /// Makes this session hear of every release() by another one from here on.
  void listen();
  /// Waits until something was heard.  False: not within `longest`, stopped, or the connection is
  /// lost.
  bool await_release(Milliseconds longest, const std::stop_token& stop);
  /// And tells those who listen.
  void release();

 private:
  [[nodiscard]] std::string call(std::string_view function) const;
  [[nodiscard]] std::string channel() const;

  Wire& wire_;
  LockKey key_;
};

}  // namespace headway::postgres
