// Patience is a place's, not a target's: when one tenant has tried in vain for all of
// --connect-timeout to reach a server, the others of that server get one attempt each.
#include "cli/fleet_runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <thread>
#include <utility>

#include "cli/adapters.hpp"
#include "cli/config_file.hpp"
#include "cli/error_text.hpp"
#include "cli/fleet_report.hpp"
#include "cli/http_routes.hpp"
#include "cli/identity.hpp"
#include "engine/backoff.hpp"
#include "telemetry/log.hpp"
#include "telemetry/termination_log.hpp"

namespace headway::cli {
namespace {

/// As many histories are asked for before the answers are read: enough that the way there and back
/// does not count, few enough that their answers do not either.
constexpr std::size_t kTogether = 50;
constexpr Milliseconds kFirstPause{100};
constexpr Milliseconds kLongestPause{3000};
constexpr Milliseconds kShortestAttempt{1000};

bool is_usual(const TargetPlace& place) {
  return place.url.empty() && place.url_file.empty() && place.directory.empty();
}

void set(postgres::Keywords& keywords, std::string_view keyword, const std::string& value) {
  std::erase_if(keywords, [keyword](const auto& pair) { return pair.first == keyword; });
  keywords.emplace_back(keyword, value);
}

std::size_t shard_index(const Settings& settings, const Variables& variables) {
  if (settings.shard_count == 1) return settings.shard_index.value_or(0);
  if (settings.shard_index) return *settings.shard_index;
  const std::string* index = find_variable(variables, "JOB_COMPLETION_INDEX");
  if (index == nullptr) {
    throw Error(
        ErrorId::BadConfiguration,
        fmt::format("which of the {} shards this process is, is not said", settings.shard_count))
        .next("Set --shard-index, or run as an Indexed Job, which sets JOB_COMPLETION_INDEX.");
  }
  // The option's own reading, with the variable's name in its message.
  const Option& option = *find_option("shard-index");
  Settings read;
  option.apply(read, {option, *index, {Origin::Layer::Variable, "JOB_COMPLETION_INDEX", {}}});
  return *read.shard_index;
}

}  // namespace

FleetRuntime::FleetRuntime(const Invocation& invocation, Runtime::Access access)
    : invocation_(invocation),
      settings_(invocation.settings),
      access_(access),
      run_id_(random_uuid()),
      random_(std::random_device{}()),
      started_(clock_.steady()) {
  // First of all, because threads inherit the signal mask.
  signals_ = server::watch_signals(settings_.drain, settings_.shutdown_timeout);
  // A person wants the summary; who asks for a log gets the log.
  logs_ = !invocation_.err_is_terminal || settings_.log_format || settings_.log_level;
  log_ = make_log(settings_.name);
  if (!settings_.metrics_file.empty() || !settings_.pushgateway_url.empty() ||
      !settings_.http.empty()) {
    const Build build = build_info();
    metrics_ = telemetry::make_metrics(
        {settings_.name, std::string(build.version), std::string(build.revision)});
    metrics_->shards(settings_.shard_count);
  }
  if (!settings_.http.empty()) {
    live_ = std::make_unique<LiveView>(settings_.name, clock_, settings_.phases);
  }
  observer_ = std::make_unique<FleetObserver>(metrics_.get(), live_.get(), clock_,
                                              settings_.metrics_per_target);
  engine_settings_ = engine_settings(settings_, run_name(invocation_.command), run_id_);
  report_.command = engine_settings_.command;
  report_.run_id = run_id_;
  report_.started = clock_.now();
  observer_->begin(report_.command, run_id_);
  if (live_ != nullptr) {
    http_ = server::start_http_server(settings_.http,
                                      [this](std::string_view path) { return respond(path); });
  }
  for (const std::string& warning : invocation_.warnings) warn("configuration", warning);
}

FleetRuntime::~FleetRuntime() = default;

std::unique_ptr<engine::Observer> FleetRuntime::make_log(const std::string& database) const {
  const bool quiet = access_ == Runtime::Access::Read || !logs_;
  telemetry::LogSettings log =
      log_settings(invocation_, quiet ? telemetry::LogLevel::Warning : telemetry::LogLevel::Info);
  log.database = database;
  return telemetry::make_log_observer(log);
}

/// Of a target whose run never began; a run tells of its end itself.
void FleetRuntime::log_failure(const std::string& target, const ErrorInfo& error) const {
  if (!logs_ || access_ != Runtime::Access::Write) return;
  telemetry::LogSettings log = log_settings(invocation_, telemetry::LogLevel::Error);
  log.database = target;
  telemetry::log_error(log, error);
}

server::HttpResponse FleetRuntime::respond(std::string_view path) {
  if (path != "/metrics") return cli::respond(path, live_->status(), clock_.now());
  scrapes_.count();
  return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_->render()};
}

// ---- who they are ----

postgres::ConnectionParameters FleetRuntime::locate(const Target& target) {
  const TargetPlace& place = groups_[target.group].place;
  postgres::DatabasePlaces places = database_places(settings_, invocation_.variables);
  if (!is_usual(place)) {
    places.url = place.url;
    places.url_source = place.url_source;
    places.url_file = place.url_file;
    places.directory = place.directory;
  }
  postgres::ConnectionParameters parameters = postgres::locate(places);
  if (!target.database.empty()) set(parameters.keywords, "dbname", target.database);
  if (!places_[target.group]->warned.exchange(true)) {
    for (const std::string& warning : parameters.warnings) warn("database-url", warning);
    if (!parameters.unverified.empty()) warn("unverified-server", parameters.unverified);
  }
  return parameters;
}

postgres::ConnectorSettings FleetRuntime::connector_settings(const Target& target) {
  postgres::ConnectorSettings s = cli::connector_settings(invocation_, run_id_);
  s.parameters = [this, &target] { return locate(target); };
  if (!target.history_schema.empty()) s.history_schema = target.history_schema;
  if (!target.history_table.empty()) s.history_table = target.history_table;
  if (!target.schema.empty()) {
    s.search_path = {target.schema};
    s.search_path.insert(s.search_path.end(), settings_.search_path.begin(),
                         settings_.search_path.end());
  }
  s.read_only = access_ != Runtime::Access::Write;
  s.history_ahead = true;
  return s;
}

std::unique_ptr<postgres::FleetReader> FleetRuntime::connect_reader(const Target& target,
                                                                    std::mt19937_64& random) {
  Place& place = *places_[target.group];
  const engine::Settings budget = patience(place);
  engine::Backoff backoff(kFirstPause, kLongestPause, random);
  const auto begun = clock_.steady();
  const postgres::ConnectorSettings settings = connector_settings(target);
  for (int attempt = 1;; ++attempt) {
    ErrorInfo info;
    try {
      return postgres::connect_reader(settings, signals_->soon(),
                                      std::max(budget.connect_timeout, kShortestAttempt));
    } catch (const Error& error) {
      info = error.info();
    }
    const engine::RetryClass retry = engine::retry_class(info);
    const Milliseconds patience = retry == engine::RetryClass::Authentication
                                      ? std::min(budget.auth_retry, budget.connect_timeout)
                                      : budget.connect_timeout;
    const auto spent = std::chrono::duration_cast<Milliseconds>(clock_.steady() - begun);
    if (retry == engine::RetryClass::Never || spent >= patience) {
      lose_patience(place, info);
      throw Error(std::move(info));
    }
    const Milliseconds pause = std::min(backoff.next(), patience - spent);
    {
      const MutexLock lock(mutex_);
      log_->connect_failed(info, attempt, pause);
    }
    if (!clock_.sleep(pause, signals_->soon())) {
      throw Error(ErrorId::Interrupted, "stopped before the targets were known");
    }
  }
}

std::vector<std::string> FleetRuntime::ask(const TargetGroup& group, std::size_t index) {
  Target asked;
  asked.group = index;
  try {
    const auto reader = connect_reader(asked, random_);
    const std::stop_callback cancel(signals_->soon(), [&reader] { reader->cancel(); });
    return reader->list(group.query);
  } catch (const Error& error) {
    ErrorInfo info = error.info();
    if (info.where.file.empty()) info.where = group.where;
    throw Error(std::move(info));
  }
}

void FleetRuntime::read_targets() {
  shard_ = shard_index(settings_, invocation_.variables);
  if (shard_ >= settings_.shard_count) {
    throw Error(ErrorId::BadConfiguration, fmt::format("there is no shard {} of {}, from 0 on",
                                                       shard_, settings_.shard_count));
  }
  groups_ = parse_targets(read_config(settings_.targets), settings_.targets);
  const bool tables_named =
      settings_.history_schema != find_option("history-schema")->default_value ||
      settings_.history_table != find_option("history-table")->default_value;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const TargetGroup& group = groups_[i];
    places_.push_back(std::make_unique<Place>());
    if (is_usual(group.place)) {
      postgres::require_database(database_places(settings_, invocation_.variables));
    } else if (!group.place.url.empty()) {
      // What is wrong with a URL is wrong before anything runs.
      (void)postgres::parse_database_url(group.place.url, group.place.url_source);
    }
    const std::vector<std::string> names = group.query.empty() ? group.listed : ask(group, i);
    for (Target& target : targets_of(group, i, names)) {
      if (tables_named && !target.schema.empty()) {
        throw Error(ErrorId::BadConfiguration,
                    "--history-schema and --history-table don't say where tenants' histories are")
            .at(group.where)
            .next("Write history-schema and history-table, with {schema}, into the targets file.");
      }
      targets_.push_back(std::move(target));
    }
  }
  require_distinct_names(targets_, groups_);
  report_.elsewhere = targets_.size();
  std::erase_if(targets_, [this](const Target& target) {
    return shard_of(target.name, settings_.shard_count) != shard_;
  });
  report_.elsewhere -= targets_.size();
  std::vector<std::string> names;
  for (const Target& target : targets_) {
    names.push_back(target.name);
    report_.results.emplace_back().name = target.name;
  }
  observer_->resolved(names);
}

// ---- the work ----

engine::Settings FleetRuntime::patience(Place& place) const {
  engine::Settings out = engine_settings_;
  if (place.unreachable) out.connect_timeout = Milliseconds::zero();
  if (place.refused) out.auth_retry = Milliseconds::zero();
  return out;
}

void FleetRuntime::lose_patience(Place& place, const ErrorInfo& error) {
  if (error.id == ErrorId::Unreachable) place.unreachable = true;
  if (error.id == ErrorId::AuthenticationFailed) place.refused = true;
}

class FleetRuntime::Worker {
 public:
  Worker(FleetRuntime& fleet, FleetQueue& queue, const FleetTask& task)
      : fleet_(fleet), queue_(queue), task_(task), random_(std::random_device{}()) {}

  void operator()() {
    while (const auto job = queue_.take()) {
      if (job->together) {
        look_at(job->targets);
      } else {
        reader_.reset();
        run(job->targets.front());
      }
      queue_.done();
    }
  }

 private:
  /// Those that it does not settle get a run of their own.
  void look_at(const std::vector<std::size_t>& targets) {
    std::vector<std::optional<engine::HistorySnapshot>> snapshots(targets.size());
    const auto begun = fleet_.clock_.steady();
    try {
      snapshots = read(targets);
    } catch (...) {
      // What stands in the way is told by the runs of their own.
      reader_.reset();
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (snapshots[i] && settle(targets[i], *snapshots[i], begun)) continue;
      queue_.add({false, {targets[i]}});
    }
  }

  std::vector<std::optional<engine::HistorySnapshot>> read(
      const std::vector<std::size_t>& targets) {
    const Target& first = fleet_.targets_[targets.front()];
    if (reader_ == nullptr || group_ != first.group) {
      reader_.reset();
      reader_ = fleet_.connect_reader(first, random_);
      group_ = first.group;
    }
    const bool fit = task_.writes ? reader_->is_plain_primary() : reader_->is_direct();
    std::vector<postgres::HistoryPlace> places;
    for (const std::size_t target : targets) {
      const Target& t = fleet_.targets_[target];
      places.push_back({t.history_schema, t.history_table});
    }
    if (!fit) return std::vector<std::optional<engine::HistorySnapshot>>(targets.size());
    const std::stop_callback cancel(fleet_.signals_->now(), [this] { reader_->cancel(); });
    return reader_->read(places);
  }

  bool settle(std::size_t target, const engine::HistorySnapshot& snapshot, Clock::Steady begun) {
    std::optional<TargetResult> result;
    try {
      result = task_.look(snapshot);
    } catch (...) {
      result = failure(current_error());
    }
    if (!result) return false;
    fleet_.observer_->begun();
    ended(target, std::move(*result), begun);
    return true;
  }

  static TargetResult failure(ErrorInfo error) {
    TargetResult out;
    out.state = TargetResult::State::Failed;
    out.error = std::move(error);
    return out;
  }

  void run(std::size_t target) {
    const Target& t = fleet_.targets_[target];
    Place& place = *fleet_.places_[t.group];
    const auto begun = fleet_.clock_.steady();
    fleet_.observer_->begun();
    TargetResult result;
    try {
      const auto connector = postgres::make_connector(fleet_.connector_settings(t));
      const auto observer = fleet_.observer_->observe(target, fleet_.make_log(t.name));
      engine::Context context{*connector,
                              *observer,
                              clock_,
                              random_,
                              {fleet_.signals_->soon(), fleet_.signals_->now()},
                              fleet_.patience(place)};
      if (!t.schema.empty()) context.settings.adopt.only_near = true;  // other tenants' lie beside
      result = task_.run(context);
    } catch (...) {
      result = failure(current_error());
      fleet_.log_failure(t.name, *result.error);
    }
    if (result.error) fleet_.lose_patience(place, *result.error);
    ended(target, std::move(result), begun);
  }

  /// Each target belongs to one thread at a time, so does its result.
  void ended(std::size_t target, TargetResult result, Clock::Steady begun) {
    result.name = fleet_.targets_[target].name;
    result.duration = std::chrono::duration_cast<Milliseconds>(fleet_.clock_.steady() - begun);
    if (result.state == TargetResult::State::Failed) queue_.failed();
    fleet_.observer_->ended(target, result);
    fleet_.report_.results[target] = std::move(result);
  }

  FleetRuntime& fleet_;
  FleetQueue& queue_;
  const FleetTask& task_;
  SystemClock clock_;
  std::mt19937_64 random_;
  std::unique_ptr<postgres::FleetReader> reader_;  ///< of group_
  std::size_t group_ = 0;
};

/// Tenants of one database in the order of the file, some at a time; then all others, one by one.
std::deque<FleetJob> FleetRuntime::jobs(const std::vector<std::size_t>& which,
                                        const FleetTask& task) const {
  std::deque<FleetJob> together;
  std::deque<FleetJob> alone;
  for (const std::size_t target : which) {
    const Target& t = targets_[target];
    if (t.schema.empty() || !task.look || groups_[t.group].kind != TargetGroup::Kind::Schemas) {
      alone.push_back({false, {target}});
      continue;
    }
    if (together.empty() || together.back().targets.size() == kTogether ||
        targets_[together.back().targets.front()].group != t.group) {
      together.push_back({true, {}});
    }
    together.back().targets.push_back(target);
  }
  together.insert(together.end(), std::make_move_iterator(alone.begin()),
                  std::make_move_iterator(alone.end()));
  return together;
}

void FleetRuntime::work(const std::vector<std::size_t>& which, const FleetTask& task) {
  FleetQueue queue(jobs(which, task), settings_.max_failures, signals_->soon());
  const std::size_t threads = std::min(settings_.concurrency, which.size());
  std::vector<std::jthread> workers;
  workers.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    workers.emplace_back([this, &queue, &task] { Worker(*this, queue, task)(); });
  }
}

void FleetRuntime::run(const FleetTask& task) {
  std::vector<std::size_t> all(targets_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  work(all, task);
}

void FleetRuntime::run_again(const FleetTask& task,
                             const std::function<bool(const TargetResult&)>& which) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!which(report_.results[i])) continue;
    chosen.push_back(i);
    observer_->again();
  }
  work(chosen, task);
}

const FleetReport& FleetRuntime::finish() {
  const auto counts = report_.counts();
  if (!report_.stopped && signals_->soon().stop_requested() && counts.not_started > 0) {
    report_.stopped.emplace();
    report_.stopped->id = ErrorId::Interrupted;
    report_.stopped->message =
        fmt::format("stopped; {} not begun", count_of(counts.not_started, "target"));
  }
  report_.duration = std::chrono::duration_cast<Milliseconds>(clock_.steady() - started_);
  observer_->end(report_);
  if (access_ == Runtime::Access::Read || !logs_) return report_;
  const ErrorInfo* error = report_.deciding_error();
  telemetry::log_targets(log_settings(invocation_, telemetry::LogLevel::Info),
                         {.command = report_.command,
                          .run_id = report_.run_id,
                          .exit_code = error == nullptr ? 0 : error->exit_code(),
                          .total = counts.total,
                          .ok = counts.ok,
                          .failed = counts.failed,
                          .not_started = counts.not_started,
                          .steps = counts.done,
                          .duration = report_.duration});
  return report_;
}

// ---- telling ----

void FleetRuntime::warn_once(std::string_view id, const std::string& message) {
  const MutexLock lock(mutex_);
  if (warned_.insert(message).second) log_->warning(id, message);
}

void FleetRuntime::write_termination_log(int exit_code) noexcept {
  try {
    const auto counts = report_.counts();
    const ErrorInfo* error = report_.deciding_error();
    telemetry::Termination ending;
    ending.outcome = counts.changed > 0 ? "done" : "nothing-to-do";
    if (error != nullptr) {
      ending.outcome = error->kind() == Kind::Interrupted ? "interrupted" : "failed";
      if (exit_code == 0) ending.outcome = "degraded";
      ending.error = *error;
    }
    ending.exit_code = exit_code;
    ending.command = invocation_.command.name;
    ending.database = settings_.name;
    ending.applied = counts.done;
    ending.targets = {counts.total, counts.ok, counts.failed, {}};
    if (const TargetResult* result = report_.deciding_result()) {
      ending.targets->failed_target = result->name;
    }
    ending.headway_version = build_info().version;
    if (!telemetry::write_termination_log(settings_.termination_log,
                                          telemetry::termination_line(ending))) {
      warn("termination-log", fmt::format("can't write {}", settings_.termination_log));
    }
  } catch (...) {
    return;  // the exit code tells, too
  }
}

void FleetRuntime::publish() noexcept {
  if (metrics_ == nullptr) return;
  const bool news = report_.counts().changed > 0 || report_.deciding_error() != nullptr;
  cli::publish(*metrics_, invocation_, news, *log_,
               settings_.shard_count > 1 ? std::optional(shard_) : std::nullopt);
}

void FleetRuntime::await_scrapes(Milliseconds longest) {
  if (http_ != nullptr) scrapes_.await_two(longest, signals_->soon());
}

}  // namespace headway::cli
