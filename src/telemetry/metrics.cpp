// Every counter and label combination exists from the beginning, so that rate() and absent() mean
// what they say; a timestamp does not exist before its first event, so that nothing looks as if it
// had happened in 1970.
//
// One mutex covers writes and rendering: a scrape sees the state set with exactly one state in it.
#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "telemetry/process_metrics.hpp"
#include "telemetry/text.hpp"

namespace headway::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;
using prometheus::MetricFamily;

constexpr std::array kStates{engine::State::Connecting, engine::State::WaitingLock,
                             engine::State::Validating, engine::State::Applying,
                             engine::State::Done,       engine::State::Failed};
constexpr std::array<std::string_view, 3> kResults{"success", "failure", "skipped"};
constexpr std::array<std::string_view, 13> kErrorClasses{
    "config", "connection", "auth",  "lock",   "lock_timeout", "statement_timeout", "deadlock",
    "sql",    "checksum",   "order", "policy", "interrupted",  "internal"};
constexpr std::array<std::string_view, 6> kRetryReasons{
    "connect", "auth", "lock_timeout", "deadlock", "serialization", "connection_lost"};
constexpr std::array<std::string_view, 4> kTargetStates{"pending", "running", "ok", "failed"};

/// What a Pushgateway gets: how the run ended, and nothing that only a scrape over time can use.
constexpr auto kPushed = std::to_array<std::string_view>({
    "headway_last_run_timestamp_seconds",
    "headway_last_success_timestamp_seconds",
    "headway_last_run_duration_seconds",
    "headway_last_run_success",
    "headway_last_run_exit_code",
    "headway_migrations_applied",
    "headway_migrations_pending",
    "headway_schema_info",
    "headway_schema_version",
    "headway_schema_dirty",
    "headway_state",
    "headway_targets",
    "headway_shards",
});

double unix_seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <typename Duration>
double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// The version as a number, if it is one that a double holds exactly.
std::optional<double> exact_number(std::string_view version) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 53U;
  std::uint64_t value = 0;
  const char* const end = version.data() + version.size();
  const auto [stop, error] = std::from_chars(version.data(), end, value);
  if (version.empty() || error != std::errc{} || stop != end || value > kLimit) return std::nullopt;
  return static_cast<double>(value);
}

/// False for stamp's steps, which only write the history.
bool runs_sql(const migration::Step& step) {
  return step.action != migration::Step::Action::Insert &&
         step.action != migration::Step::Action::Adopt &&
         step.action != migration::Step::Action::Remove;
}

/// A family whose one member comes and goes.
class Optional {
 public:
  explicit Optional(prometheus::Family<Gauge>& family) : family_(family) {}

  void set(double value, const Labels& labels = {}) {
    if (gauge_ != nullptr && labels != labels_) clear();
    if (gauge_ == nullptr) gauge_ = &family_.Add(labels);
    labels_ = labels;
    gauge_->Set(value);
  }
  void clear() {
    if (gauge_ != nullptr) family_.Remove(gauge_);
    gauge_ = nullptr;
  }

 private:
  prometheus::Family<Gauge>& family_;
  Gauge* gauge_ = nullptr;
  Labels labels_;
};

std::string serialize(std::vector<MetricFamily> families) {
  std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
  std::ranges::sort(families, {}, &MetricFamily::name);
  for (MetricFamily& family : families) {
    std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
  }
  return prometheus::TextSerializer().Serialize(families);
}

class PrometheusMetrics final : public Metrics {
 public:
  explicit PrometheusMetrics(const MetricsSettings& settings)
      : database_{{"database", valid_utf8(settings.database)}} {
    family("headway_build_info", "The version of Headway that runs; always 1.", {})
        .Add({{"version", valid_utf8(settings.version)},
              {"revision", valid_utf8(settings.revision)}})
        .Set(1);
    for (const engine::State state : kStates) {
      states_.push_back(&state_family_.Add({{"state", std::string(engine::state_name(state))}}));
    }
    add_all(executed_, executed_family_, "result", kResults);
    add_all(errors_, errors_family_, "class", kErrorClasses);
    add_all(retries_, retries_family_, "reason", kRetryReasons);
    for (const std::string_view state : kTargetStates) {
      targets_.emplace_back(state, &targets_family_.Add({{"state", std::string(state)}}));
    }
  }

  [[nodiscard]] std::string render() const override {
    std::vector<MetricFamily> families;
    {
      const MutexLock lock(mutex_);
      families = registry_.Collect();
    }
    for (MetricFamily& process : process_metrics()) families.push_back(std::move(process));
    return serialize(std::move(families));
  }

  [[nodiscard]] std::string render_for_push() const override {
    std::vector<MetricFamily> families;
    {
      const MutexLock lock(mutex_);
      families = registry_.Collect();
      // An absent metric leaves the one of the last success where it is.
      if (!succeeded_) {
        std::erase_if(families, [](const MetricFamily& f) {
          return f.name == "headway_last_success_timestamp_seconds";
        });
      }
    }
    std::erase_if(families, [](const MetricFamily& family) {
      return std::ranges::find(kPushed, family.name) == kPushed.end();
    });
    return serialize(std::move(families));
  }

  void push_failed() override { push_failures_.Increment(); }

  void state_changed(engine::State state) override {
    const MutexLock lock(mutex_);
    set_state(state);
  }

  void run_started(std::string_view, std::string_view) override {
    const MutexLock lock(mutex_);
    run_start_.set(unix_seconds_now());
    lock_waited_ = Milliseconds::zero();
    succeeded_ = false;
    set_target("running");
  }

  void connect_failed(const ErrorInfo& error, int, Milliseconds next_try) override {
    const MutexLock lock(mutex_);
    database_up_.Set(0);
    if (next_try <= Milliseconds::zero()) return;
    const bool auth = engine::retry_class(error) == engine::RetryClass::Authentication;
    increment(retries_, auth ? "auth" : "connect");
  }

  void connected(const engine::ServerInfo&) override { database_up_.Set(1); }
  void database_up(bool up) override { database_up_.Set(up ? 1 : 0); }

  void lock_waiting(const engine::LockAttempt&, Milliseconds waited) override {
    const MutexLock lock(mutex_);
    count_lock_wait(waited);
  }

  void lock_acquired(Milliseconds waited) override {
    const MutexLock lock(mutex_);
    count_lock_wait(waited);
    lock_waited_ = Milliseconds::zero();
    lock_held_.Set(1);
  }

  void lock_released() override { lock_held_.Set(0); }

  void schema_status(const engine::SchemaStatus& status) override {
    const MutexLock lock(mutex_);
    schema_info_.set(1, {{"current_version", valid_utf8(status.current_version)},
                         {"target_version", valid_utf8(status.target_version)}});
    if (const auto number = exact_number(status.current_version)) {
      schema_version_.set(*number);
    } else {
      schema_version_.clear();
    }
    applied_.Set(static_cast<double>(status.applied));
    pending_.Set(static_cast<double>(status.pending));
    mismatches_.Set(static_cast<double>(status.checksum_mismatches));
    dirty_.Set(status.dirty ? 1 : 0);
  }

  void step_started(const engine::StepInfo& info) override {
    const MutexLock lock(mutex_);
    const std::string& version = info.step.version.text();
    step_start_.set(unix_seconds_now(),
                    {{"version", valid_utf8(version.empty() ? info.step.name : version)}});
  }

  void step_finished(const engine::StepInfo& info, Microseconds duration) override {
    const MutexLock lock(mutex_);
    step_start_.clear();
    if (!runs_sql(info.step)) return;
    duration_.Observe(seconds(duration));
    increment(executed_, "success");
  }

  void step_failed(const engine::StepInfo&, const ErrorInfo& error, Microseconds) override {
    const MutexLock lock(mutex_);
    step_start_.clear();
    increment(executed_, "failure");
    if (error.kind() == Kind::HalfApplied) dirty_.Set(1);
  }

  void retrying(std::string_view reason, const ErrorInfo&, int, Milliseconds) override {
    const MutexLock lock(mutex_);
    increment(retries_, reason);
  }

  void activity(const engine::Activity& activity) override {
    blocking_.Set(static_cast<double>(activity.blocking.size()));
    blocked_.Set(static_cast<double>(activity.blocked.size()));
    progress_.Set(activity.progress ? activity.progress->ratio.value_or(0) : 0);
  }

  void run_finished(const engine::RunReport& report) override {
    const MutexLock lock(mutex_);
    count_ended(report);
    note_ended(report);
    set_target(succeeded_ ? "ok" : "failed");
  }

  void targets(const TargetCounts& counts) override {
    const MutexLock lock(mutex_);
    for (const auto& [name, gauge] : targets_) {
      std::size_t count = counts.failed;
      if (name == "pending") count = counts.pending;
      if (name == "running") count = counts.running;
      if (name == "ok") count = counts.ok;
      gauge->Set(static_cast<double>(count));
    }
  }

  void shards(std::size_t count) override {
    const MutexLock lock(mutex_);
    shards_.set(static_cast<double>(count));
  }

  void target_ended(const engine::RunReport& report) override {
    const MutexLock lock(mutex_);
    count_ended(report);
  }

  void target_series(const std::string& name, const engine::SchemaStatus& status) override {
    const Labels labels{{"target", valid_utf8(name)}};
    target_applied_.Add(labels).Set(static_cast<double>(status.applied));
    target_pending_.Add(labels).Set(static_cast<double>(status.pending));
  }

  void target_series(const std::string& name, bool succeeded) override {
    target_success_.Add({{"target", valid_utf8(name)}}).Set(succeeded ? 1 : 0);
  }

  void whole_ended(const engine::RunReport& report) override {
    const MutexLock lock(mutex_);
    note_ended(report);
  }

  void locks(bool held, Milliseconds newly_waited) override {
    lock_held_.Set(held ? 1 : 0);
    if (newly_waited > Milliseconds::zero()) lock_wait_.Increment(seconds(newly_waited));
  }

  void migration_running(std::string_view version, Timestamp since) override {
    const MutexLock lock(mutex_);
    step_start_.set(seconds(since.time_since_epoch()), {{"version", valid_utf8(version)}});
  }

 private:
  template <typename T>
  using Members = std::vector<std::pair<std::string_view, T*>>;

  prometheus::Family<Gauge>& family(const std::string& name, const std::string& help,
                                    const Labels& labels) {
    return prometheus::BuildGauge().Name(name).Help(help).Labels(labels).Register(registry_);
  }
  prometheus::Family<Gauge>& family(const std::string& name, const std::string& help) {
    return family(name, help, database_);
  }
  Gauge& gauge(const std::string& name, const std::string& help) {
    return family(name, help).Add({});
  }
  prometheus::Family<Counter>& counters(const std::string& name, const std::string& help,
                                        const Labels& labels) {
    return prometheus::BuildCounter().Name(name).Help(help).Labels(labels).Register(registry_);
  }

  template <typename Names>
  static void add_all(Members<Counter>& members, prometheus::Family<Counter>& family,
                      const std::string& label, const Names& names) {
    for (const std::string_view name : names) {
      members.emplace_back(name, &family.Add({{label, std::string(name)}}));
    }
  }

  /// A name outside the table counts nowhere: the set of label values is bounded.
  static void increment(const Members<Counter>& members, std::string_view name, double by = 1) {
    for (const auto& [known, counter] : members) {
      if (known == name) counter->Increment(by);
    }
  }

  /// Of each database.
  void count_ended(const engine::RunReport& report) HEADWAY_REQUIRES(mutex_) {
    increment(executed_, "skipped", static_cast<double>(report.remaining_steps.size()));
    if (report.error) increment(errors_, report.error->metric_class());
  }

  /// Of the run.
  void note_ended(const engine::RunReport& report) HEADWAY_REQUIRES(mutex_) {
    const double now = unix_seconds_now();
    succeeded_ = !report.error;
    step_start_.clear();
    lock_held_.Set(0);
    last_run_.set(now);
    if (succeeded_) last_success_.set(now);
    last_duration_.set(seconds(report.duration));
    last_result_.set(succeeded_ ? 1 : 0);
    last_exit_code_.set(report.exit_code());
    set_state(succeeded_ ? engine::State::Done : engine::State::Failed);
  }

  void set_state(engine::State state) HEADWAY_REQUIRES(mutex_) {
    for (std::size_t i = 0; i < kStates.size(); ++i) states_[i]->Set(kStates[i] == state ? 1 : 0);
  }

  void set_target(std::string_view state) HEADWAY_REQUIRES(mutex_) {
    for (const auto& [name, gauge] : targets_) gauge->Set(name == state ? 1 : 0);
  }

  /// `waited` is the whole wait so far; the counter grows by what is new in it.
  void count_lock_wait(Milliseconds waited) HEADWAY_REQUIRES(mutex_) {
    if (waited <= lock_waited_) return;
    lock_wait_.Increment(seconds(waited - lock_waited_));
    lock_waited_ = waited;
  }

  const Labels database_;
  prometheus::Registry registry_;
  mutable Mutex mutex_;

  prometheus::Family<Gauge>& state_family_ =
      family("headway_state", "What Headway is doing: 1 for the state it is in, 0 for all others.");
  prometheus::Family<Counter>& executed_family_ =
      counters("headway_migrations_executed_total",
               "Migrations that were run, by result; skipped: planned but not reached.", database_);
  prometheus::Family<Counter>& errors_family_ =
      counters("headway_errors_total", "Runs that failed, by class of error.", database_);
  prometheus::Family<Counter>& retries_family_ =
      counters("headway_retries_total", "Attempts that were repeated, by reason.", database_);
  prometheus::Family<Gauge>& targets_family_ =
      family("headway_targets", "Databases of this run, by how far they are.");

  // A thousand databases are a thousand series, so only where they were asked for.
  prometheus::Family<Gauge>& target_success_ =
      family("headway_target_success", "1 if the run of this target succeeded, 0 if it failed.");
  prometheus::Family<Gauge>& target_applied_ =
      family("headway_target_migrations_applied", "Migrations in the history of this target.");
  prometheus::Family<Gauge>& target_pending_ =
      family("headway_target_migrations_pending",
             "Migrations that are still to be applied to this target.");

  std::vector<Gauge*> states_ HEADWAY_GUARDED_BY(mutex_);
  Members<Counter> executed_ HEADWAY_GUARDED_BY(mutex_);
  Members<Counter> errors_ HEADWAY_GUARDED_BY(mutex_);
  Members<Counter> retries_ HEADWAY_GUARDED_BY(mutex_);
  Members<Gauge> targets_ HEADWAY_GUARDED_BY(mutex_);

  Optional shards_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_shards",
             "Among how many processes the databases of a run over many are divided.")};
  Optional schema_info_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_schema_info", "The schema's version, and the one it is to reach; always 1.")};
  Optional schema_version_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_schema_version", "The schema's version, if it is a number.")};
  Gauge& applied_ = gauge("headway_migrations_applied", "Migrations in the history.");
  Gauge& pending_ = gauge("headway_migrations_pending", "Migrations that are still to be applied.");
  Gauge& dirty_ =
      gauge("headway_schema_dirty", "1 if a migration outside a transaction stopped half-way.");
  Gauge& mismatches_ = gauge("headway_checksum_mismatches",
                             "Applied migrations whose file is not what was applied.");
  Gauge& database_up_ = gauge("headway_database_up", "1 if the last attempt to connect succeeded.");
  Optional run_start_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_run_start_timestamp_seconds", "When the last run started, in Unix time.")};
  Optional last_run_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_last_run_timestamp_seconds", "When the last run ended, in Unix time.")};
  Optional last_success_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_last_success_timestamp_seconds",
             "When the last run that succeeded ended, in Unix time.")};
  Optional last_duration_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_last_run_duration_seconds", "How long the last run took.")};
  Optional last_result_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_last_run_success", "1 if the last run succeeded, 0 if it failed.")};
  Optional last_exit_code_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_last_run_exit_code", "The exit code of the last run.")};
  Optional step_start_ HEADWAY_GUARDED_BY(mutex_){
      family("headway_migration_start_timestamp_seconds",
             "When the migration that runs now started, in Unix time; absent while none runs.")};
  Histogram& duration_ = prometheus::BuildHistogram()
                             .Name("headway_migration_duration_seconds")
                             .Help("How long migrations took that succeeded.")
                             .Labels(database_)
                             .Register(registry_)
                             .Add({}, Histogram::BucketBoundaries{.01, .05, .1, .5, 1, 5, 15, 60,
                                                                  300, 900, 3600, 14400});
  Counter& lock_wait_ = counters("headway_lock_wait_seconds_total",
                                 "Time spent waiting for the migration lock.", database_)
                            .Add({});
  Gauge& lock_held_ = gauge("headway_lock_held", "1 while this process holds the migration lock.");
  // Written by what watches a running statement; 0 while nothing does.
  Gauge& blocking_ =
      gauge("headway_blocking_sessions", "Sessions that the running migration waits for.");
  Gauge& blocked_ =
      gauge("headway_blocked_sessions", "Sessions that wait for the running migration.");
  Gauge& progress_ =
      gauge("headway_progress_ratio",
            "How far the running statement is, from 0 to 1, where the server tells.");
  Counter& push_failures_ =
      counters("headway_metrics_push_failures_total", "Pushes to the Pushgateway that failed.", {})
          .Add({});

  Milliseconds lock_waited_ HEADWAY_GUARDED_BY(mutex_){};  ///< counted of the wait that goes on
  bool succeeded_ HEADWAY_GUARDED_BY(mutex_) = false;      ///< the last run
};

}  // namespace

std::unique_ptr<Metrics> make_metrics(const MetricsSettings& settings) {
  return std::make_unique<PrometheusMetrics>(settings);
}

}  // namespace headway::telemetry
