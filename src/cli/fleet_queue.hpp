// What is to be done for many targets, handed out to several threads; it ends early when too many
// have failed, or a signal came.  Thread-safe.
#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/mutex.hpp"

namespace headway::cli {

/// Targets that are looked at together, on one connection, or one that gets a run of its own.
struct FleetJob {
  bool together = false;
  std::vector<std::size_t> targets;
};

class FleetQueue {
 public:
  /// `max_failures`: nothing is handed out any more once as many have failed; 0: no matter.
  FleetQueue(std::deque<FleetJob> jobs, std::size_t max_failures, std::stop_token stop)
      : max_failures_(max_failures), stop_(std::move(stop)), jobs_(std::move(jobs)) {}

  /// Waits as long as another thread may still add something.  Nothing: that was all.
  [[nodiscard]] std::optional<FleetJob> take();
  /// Behind all others.  Only by who has taken a job and not told that it is done.
  void add(FleetJob job);
  void failed();
  /// Of each job that was taken, once.
  void done();

 private:
  [[nodiscard]] bool over() const HEADWAY_REQUIRES(mutex_) {
    return stop_.stop_requested() || (max_failures_ > 0 && failures_ >= max_failures_);
  }

  const std::size_t max_failures_;
  const std::stop_token stop_;
  Mutex mutex_;
  Condition changed_;
  std::deque<FleetJob> jobs_ HEADWAY_GUARDED_BY(mutex_);
  std::size_t busy_ HEADWAY_GUARDED_BY(mutex_) = 0;
  std::size_t failures_ HEADWAY_GUARDED_BY(mutex_) = 0;
};

}  // namespace headway::cli
