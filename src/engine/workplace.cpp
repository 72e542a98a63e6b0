#include "engine/workplace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

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

void with_lock_retries(Workplace& place, const std::function<void()>& body) {
  Context& context = place.context;
  std::optional<Clock::Steady> first_failure;
  Backoff backoff(kFirstPause, kLongestPause, context.random);
  for (int attempt = 1;; ++attempt) {
    ErrorInfo info;
    try {
      body();
      return;
    } catch (const Error& error) {
      if (retry_reason(error.id()).empty()) throw;
      info = error.info();
    }
    if (!first_failure) first_failure = context.clock.steady();
    const auto spent =
        std::chrono::duration_cast<Milliseconds>(context.clock.steady() - *first_failure);
    const auto left = context.settings.lock_wait - spent;
    if (left <= Milliseconds::zero()) {
      info.message += fmt::format(" (gave up after {} attempts in {})", attempt, words(spent));
      throw Error(std::move(info));
    }
    const auto pause = std::min(left, backoff.next());
    context.observer.retrying(retry_reason(info.id), info, attempt, pause);
    context.clock.sleep(pause, place.stopping.token());
    place.stopping.check("what gave way to other sessions was not tried again");
  }
}

}  // namespace headway::engine
