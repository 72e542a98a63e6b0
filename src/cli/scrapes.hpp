// How often /metrics was read, for who stays until it was.
#pragma once
#include <cstddef>
#include <stop_token>

#include "base/clock.hpp"
#include "base/mutex.hpp"

namespace headway::cli {

/// Thread-safe.
class Scrapes {
 public:
  void count();
  /// Returns when two have come from now on (Prometheus has then seen the end whatever it does with
  /// a first sample), `longest` has passed, or a stop is requested.
  void await_two(Milliseconds longest, const std::stop_token& stop);

 private:
  Mutex mutex_;
  Condition changed_;
  std::size_t count_ HEADWAY_GUARDED_BY(mutex_) = 0;
};

}  // namespace headway::cli
