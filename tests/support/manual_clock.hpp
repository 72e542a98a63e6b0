// A clock that stands still until somebody sleeps; what happens meanwhile is up to the test.
#pragma once
#include <functional>
#include <vector>

#include "base/clock.hpp"

namespace headway::testing {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] Steady steady() const override { return steady_; }

  /// Returns at once, later by `duration`; calls `on_sleep` first.
  bool sleep(Milliseconds duration, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    sleeps.push_back(duration);
    if (on_sleep) on_sleep(sleeps.size());
    if (stop.stop_requested()) return false;
    advance(duration);
    return true;
  }

  void advance(Milliseconds duration) {
    now_ += duration;
    steady_ += duration;
  }

  std::vector<Milliseconds> sleeps;
  std::function<void(std::size_t)> on_sleep;  ///< with the number of sleeps, this one included

 private:
  Timestamp now_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
  Steady steady_{};
};

}  // namespace headway::testing
