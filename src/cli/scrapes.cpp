#include "cli/scrapes.hpp"

#include <chrono>

namespace headway::cli {

void Scrapes::count() {
  const MutexLock lock(mutex_);
  ++count_;
  changed_.notify_all();
}

void Scrapes::await_two(Milliseconds longest, const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  const std::stop_callback wake(stop, [this] {
    const MutexLock lock(mutex_);
    changed_.notify_all();
  });
  const MutexLock lock(mutex_);
  const std::size_t enough = count_ + 2;
  while (count_ < enough && !stop.stop_requested()) {
    if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return;
  }
}

}  // namespace headway::cli
