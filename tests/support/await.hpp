// Instead of sleeping: wait until something holds.
#pragma once
#include <algorithm>
#include <chrono>
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace headway::testing {

inline constexpr std::chrono::seconds kAwaitPatience{30};

/// Asks `condition` until it is true.  When the time is over it throws std::runtime_error naming
/// what was awaited, which fails the test.
///   await("a waiter has registered", [&] { return value(url, "select ...") == "1"; });
template <std::predicate Condition>
void await(std::string_view what, Condition condition,
           std::chrono::milliseconds timeout = kAwaitPatience) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (auto pause = std::chrono::milliseconds{1}; !condition();
       pause = std::min(pause * 2, std::chrono::milliseconds{50})) {
    if (std::chrono::steady_clock::now() >= deadline) {
      throw std::runtime_error("awaited in vain: " + std::string(what));
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace headway::testing
