#include "engine/connecting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/backoff.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kFirstPause{100};
constexpr Milliseconds kLongestPause{3000};
constexpr Milliseconds kShortestAttempt{1000};

std::unique_ptr<Connection> attempt(Context& context, const Stopping& stopping, Needs needs,
                                    Milliseconds left) {
  auto connection = context.connector.connect(stopping.token(), std::max(left, kShortestAttempt));
  if (needs == Needs::Writing && connection->server().in_recovery) {
    throw Error(ErrorId::ReadOnly,
                fmt::format("{} is a standby in recovery", context.connector.description()));
  }
  return connection;
}

[[noreturn]] void give_up(ErrorInfo info, int attempts, Milliseconds spent) {
  if (attempts > 1) {
    info.message += fmt::format(" (gave up after {} attempts in {})", attempts, words(spent));
  }
  throw Error(std::move(info));
}

}  // namespace

std::unique_ptr<Connection> connect(Context& context, const Stopping& stopping, Needs needs) {
  const auto started = context.clock.steady();
  std::optional<Clock::Steady> first_refusal;  // of our credentials
  Backoff backoff(kFirstPause, kLongestPause, context.random);
  const auto since = [&context](Clock::Steady from) {
    return std::chrono::duration_cast<Milliseconds>(context.clock.steady() - from);
  };
  for (int attempts = 1;; ++attempts) {
    stopping.check("no connection was made");
    ErrorInfo info;
    try {
      auto connection =
          attempt(context, stopping, needs, context.settings.connect_timeout - since(started));
      context.observer.database_up(true);
      context.observer.connected(connection->server());
      return connection;
    } catch (const Error& error) {
      info = error.info();
    }
    stopping.check("no connection was made");
    context.observer.database_up(false);
    const auto retry = retry_class(info);
    if (retry == RetryClass::Never) throw Error(std::move(info));
    auto left = context.settings.connect_timeout - since(started);
    if (retry == RetryClass::Authentication) {
      if (!first_refusal) first_refusal = context.clock.steady();
      left = std::min(left, context.settings.auth_retry - since(*first_refusal));
    } else {
      first_refusal.reset();
    }
    if (left <= Milliseconds::zero()) give_up(std::move(info), attempts, since(started));
    const auto pause = std::min(left, backoff.next());
    context.observer.connect_failed(info, attempts, pause);
    context.clock.sleep(pause, stopping.token());
  }
}

}  // namespace headway::engine
