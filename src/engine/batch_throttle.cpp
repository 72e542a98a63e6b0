#include "engine/batch_throttle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/backoff.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kBetweenLooks{500};
constexpr Milliseconds kLongestPause{30000};

}  // namespace

std::optional<ReplicaLag::Behind> BatchThrottle::look() {
  looked_ = place_.context.clock.steady();
  Replication seen;
  std::string hidden;
  try {
    seen = place_.connection.read_replication();
    if (seen.hidden) hidden = "this role may not see them (GRANT pg_monitor lets it)";
  } catch (const Error& error) {
    if (is_lost(error) || error.id() == ErrorId::Interrupted) throw;
    hidden = error.info().message;
  }
  if (!hidden.empty()) {
    blind_ = true;
    place_.context.observer.warning(
        "replica-lag",
        fmt::format("how far replicas are behind can't be told, so batches don't wait for them: {}",
                    hidden));
    return std::nullopt;
  }
  return lag_.saw(*looked_, seen);
}

void BatchThrottle::wait_for_replicas(const std::function<void(const std::string&)>& tell) {
  Context& context = place_.context;
  const auto limit = context.settings.max_replica_lag;
  if (!limit || blind_) return;
  if (looked_ && context.clock.steady() - *looked_ < kBetweenLooks) return;
  bool waited = false;
  for (auto behind = look(); behind && behind->lag > *limit; behind = look()) {
    waited = true;
    const std::string waiting = fmt::format("waiting for the replica {}, which is {} behind",
                                            behind->name, words(behind->lag));
    tell(waiting);
    if (!told_of_replicas_) {
      context.observer.warning("replica-lag", waiting + " (--max-replica-lag)");
    }
    told_of_replicas_ = true;
    context.clock.sleep(kBetweenLooks, place_.stopping.token());
    place_.stopping.check("the next range of keys was not begun");
  }
  if (waited) tell({});
}

Milliseconds BatchThrottle::pause_for_others(Milliseconds duration) {
  const auto blocked = place_.attendance.take_blocked();
  if (!blocked) return Milliseconds::zero();
  const Milliseconds pause = std::clamp(duration * 2, kBetweenLooks, kLongestPause);
  if (!told_of_others_) {
    place_.context.observer.warning(
        "batch-blocks", fmt::format("the batch holds up {}: its ranges become smaller, and the "
                                    "pauses between them longer",
                                    *blocked));
  }
  told_of_others_ = true;
  return pause;
}

}  // namespace headway::engine
