// Where steps are executed: one connection under the lock, and the ways to try things there.
#pragma once
#include <cstddef>
#include <functional>
#include <string_view>

#include "engine/attendance.hpp"
#include "engine/connection.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"
#include "migration/history.hpp"

namespace headway::engine {

class KeptSettings;
class LockHold;

/// What this process knows for certain because it did it itself, also after a lost connection.
struct Progress {
  std::size_t commits = 0;  ///< how a retry knows that something was achieved
  // Of the migration that is executed statement by statement:
  migration::Version version;
  int attempt = 0;        ///< of its row
  std::size_t begun = 0;  ///< statements that were sent
  int gave_way = 0;       ///< attempts of the next step that were sent ahead and gave way
};

/// All outlive the execution.
struct Workplace {
  Context& context;
  Connection& connection;
  const Stopping& stopping;
  const migration::History& history;  ///< what the plan was made from
  Progress& progress;
  Attendance& attendance;
  LockHold* rehearsal = nullptr;  ///< not null: nothing of it is to stay
  KeptSettings* kept = nullptr;   ///< null: one migration leaves nothing for the next
};

/// BEGIN, body, COMMIT.  Whatever is thrown, nothing stays open and nothing of it is committed,
/// unless it is OutcomeUnknown.  A request to stop now cancels what runs and rolls back.
void in_transaction(Workplace& place, std::string_view modes, const std::function<void()>& body);

/// Rolls back if a transaction is open; throws nothing: a connection that is gone has rolled back.
void roll_back(Connection& connection) noexcept;

/// Tells of an attempt that gave way while it was sent ahead, and pauses.
void give_way(Workplace& place, ErrorInfo info);

/// Runs `body`, which leaves nothing behind when it throws, again after a lock timeout, a deadlock
/// or a serialization failure, until lock_wait is spent.
void with_lock_retries(Workplace& place, const std::function<void()>& body);

/// `info`, or what lies behind it: a statement that was cancelled for the sake of others is a lock
/// timeout, and a lock timeout names whom it waited for.
[[nodiscard]] ErrorInfo explained(Workplace& place, ErrorInfo info);

/// The error of a migration that gave way to other sessions, and may be tried again.
[[nodiscard]] bool gives_way(ErrorId id) noexcept;

/// The connection is gone, or will be of no more use.
[[nodiscard]] bool is_lost(const Error& error) noexcept;

}  // namespace headway::engine
