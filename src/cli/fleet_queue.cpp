#include "cli/fleet_queue.hpp"

#include <utility>

namespace headway::cli {

std::optional<FleetJob> FleetQueue::take() {
  const MutexLock lock(mutex_);
  while (jobs_.empty() && busy_ > 0 && !over()) changed_.wait(mutex_);
  if (jobs_.empty() || over()) return std::nullopt;
  FleetJob job = std::move(jobs_.front());
  jobs_.pop_front();
  ++busy_;
  return job;
}

void FleetQueue::add(FleetJob job) {
  const MutexLock lock(mutex_);
  jobs_.push_back(std::move(job));
  changed_.notify_one();
}

void FleetQueue::failed() {
  const MutexLock lock(mutex_);
  ++failures_;
}

void FleetQueue::done() {
  const MutexLock lock(mutex_);
  --busy_;
  changed_.notify_all();
}

}  // namespace headway::cli
