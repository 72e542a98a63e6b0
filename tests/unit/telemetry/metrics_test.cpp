#include "telemetry/metrics.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "unit/telemetry/simulated_run.hpp"

using namespace headway;
using namespace headway::telemetry;
using namespace headway::testing;

namespace {

std::unique_ptr<Metrics> metrics() { return make_metrics({"hive", "1.2.3", "abc123"}); }

/// `name{labels}` -> value of everything in the text.
std::map<std::string, std::string> samples(const std::string& text) {
  std::map<std::string, std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t blank = line.rfind(' ');
    REQUIRE(blank != std::string::npos);
    CHECK(out.emplace(line.substr(0, blank), line.substr(blank + 1)).second);
  }
  return out;
}

std::set<std::string> names(const std::string& text) {
  std::set<std::string> out;
  for (const auto& [key, value] : samples(text)) out.insert(key.substr(0, key.find('{')));
  return out;
}

bool has(const std::string& text, const std::string& name) { return names(text).count(name) == 1; }

const std::string kDatabase = R"({database="hive"})";

}  // namespace

TEST_CASE("everything that can start at 0 is there from the beginning") {
  const auto all = samples(metrics()->render());
  for (const auto* name : {"schema_dirty", "checksum_mismatches", "migrations_applied",
                           "migrations_pending", "database_up", "lock_wait_seconds_total",
                           "lock_held", "blocking_sessions", "blocked_sessions", "progress_ratio",
                           "migration_duration_seconds_count", "migration_duration_seconds_sum"}) {
    CAPTURE(name);
    CHECK(all.at(std::string("headway_") + name + kDatabase) == "0");
  }
  const auto expect = [&](const std::string& name, const std::string& label,
                          std::initializer_list<const char*> values) {
    std::size_t found = 0;
    for (const auto& [key, value] : all) found += key.starts_with(name + '{') ? 1 : 0;
    CHECK(found == values.size());
    for (const char* value : values) {
      CAPTURE(value);
      CHECK(all.at(name + "{database=\"hive\"," + label + "=\"" + value + "\"}") == "0");
    }
  };
  expect("headway_state", "state",
         {"connecting", "waiting_lock", "validating", "applying", "done", "failed"});
  expect("headway_migrations_executed_total", "result", {"success", "failure", "skipped"});
  expect("headway_errors_total", "class",
         {"config", "connection", "auth", "lock", "lock_timeout", "statement_timeout", "deadlock",
          "sql", "checksum", "order", "policy", "interrupted", "internal"});
  expect("headway_retries_total", "reason",
         {"connect", "auth", "lock_timeout", "deadlock", "serialization", "connection_lost"});
  expect("headway_targets", "state", {"pending", "running", "ok", "failed"});
  CHECK(all.at("headway_metrics_push_failures_total") == "0");
  CHECK(all.at(R"(headway_build_info{revision="abc123",version="1.2.3"})") == "1");
}

TEST_CASE("what has not happened has no sample, HELP or TYPE") {
  const std::string text = metrics()->render();
  for (const auto* name : {"run_start_timestamp_seconds", "last_run_timestamp_seconds",
                           "last_success_timestamp_seconds", "last_run_duration_seconds",
                           "last_run_success", "last_run_exit_code",
                           "migration_start_timestamp_seconds", "schema_info", "schema_version"}) {
    CAPTURE(name);
    CHECK(text.find(std::string("headway_") + name) == std::string::npos);
  }
}

TEST_CASE("every error class and error id has its counter") {
  for (const ErrorIdInfo& id : all_error_ids()) {
    CAPTURE(id.text);
    const auto subject = metrics();
    engine::RunReport report;
    report.error = ErrorInfo{};
    report.error->id = id.id;
    subject->run_finished(report);
    int sum = 0;
    for (const auto& [key, value] : samples(subject->render())) {
      if (key.starts_with("headway_errors_total{")) sum += std::stoi(value);
    }
    CHECK(sum == 1);
  }
}

TEST_CASE("the histogram has the buckets that alerts are written against") {
  const auto subject = metrics();
  const migration::Step applied = step("1", "a");
  subject->step_finished({applied, 0, 1, 1}, std::chrono::seconds{400});
  const auto all = samples(subject->render());
  std::set<std::string> bounds;
  for (const auto& [key, value] : all) {
    const std::string prefix = R"(headway_migration_duration_seconds_bucket{database="hive",le=")";
    if (!key.starts_with(prefix)) continue;
    const std::string bound = key.substr(prefix.size(), key.size() - prefix.size() - 2);
    bounds.insert(bound);
    CHECK(value ==
          (bound == "900" || bound == "3600" || bound == "14400" || bound == "+Inf" ? "1" : "0"));
  }
  CHECK(bounds == std::set<std::string>{"0.01", "0.05", "0.1", "0.5", "1", "5", "15", "60", "300",
                                        "900", "3600", "14400", "+Inf"});
}

TEST_CASE("a run that succeeded") {
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  const std::string text = subject->render();
  const auto all = samples(text);
  CHECK(all.at("headway_last_run_success" + kDatabase) == "1");
  CHECK(all.at("headway_last_run_exit_code" + kDatabase) == "0");
  CHECK(all.at("headway_last_run_duration_seconds" + kDatabase) == "1.5");
  CHECK(all.at("headway_migrations_applied" + kDatabase) == "3");
  CHECK(all.at("headway_migrations_pending" + kDatabase) == "0");
  CHECK(all.at("headway_lock_wait_seconds_total" + kDatabase) == "0.7");
  CHECK(all.at("headway_lock_held" + kDatabase) == "0");
  CHECK(all.at("headway_database_up" + kDatabase) == "1");
  CHECK(all.at("headway_schema_version" + kDatabase) == "20261122093001");
  CHECK(all.at(R"(headway_schema_info{database="hive",current_version="20261122093001",)"
               R"(target_version="20261122093001"})") == "1");
  CHECK(all.at(R"(headway_migrations_executed_total{database="hive",result="success"})") == "2");
  CHECK(all.at(R"(headway_retries_total{database="hive",reason="connect"})") == "1");
  CHECK(all.at(R"(headway_state{database="hive",state="done"})") == "1");
  CHECK(all.at(R"(headway_targets{database="hive",state="ok"})") == "1");
  CHECK(all.at("headway_migration_duration_seconds_count" + kDatabase) == "2");
  CHECK(has(text, "headway_last_success_timestamp_seconds"));
  CHECK_FALSE(has(text, "headway_migration_start_timestamp_seconds"));
  const double ended = std::stod(all.at("headway_last_run_timestamp_seconds" + kDatabase));
  CHECK(ended > 1.7e9);
  CHECK(ended >= std::stod(all.at("headway_run_start_timestamp_seconds" + kDatabase)));
}

TEST_CASE("a run that failed leaves no success behind") {
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Failure);
  const std::string text = subject->render();
  const auto all = samples(text);
  CHECK(all.at("headway_last_run_success" + kDatabase) == "0");
  CHECK(all.at("headway_last_run_exit_code" + kDatabase) == "20");
  CHECK(all.at("headway_migrations_pending" + kDatabase) == "1");
  CHECK(all.at(R"(headway_migrations_executed_total{database="hive",result="failure"})") == "1");
  CHECK(all.at(R"(headway_errors_total{database="hive",class="sql"})") == "1");
  CHECK(all.at(R"(headway_state{database="hive",state="failed"})") == "1");
  CHECK(all.at(R"(headway_state{database="hive",state="done"})") == "0");
  CHECK(all.at(R"(headway_targets{database="hive",state="failed"})") == "1");
  CHECK_FALSE(has(text, "headway_last_success_timestamp_seconds"));
}

TEST_CASE("a migration shows when it started only while it runs") {
  const auto subject = metrics();
  const migration::Step running = step("7", "slow");
  subject->step_started({running, 0, 1, 1});
  const auto all = samples(subject->render());
  CHECK(std::stod(all.at(
            R"(headway_migration_start_timestamp_seconds{database="hive",version="7"})")) > 1.7e9);
  subject->step_failed({running, 0, 1, 1}, sql_error(), Microseconds{1});
  CHECK_FALSE(has(subject->render(), "headway_migration_start_timestamp_seconds"));
}

TEST_CASE("exactly one version and one state stand at a time") {
  const auto subject = metrics();
  subject->schema_status({"1", "2", 1, 1, 0, false, false});
  subject->schema_status({"2", "2", 2, 0, 3, true, false});
  subject->state_changed(engine::State::Connecting);
  subject->state_changed(engine::State::WaitingLock);
  const auto all = samples(subject->render());
  int infos = 0;
  int states = 0;
  for (const auto& [key, value] : all) {
    infos += key.starts_with("headway_schema_info{") ? 1 : 0;
    states += key.starts_with("headway_state{") ? std::stoi(value) : 0;
  }
  CHECK(infos == 1);
  CHECK(states == 1);
  CHECK(all.at(R"(headway_state{database="hive",state="waiting_lock"})") == "1");
  CHECK(all.at("headway_schema_dirty" + kDatabase) == "1");
  CHECK(all.at("headway_checksum_mismatches" + kDatabase) == "3");
}

TEST_CASE("the version is a number only where a double holds it exactly") {
  const auto version = [](const std::string& text) -> std::string {
    const auto subject = metrics();
    subject->schema_status({text, text, 1, 0, 0, false, false});
    const auto all = samples(subject->render());
    const auto found = all.find("headway_schema_version" + kDatabase);
    return found == all.end() ? "absent" : found->second;
  };
  CHECK(version("20261122093000") == "20261122093000");
  CHECK(version("0042") == "42");
  CHECK(version("9007199254740992") == "9007199254740992");
  CHECK(version("9007199254740993") == "absent");
  CHECK(version("99999999999999999999999") == "absent");
  CHECK(version("base") == "absent");
  CHECK(version("12ab") == "absent");
  CHECK(version("") == "absent");
}

TEST_CASE("the lock's wait adds up over polls and over waits") {
  const auto subject = metrics();
  subject->run_started("upgrade", "id");
  subject->lock_waiting({}, Milliseconds{500});
  subject->lock_waiting({}, Milliseconds{1500});
  CHECK(samples(subject->render()).at("headway_lock_wait_seconds_total" + kDatabase) == "1.5");
  subject->lock_acquired(Milliseconds{2000});
  CHECK(samples(subject->render()).at("headway_lock_held" + kDatabase) == "1");
  subject->lock_released();
  subject->lock_waiting({}, Milliseconds{250});
  CHECK(samples(subject->render()).at("headway_lock_wait_seconds_total" + kDatabase) == "2.25");
}

TEST_CASE("a last attempt to connect is a failure, not a retry") {
  const auto subject = metrics();
  ErrorInfo refused;
  refused.id = ErrorId::AuthenticationFailed;
  subject->connect_failed(refused, 1, Milliseconds{100});
  subject->connect_failed(refused, 2, Milliseconds{0});
  const auto all = samples(subject->render());
  CHECK(all.at(R"(headway_retries_total{database="hive",reason="auth"})") == "1");
  CHECK(all.at(R"(headway_retries_total{database="hive",reason="connect"})") == "0");
  CHECK(all.at("headway_database_up" + kDatabase) == "0");
}

TEST_CASE("stamping writes rows and runs nothing") {
  using Action = migration::Step::Action;
  const auto subject = metrics();
  const migration::Step stamped = step("5", "a", Action::Insert);
  subject->step_finished({stamped, 0, 1, 0}, Microseconds{1});
  const auto all = samples(subject->render());
  CHECK(all.at(R"(headway_migrations_executed_total{database="hive",result="success"})") == "0");
  CHECK(all.at("headway_migration_duration_seconds_count" + kDatabase) == "0");
}

TEST_CASE("labels hold any bytes") {
  const auto subject = make_metrics({"a\"b\\c\nd\xff", "1", ""});
  const std::string text = subject->render();
  CHECK(text.find(R"(headway_database_up{database="a\"b\\c\nd)"
                  "\uFFFD"
                  R"("} 0)") != std::string::npos);
}

TEST_CASE("the process tells of itself") {
  const std::string text = metrics()->render();
  for (const auto* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_virtual_memory_bytes", "process_open_fds", "process_max_fds",
                           "process_start_time_seconds"}) {
    CAPTURE(name);
    CHECK(has(text, name));
  }
  const auto all = samples(text);
  CHECK(std::stod(all.at("process_resident_memory_bytes")) > 100'000);
  CHECK(std::stod(all.at("process_open_fds")) >= 3);
  CHECK(std::stod(all.at("process_start_time_seconds")) > 1.7e9);
}

TEST_CASE("a push holds the outcome and nothing else") {
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  CHECK(names(subject->render_for_push()) ==
        std::set<std::string>{
            "headway_last_run_timestamp_seconds", "headway_last_success_timestamp_seconds",
            "headway_last_run_duration_seconds", "headway_last_run_success",
            "headway_last_run_exit_code", "headway_migrations_applied",
            "headway_migrations_pending", "headway_schema_info", "headway_schema_version",
            "headway_schema_dirty", "headway_state", "headway_targets"});
}

TEST_CASE("a push after a failure leaves the last success alone") {
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  simulate_run(*subject, Outcome::Failure);
  CHECK(has(subject->render(), "headway_last_success_timestamp_seconds"));
  const std::string text = subject->render_for_push();
  CHECK_FALSE(has(text, "headway_last_success_timestamp_seconds"));
  CHECK(samples(text).at("headway_last_run_success" + kDatabase) == "0");
}

TEST_CASE("many targets: counts by state, errors of each, one outcome") {
  const auto m = metrics();
  m->run_started("upgrade", "id");
  m->targets({.pending = 5, .running = 2, .ok = 1, .failed = 1});
  CHECK_FALSE(names(m->render()).contains("headway_shards"));
  m->shards(8);
  engine::RunReport failed;
  failed.error.emplace();
  failed.error->id = ErrorId::MigrationFailed;
  failed.remaining_steps.resize(3);
  m->target_ended(failed);
  m->target_ended(failed);
  m->locks(true, Milliseconds{1500});
  m->locks(true, Milliseconds{500});
  auto seen = samples(m->render());
  CHECK(seen.at("headway_targets{database=\"hive\",state=\"pending\"}") == "5");
  CHECK(seen.at("headway_targets{database=\"hive\",state=\"failed\"}") == "1");
  CHECK(seen.at("headway_errors_total{database=\"hive\",class=\"sql\"}") == "2");
  CHECK(seen.at("headway_migrations_executed_total{database=\"hive\",result=\"skipped\"}") == "6");
  CHECK(seen.at("headway_lock_wait_seconds_total{database=\"hive\"}") == "2");
  CHECK(seen.at("headway_lock_held{database=\"hive\"}") == "1");
  CHECK(samples(m->render_for_push()).at("headway_shards" + kDatabase) == "8");
  m->whole_ended(failed);
  seen = samples(m->render());
  CHECK(seen.at("headway_errors_total{database=\"hive\",class=\"sql\"}") == "2");
  CHECK(seen.at("headway_last_run_success{database=\"hive\"}") == "0");
  CHECK(seen.at("headway_targets{database=\"hive\",state=\"ok\"}") == "1");
}

TEST_CASE("a target has series of its own only when it gets some") {
  const auto m = metrics();
  CHECK_FALSE(names(m->render()).contains("headway_target_success"));
  m->target_series("tenant_1", true);
  m->target_series("tenant_2", false);
  engine::SchemaStatus status;
  status.pending = 2;
  m->target_series("tenant_2", status);
  const auto seen = samples(m->render());
  CHECK(seen.at("headway_target_success{database=\"hive\",target=\"tenant_1\"}") == "1");
  CHECK(seen.at("headway_target_success{database=\"hive\",target=\"tenant_2\"}") == "0");
  CHECK(seen.at("headway_target_migrations_pending{database=\"hive\",target=\"tenant_2\"}") == "2");
}

TEST_CASE("a failed push is counted") {
  const auto subject = metrics();
  subject->push_failed();
  CHECK(samples(subject->render()).at("headway_metrics_push_failures_total") == "1");
}

TEST_CASE("a scrape in the middle of a run sees one state and one version") {
  const auto subject = metrics();
  subject->state_changed(engine::State::Connecting);
  subject->schema_status({"0", "0", 0, 0, 0, false, false});
  std::atomic<bool> stop = false;
  std::thread engine([&] {
    for (int i = 0; !stop; ++i) {
      subject->state_changed(i % 2 == 0 ? engine::State::Applying : engine::State::Validating);
      subject->schema_status({std::to_string(i), "x", 1, 1, 0, false, false});
      const migration::Step running = step(std::to_string(i), "a");
      subject->step_started({running, 0, 1, 1});
      subject->step_finished({running, 0, 1, 1}, Microseconds{10});
    }
  });
  bool consistent = true;
  for (int i = 0; i < 100; ++i) {
    int states = 0;
    int infos = 0;
    std::istringstream text(subject->render());
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("headway_state{") && line.ends_with(" 1")) ++states;
      if (line.starts_with("headway_schema_info{")) ++infos;
    }
    consistent = consistent && states == 1 && infos == 1;
  }
  stop = true;
  engine.join();
  CHECK(consistent);
}
