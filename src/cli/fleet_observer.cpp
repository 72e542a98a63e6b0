#include "cli/fleet_observer.hpp"

#include <algorithm>
#include <utility>

namespace headway::cli {

/// The observer of one target's run.
class FleetObserver::One final : public engine::Observer {
 public:
  One(FleetObserver& all, std::size_t target, std::unique_ptr<engine::Observer> log)
      : all_(all), target_(target), log_(std::move(log)) {}

  void state_changed(engine::State state) override { log_->state_changed(state); }
  void run_started(std::string_view command, std::string_view run_id) override {
    log_->run_started(command, run_id);
  }
  void connect_failed(const ErrorInfo& error, int attempt, Milliseconds next_try) override {
    log_->connect_failed(error, attempt, next_try);
    const MutexLock lock(all_.mutex_);
    if (all_.metrics_ != nullptr) all_.metrics_->connect_failed(error, attempt, next_try);
  }
  void connected(const engine::ServerInfo& server) override { log_->connected(server); }
  void database_up(bool up) override {
    log_->database_up(up);
    all_.database_up(target_, up);
  }
  void lock_waiting(const engine::LockAttempt& attempt, Milliseconds waited) override {
    log_->lock_waiting(attempt, waited);
    all_.lock_waited(target_, waited, false);
  }
  void lock_acquired(Milliseconds waited) override {
    log_->lock_acquired(waited);
    all_.lock_waited(target_, waited, true);
  }
  void lock_released() override {
    log_->lock_released();
    all_.lock_released(target_);
  }
  void schema_status(const engine::SchemaStatus& status) override {
    log_->schema_status(status);
    all_.schema_status(target_, status);
  }
  void planned(const migration::Plan& plan) override { log_->planned(plan); }
  void step_started(const engine::StepInfo& step) override {
    log_->step_started(step);
    all_.step_started(target_, step);
  }
  void statement_started(const engine::StepInfo& step, std::size_t index,
                         const engine::PreparedStatement& statement) override {
    log_->statement_started(step, index, statement);
  }
  void step_finished(const engine::StepInfo& step, Microseconds duration) override {
    log_->step_finished(step, duration);
    const MutexLock lock(all_.mutex_);
    if (all_.metrics_ != nullptr) all_.metrics_->step_finished(step, duration);
    all_.step_ended(target_);
  }
  void step_failed(const engine::StepInfo& step, const ErrorInfo& error,
                   Microseconds duration) override {
    log_->step_failed(step, error, duration);
    const MutexLock lock(all_.mutex_);
    if (all_.metrics_ != nullptr) all_.metrics_->step_failed(step, error, duration);
    all_.step_ended(target_);
  }
  void retrying(std::string_view reason, const ErrorInfo& error, int attempt,
                Milliseconds pause) override {
    log_->retrying(reason, error, attempt, pause);
    const MutexLock lock(all_.mutex_);
    if (all_.metrics_ != nullptr) all_.metrics_->retrying(reason, error, attempt, pause);
  }
  void warning(std::string_view id, std::string_view message) override {
    log_->warning(id, message);
  }
  void not_yet(std::string_view reason, Milliseconds waited) override {
    log_->not_yet(reason, waited);
  }
  void recovered(std::string_view message) override { log_->recovered(message); }
  void batch_finished(const engine::StepInfo& info, const engine::BatchReport& report) override {
    log_->batch_finished(info, report);
  }
  void activity(const engine::Activity& activity) override {
    log_->activity(activity);
    all_.around(target_, activity);
  }
  void unattended(const ErrorInfo& error) override { log_->unattended(error); }
  void run_finished(const engine::RunReport& report) override {
    log_->run_finished(report);
    const MutexLock lock(all_.mutex_);
    if (all_.metrics_ != nullptr) all_.metrics_->target_ended(report);
  }

 private:
  FleetObserver& all_;
  const std::size_t target_;
  const std::unique_ptr<engine::Observer> log_;
};

FleetObserver::FleetObserver(telemetry::Metrics* metrics, LiveView* live, const Clock& clock,
                             bool series)
    : metrics_(metrics), live_(live), clock_(clock), series_(series) {}

void FleetObserver::begin(std::string_view command, std::string_view run_id) {
  const MutexLock lock(mutex_);
  for (engine::Observer* observer :
       {static_cast<engine::Observer*>(metrics_), static_cast<engine::Observer*>(live_)}) {
    if (observer == nullptr) continue;
    observer->run_started(command, run_id);
    observer->state_changed(engine::State::Connecting);
  }
  if (metrics_ != nullptr) metrics_->targets(counts_);
}

void FleetObserver::resolved(const std::vector<std::string>& names) {
  const MutexLock lock(mutex_);
  counts_ = {.pending = names.size()};
  seen_.clear();
  for (const std::string& name : names) seen_.emplace_back().name = name;
  if (metrics_ != nullptr) {
    metrics_->targets(counts_);
    metrics_->state_changed(engine::State::Applying);
  }
  if (live_ != nullptr) live_->state_changed(engine::State::Applying);
}

std::unique_ptr<engine::Observer> FleetObserver::observe(std::size_t target,
                                                         std::unique_ptr<engine::Observer> log) {
  return std::make_unique<One>(*this, target, std::move(log));
}

void FleetObserver::begun() {
  const MutexLock lock(mutex_);
  --counts_.pending;
  ++counts_.running;
  if (metrics_ != nullptr) metrics_->targets(counts_);
}

void FleetObserver::again() {
  const MutexLock lock(mutex_);
  --counts_.failed;
  ++counts_.pending;
}

void FleetObserver::ended(std::size_t target, const TargetResult& result) {
  if (result.schema) schema_status(target, *result.schema);
  const MutexLock lock(mutex_);
  --counts_.running;
  const bool ok = result.state == TargetResult::State::Ok;
  ++(ok ? counts_.ok : counts_.failed);
  if (metrics_ == nullptr) return;
  metrics_->targets(counts_);
  if (!series_) return;
  const Seen& seen = seen_[target];
  metrics_->target_series(seen.name, ok);
  if (seen.schema) metrics_->target_series(seen.name, *seen.schema);
}

void FleetObserver::end(const FleetReport& report) {
  engine::RunReport whole;
  whole.command = report.command;
  whole.run_id = report.run_id;
  whole.started = report.started;
  whole.duration = report.duration;
  if (const ErrorInfo* error = report.deciding_error()) whole.error = *error;
  const MutexLock lock(mutex_);
  if (metrics_ != nullptr) metrics_->whole_ended(whole);
  if (live_ == nullptr) return;
  // Not before: some that are at head say nothing about the others.
  live_->schema_status(total_);
  live_->state_changed(whole.error ? engine::State::Failed : engine::State::Done);
  live_->run_finished(whole);
}

void FleetObserver::schema_status(std::size_t target, const engine::SchemaStatus& status) {
  const MutexLock lock(mutex_);
  Seen& seen = seen_[target];
  if (seen.schema) add(*seen.schema, -1);
  seen.schema = status;
  target_version_ = status.target_version;
  add(status, 1);
  tell_schema();
}

void FleetObserver::add(const engine::SchemaStatus& status, int sign) {
  const auto count = [sign](std::size_t& total, std::size_t by) {
    total = sign > 0 ? total + by : total - by;
  };
  count(total_.applied, status.applied);
  count(total_.pending, status.pending);
  count(total_.checksum_mismatches, status.checksum_mismatches);
  count(dirty_, status.dirty ? 1 : 0);
  count(ahead_, status.ahead ? 1 : 0);
  const auto at = currents_.try_emplace(status.current_version, 0).first;
  count(at->second, 1);
  if (at->second == 0) currents_.erase(at);
}

void FleetObserver::tell_schema() {
  total_.current_version = currents_.size() == 1 ? currents_.begin()->first : "mixed";
  total_.target_version = target_version_;
  total_.dirty = dirty_ > 0;
  total_.ahead = ahead_ > 0;
  if (metrics_ != nullptr) metrics_->schema_status(total_);
}

void FleetObserver::database_up(std::size_t target, bool up) {
  const MutexLock lock(mutex_);
  if (seen_[target].down == up) down_ = up ? down_ - 1 : down_ + 1;
  seen_[target].down = !up;
  if (metrics_ != nullptr) metrics_->database_up(down_ == 0);
  if (live_ != nullptr) live_->database_up(down_ == 0);
}

void FleetObserver::lock_waited(std::size_t target, Milliseconds waited, bool held) {
  const MutexLock lock(mutex_);
  Seen& seen = seen_[target];
  const Milliseconds more = std::max(waited - seen.waited, Milliseconds::zero());
  seen.waited = held ? Milliseconds::zero() : waited;
  if (held && !std::exchange(seen.locked, true)) ++locked_;
  if (metrics_ != nullptr) metrics_->locks(locked_ > 0, more);
}

void FleetObserver::lock_released(std::size_t target) {
  const MutexLock lock(mutex_);
  if (std::exchange(seen_[target].locked, false)) --locked_;
  if (metrics_ != nullptr) metrics_->locks(locked_ > 0, Milliseconds::zero());
}

void FleetObserver::step_started(std::size_t target, const engine::StepInfo& info) {
  const MutexLock lock(mutex_);
  const std::string& version = info.step.version.text();
  running_[target] = {version.empty() ? info.step.name : version, clock_.now()};
  tell_running();
}

void FleetObserver::step_ended(std::size_t target) {
  running_.erase(target);
  tell_running();
}

/// The one that has been running for longest is the one to be told of.
void FleetObserver::tell_running() {
  if (metrics_ == nullptr || running_.empty()) return;
  const auto oldest = std::ranges::min_element(
      running_, {}, [](const auto& running) { return running.second.since; });
  metrics_->migration_running(oldest->second.version, oldest->second.since);
}

/// All targets' sessions together; how far one command of many has come says nothing.
void FleetObserver::around(std::size_t target, const engine::Activity& activity) {
  const MutexLock lock(mutex_);
  if (activity.empty()) {
    around_.erase(target);
  } else {
    around_[target] = activity;
  }
  if (metrics_ == nullptr) return;
  engine::Activity all;
  for (const auto& [other, its] : around_) {
    all.blocking.insert(all.blocking.end(), its.blocking.begin(), its.blocking.end());
    all.blocked.insert(all.blocked.end(), its.blocked.begin(), its.blocked.end());
  }
  metrics_->activity(all);
}

}  // namespace headway::cli
