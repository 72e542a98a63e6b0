// What makes a batch wait between its ranges: replicas that are behind, and sessions that had to
// wait for it.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "engine/replica_lag.hpp"
#include "engine/workplace.hpp"

namespace headway::engine {

class BatchThrottle {
 public:
  /// Outlives this.
  explicit BatchThrottle(Workplace& place) : place_(place) {}

  /// Returns when no replica is further behind than it may be; to be called outside of a
  /// transaction.  `tell` gets whom it waits for, and an empty text when that is over.  Throws
  /// Error Interrupted.
  void wait_for_replicas(const std::function<void(const std::string&)>& tell);

  /// For how long to wait because others had to wait for the range that took `duration`: so that
  /// they are held up for a third of the time at most.  Zero if nobody was seen waiting.
  [[nodiscard]] Milliseconds pause_for_others(Milliseconds duration);

 private:
  [[nodiscard]] std::optional<ReplicaLag::Behind> look();

  Workplace& place_;
  ReplicaLag lag_;
  std::optional<Clock::Steady> looked_;
  bool blind_ = false;  // of replicas nothing can be seen
  bool told_of_replicas_ = false;
  bool told_of_others_ = false;
};

}  // namespace headway::engine
