#include "engine/locking.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/backoff.hpp"
#include "engine/connecting.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kFirstPause{200};
constexpr Milliseconds kLongestPause{5000};
/// Most runs are over by then, and who waits connected has the news at once.
constexpr Milliseconds kConnectedWait{2000};

Error busy(const LockAttempt& attempt, Milliseconds waited) {
  const std::string holder =
      attempt.holder ? attempt.holder->text() : std::string("a session that this role can't see");
  std::string since;
  if (attempt.holder && attempt.holder->since) {
    since = fmt::format(" since {:%Y-%m-%d %H:%M:%S} UTC",
                        std::chrono::time_point_cast<std::chrono::seconds>(*attempt.holder->since));
  }
  return {ErrorId::LockBusy, fmt::format("the migration lock is held by {}{}; waited {}", holder,
                                         since, words(waited))};
}

}  // namespace

void Session::unlock() noexcept {
  if (!locked_) return;
  locked_ = false;
  connection_->unlock();
  observer_.lock_released();
}

void Session::drop() noexcept {
  unlock();
  connection_.reset();
}

bool acquire_lock(Context& context, const Stopping& stopping, Session& session,
                  const std::function<bool(Connection&)>& not_needed, Milliseconds& waited) {
  const auto started = context.clock.steady();
  const auto before = waited;
  Backoff backoff(kFirstPause, kLongestPause, context.random);
  for (bool first = true;; first = false) {
    stopping.check("the lock was not taken");
    if (!session.connected()) session.use(connect(context, stopping, Needs::Writing));
    if (!first && not_needed && not_needed(session.connection())) return false;
    const LockAttempt attempt = session.connection().try_lock();
    const auto spent = std::chrono::duration_cast<Milliseconds>(context.clock.steady() - started);
    waited = before + spent;
    if (attempt.acquired) {
      session.set_locked();
      context.observer.lock_acquired(spent);
      return true;
    }
    context.observer.lock_waiting(attempt, spent);
    const auto left = context.settings.lock_wait - spent;
    if (left <= Milliseconds::zero()) throw busy(attempt, spent);
    if (spent < kConnectedWait && session.connection().await_release(
                                      std::min(left, kConnectedWait - spent), stopping.token())) {
      continue;
    }
    // Between polls the slot belongs to the application.
    session.drop();
    context.clock.sleep(std::min(left, backoff.next()), stopping.token());
  }
}

}  // namespace headway::engine
