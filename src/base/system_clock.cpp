#include "base/system_clock.hpp"

#include <condition_variable>
#include <mutex>

namespace headway {

Timestamp SystemClock::now() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Clock::Steady SystemClock::steady() const { return std::chrono::steady_clock::now(); }

bool SystemClock::sleep(Milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wakeup;
  std::unique_lock lock(mutex);
  return !wakeup.wait_for(lock, stop, duration, [&stop] { return stop.stop_requested(); });
}

}  // namespace headway
