#include "engine/replica_lag.hpp"

#include <algorithm>

namespace headway::engine {

std::optional<ReplicaLag::Behind> ReplicaLag::saw(Clock::Steady now,
                                                  const Replication& replication) {
  if (notes_.empty() || notes_.back().written < replication.written) {
    notes_.push_back({now, replication.written});
  }
  std::optional<Behind> worst;
  std::uint64_t least = replication.written;
  for (const Replication::Replica& replica : replication.replicas) {
    least = std::min(least, replica.replayed);
    if (replica.replayed >= replication.written) continue;
    const auto lacked = std::ranges::find_if(
        notes_, [&replica](const Note& note) { return note.written > replica.replayed; });
    Milliseconds lag = replica.reported.value_or(Milliseconds::zero());
    if (lacked != notes_.end()) {
      lag = std::max(lag, std::chrono::duration_cast<Milliseconds>(now - lacked->at));
    }
    if (!worst || lag > worst->lag) worst = Behind{replica.name, lag};
  }
  while (!notes_.empty() && notes_.front().written <= least) notes_.pop_front();
  return worst;
}

}  // namespace headway::engine
