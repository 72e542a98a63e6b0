// What many runs tell at once, put together: one log with each target's name on its lines, and
// metrics that are sums, or the worst, of all.
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "cli/fleet.hpp"
#include "cli/live.hpp"
#include "telemetry/metrics.hpp"

namespace headway::cli {

/// Thread-safe, and outlives the observers that it makes.
class FleetObserver {
 public:
  /// `metrics` and `live` may be null; they and the clock outlive this.
  FleetObserver(telemetry::Metrics* metrics, LiveView* live, const Clock& clock, bool series);

  void begin(std::string_view command, std::string_view run_id);
  void resolved(const std::vector<std::string>& names);
  /// For the run of one target; `log` gets all of it.
  [[nodiscard]] std::unique_ptr<engine::Observer> observe(std::size_t target,
                                                          std::unique_ptr<engine::Observer> log);
  void begun();
  /// One that failed is tried again.
  void again();
  /// With what its history said, if it was read, and its error if it failed.
  void ended(std::size_t target, const TargetResult& result);
  void end(const FleetReport& report);

 private:
  class One;
  struct Step {
    std::string version;
    Timestamp since;
  };
  struct Seen {
    std::string name;
    std::optional<engine::SchemaStatus> schema;
    bool down = false;
    bool locked = false;
    Milliseconds waited{};
  };

  void schema_status(std::size_t target, const engine::SchemaStatus& status);
  void add(const engine::SchemaStatus& status, int sign) HEADWAY_REQUIRES(mutex_);
  void tell_schema() HEADWAY_REQUIRES(mutex_);
  void database_up(std::size_t target, bool up);
  void lock_waited(std::size_t target, Milliseconds waited, bool held);
  void lock_released(std::size_t target);
  void step_started(std::size_t target, const engine::StepInfo& step);
  void step_ended(std::size_t target) HEADWAY_REQUIRES(mutex_);
  void tell_running() HEADWAY_REQUIRES(mutex_);
  void around(std::size_t target, const engine::Activity& activity);

  telemetry::Metrics* const metrics_;
  LiveView* const live_;
  const Clock& clock_;
  const bool series_;
  Mutex mutex_;
  telemetry::TargetCounts counts_ HEADWAY_GUARDED_BY(mutex_);
  std::vector<Seen> seen_ HEADWAY_GUARDED_BY(mutex_);
  engine::SchemaStatus total_ HEADWAY_GUARDED_BY(mutex_);
  std::map<std::string, std::size_t> currents_ HEADWAY_GUARDED_BY(mutex_);
  std::string target_version_ HEADWAY_GUARDED_BY(mutex_);
  std::map<std::size_t, engine::Activity> around_ HEADWAY_GUARDED_BY(mutex_);  ///< by target
  std::map<std::size_t, Step> running_ HEADWAY_GUARDED_BY(mutex_);             ///< by target
  std::size_t dirty_ HEADWAY_GUARDED_BY(mutex_) = 0;
  std::size_t ahead_ HEADWAY_GUARDED_BY(mutex_) = 0;
  std::size_t down_ HEADWAY_GUARDED_BY(mutex_) = 0;
  std::size_t locked_ HEADWAY_GUARDED_BY(mutex_) = 0;
};

}  // namespace headway::cli
