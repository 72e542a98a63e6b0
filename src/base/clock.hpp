// Time as a collaborator, so that tests hold the hands of the clock.  Any thread may call.
#pragma once
#include <chrono>
#include <stop_token>

namespace headway {

using Milliseconds = std::chrono::milliseconds;
using Microseconds = std::chrono::microseconds;
/// A moment of wall-clock time, as PostgreSQL's timestamptz holds it.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  [[nodiscard]] virtual Steady steady() const = 0;
  /// Sleeps, at most until a stop is requested.  True: slept all of it; false: stopped.
  virtual bool sleep(Milliseconds duration, std::stop_token stop) = 0;
};

}  // namespace headway
