// The migration lock: polled, never waited for inside the server, and released with its scope.
#pragma once
#include <functional>
#include <memory>

#include "engine/connection.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

/// A connection, and the lock while it is held.  Letting go of either never throws.
class Session {
 public:
  explicit Session(Observer& observer) : observer_(observer) {}
  ~Session() { drop(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void use(std::unique_ptr<Connection> connection) { connection_ = std::move(connection); }
  [[nodiscard]] bool connected() const noexcept { return connection_ != nullptr; }
  [[nodiscard]] bool locked() const noexcept { return locked_; }
  /// REQUIRES: connected().
  [[nodiscard]] Connection& connection() const { return *connection_; }

  void set_locked() { locked_ = true; }
  void unlock() noexcept;
  void drop() noexcept;

 private:
  Observer& observer_;
  std::unique_ptr<Connection> connection_;
  bool locked_ = false;
};

/// Polls for the lock until lock_wait is spent.  After the first two seconds it lets go of the
/// connection between polls: a slot belongs to the application.
/// Returns false if `not_needed` says, on a later poll, that there is nothing left to do; empty:
/// never asked.  Adds what it waited to `waited`.  Throws LockBusy naming the holder, Interrupted.
bool acquire_lock(Context& context, const Stopping& stopping, Session& session,
                  const std::function<bool(Connection&)>& not_needed, Milliseconds& waited);

}  // namespace headway::engine
