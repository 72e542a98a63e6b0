#include "engine/workplace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/backoff.hpp"
#include "engine/cancel_repeater.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{30000};
constexpr int kRollbackAttempts = 3;

/// The label of headway_retries_total, empty for what another attempt does not help.
std::string_view retry_reason(ErrorId id) noexcept {
  switch (id) {
    case ErrorId::LockTimeout: return "lock_timeout";
    case ErrorId::Deadlock: return "deadlock";
    case ErrorId::Serialization: return "serialization";
    default: return {};
  }
}

/// At least twice the time it waited, so that those behind it in the queue are held up for a third
/// of the time at most; growing, up to half a minute.
Milliseconds pause_after(Milliseconds waited, Milliseconds next) {
  return std::max(std::min(waited * 2, kLongestPause), next);
}

void give_way(Workplace& place, ErrorInfo info, Milliseconds pause, int attempt) {
  place.context.observer.retrying(retry_reason(info.id), info, attempt, pause);
  place.context.clock.sleep(pause, place.stopping.token());
  place.stopping.check("what gave way to other sessions was not tried again");
}

}  // namespace

bool gives_way(ErrorId id) noexcept { return !retry_reason(id).empty(); }

bool is_lost(const Error& error) noexcept {
  return error.id() == ErrorId::ConnectionLost || error.id() == ErrorId::OutcomeUnknown;
}

void roll_back(Connection& connection) noexcept {
  for (int i = 0; i < kRollbackAttempts; ++i) {
    try {
      connection.rollback();
      return;
    } catch (const Error& error) {
      // A cancel that was on its way when its statement ended may hit the ROLLBACK.
      if (error.id() != ErrorId::Interrupted) return;
    }
  }
}

void in_transaction(Workplace& place, std::string_view modes, const std::function<void()>& body) {
  place.stopping.check_now("nothing was begun");
  try {
    const CancelRepeater cancel(place.stopping.now(), place.connection);
    place.connection.begin(modes);
    body();
    place.stopping.check_now("nothing was committed");
    place.connection.commit();
  } catch (...) {
    roll_back(place.connection);
    throw;
  }
  ++place.progress.commits;
}

ErrorInfo explained(Workplace& place, ErrorInfo info) {
  if (info.id == ErrorId::Interrupted && !place.stopping.now().stop_requested()) {
    if (auto reason = place.attendance.reason()) {
      place.connection.forget_cancel();
      info.id = ErrorId::LockTimeout;
      info.message = *std::move(reason);
      info.server_text.clear();  // that it was cancelled
      info.sqlstate.clear();
    }
  } else if (info.id == ErrorId::LockTimeout) {
    const std::string blockers = place.attendance.blockers();
    if (!blockers.empty()) info.message += "; it waited for " + blockers;
  }
  return info;
}

void give_way(Workplace& place, ErrorInfo info) {
  const auto waited = place.context.settings.lock_timeout.value_or(Milliseconds::zero());
  give_way(place, std::move(info), pause_after(waited, kFirstPause), ++place.progress.gave_way);
}

void with_lock_retries(Workplace& place, const std::function<void()>& body) {
  Context& context = place.context;
  std::optional<Clock::Steady> first_failure;
  Backoff backoff(kFirstPause, kLongestPause, context.random);
  for (int attempt = 1 + std::exchange(place.progress.gave_way, 0);; ++attempt) {
    ErrorInfo info;
    const auto begun = context.clock.steady();
    try {
      const Attendance::Yielding yielding(place.attendance);
      body();
      return;
    } catch (const Error& error) {
      info = explained(place, error.info());
      if (!gives_way(info.id)) throw;
    }
    const auto now = context.clock.steady();
    if (!first_failure) first_failure = now;
    const auto spent = std::chrono::duration_cast<Milliseconds>(now - *first_failure);
    const auto left = context.settings.lock_wait - spent;
    if (left <= Milliseconds::zero()) {
      info.message += fmt::format(" (gave up after {} attempts in {})", attempt, words(spent));
      throw Error(std::move(info));
    }
    const auto waited = std::min(std::chrono::duration_cast<Milliseconds>(now - begun),
                                 context.settings.lock_timeout.value_or(Milliseconds::zero()));
    give_way(place, std::move(info), std::min(left, pause_after(waited, backoff.next())), attempt);
  }
}

}  // namespace headway::engine
