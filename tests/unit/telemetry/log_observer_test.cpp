#include "telemetry/log_observer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "unit/telemetry/simulated_run.hpp"

using namespace headway;
using namespace headway::telemetry;
using namespace headway::testing;

namespace {

class Recorder final : public LogWriter {
 public:
  Recorder(std::vector<LogLine>& lines, LogLevel level) : lines_(lines), level_(level) {}
  [[nodiscard]] bool wants(LogLevel level) const override { return level >= level_; }
  void write(const LogLine& line) override {
    if (wants(line.level)) lines_.push_back(line);
  }

 private:
  std::vector<LogLine>& lines_;
  LogLevel level_;
};

struct Log {
  explicit Log(LogLevel level = LogLevel::Info)
      : observer(make_log_observer("hive", std::make_unique<Recorder>(lines, level))) {}

  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> out;
    for (const LogLine& line : lines) out.emplace_back(line.event);
    return out;
  }

  std::vector<LogLine> lines;
  std::unique_ptr<engine::Observer> observer;
};

/// The field as text; "absent" if the line has none of this name.
std::string field(const LogLine& line, std::string_view key) {
  for (const auto& [name, value] : line.fields) {
    if (name != key) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return std::to_string(std::get<double>(value));
  }
  return "absent";
}

}  // namespace

TEST_CASE("a run reads from beginning to end") {
  Log log;
  simulate_run(*log.observer, Outcome::Success);
  CHECK(log.events() == std::vector<std::string>{
                            "run_started", "connect_failed", "connected", "lock_waiting",
                            "lock_acquired", "planned", "migration_started", "migration_applied",
                            "migration_started", "migration_applied", "run_finished"});
  for (const LogLine& line : log.lines) {
    CAPTURE(line.event);
    CHECK(field(line, "database") == "hive");
    CHECK(field(line, "run_id") == "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
    CHECK_FALSE(line.message.empty());
  }
  const LogLine& applied = log.lines[7];
  CHECK(applied.message == "applied 20261122093000 create_metrics in 12 ms");
  CHECK(field(applied, "version") == "20261122093000");
  CHECK(field(applied, "name") == "create_metrics");
  CHECK(field(applied, "duration_seconds") == "0.012345");
  const LogLine& finished = log.lines.back();
  CHECK(finished.level == LogLevel::Info);
  CHECK(finished.message ==
        "upgrade finished in 1.5 s: 2 steps done; the schema is at 20261122093001");
  CHECK(field(finished, "exit_code") == "0");
  CHECK(field(finished, "applied") == "2");
  CHECK(field(finished, "pending") == "0");
}

TEST_CASE("a failed migration tells what, why and what next, once") {
  Log log;
  simulate_run(*log.observer, Outcome::Failure);
  const LogLine& failed = log.lines[log.lines.size() - 2];
  CHECK(failed.event == "migration_failed");
  CHECK(failed.level == LogLevel::Error);
  CHECK(failed.message ==
        "applying 20261122093001 add_metrics failed after 4 ms: "
        "migrations/20261122093001_add_metrics.sql:3:14: relation \"metrics\" already exists "
        "(SQLSTATE 42P07); hint: Choose another name.; statement: CREATE TABLE metrics (id int "
        "DEFAULT $1)");
  REQUIRE(failed.more.size() == 2);
  CHECK(failed.more[0].starts_with("why:  The migration was rolled back"));
  CHECK(failed.more[1].starts_with("next: "));
  CHECK(field(failed, "error_id") == "migration-failed");
  CHECK(field(failed, "sqlstate") == "42P07");
  CHECK(field(failed, "file") == "migrations/20261122093001_add_metrics.sql");
  CHECK(field(failed, "line") == "3");
  CHECK(field(failed, "column") == "14");
  CHECK(field(failed, "statement") == "CREATE TABLE metrics (id int DEFAULT $1)");
  CHECK(field(failed, "server_message") == "relation \"metrics\" already exists");
  CHECK(field(failed, "hint") == "Choose another name.");
  CHECK(field(failed, "detail") == "absent");
  CHECK(field(failed, "exit_code") == "20");

  const LogLine& finished = log.lines.back();
  CHECK(finished.level == LogLevel::Error);
  CHECK(finished.message == "upgrade failed after 1.5 s with exit code 20; 1 step done");
  CHECK(finished.more.empty());
  CHECK(field(finished, "error_id") == "migration-failed");
}

TEST_CASE("an error that no migration told of is told when the run ends") {
  Log log;
  engine::RunReport report;
  report.command = "upgrade";
  report.error = unreachable();
  log.observer->run_finished(report);
  CHECK(log.lines.back().message ==
        "upgrade failed after 0 ms with exit code 10; 0 steps done: connection to db:5432 refused");
  CHECK(log.lines.back().more.size() == 2);
}

TEST_CASE("what a server says beyond the message is not lost") {
  Log log;
  ErrorInfo error = unreachable();
  error.server_text = "the database system is starting up";
  error.sqlstate = "57P03";
  log.observer->connect_failed(error, 3, Milliseconds{0});
  CHECK(log.lines.back().message ==
        "attempt 3 to connect failed: connection to db:5432 refused; the server says: the database "
        "system is starting up (SQLSTATE 57P03)");
  CHECK(field(log.lines.back(), "attempt") == "3");
}

TEST_CASE("waiting for the lock is told at once and then every five seconds") {
  Log log;
  engine::LockAttempt attempt;
  attempt.holder = engine::LockHolder{42, "headway pod-1", "10.0.0.7", {}};
  for (int ms = 0; ms <= 12'000; ms += 200) {
    log.observer->lock_waiting(attempt, Milliseconds{ms});
  }
  REQUIRE(log.lines.size() == 3);
  CHECK(log.lines[0].message ==
        "waiting for the migration lock, held by headway pod-1 (pid 42, 10.0.0.7)");
  CHECK(field(log.lines[1], "waited_seconds") == "5.000000");
  CHECK(field(log.lines[2], "waited_seconds") == "10.000000");
  CHECK(field(log.lines[2], "holder_pid") == "42");

  log.observer->lock_acquired(Milliseconds{12'000});
  log.observer->lock_waiting(attempt, Milliseconds{100});  // a second wait begins anew
  CHECK(log.lines.back().event == "lock_waiting");
}

TEST_CASE("the connections of a waiter's polls are no news, one after a failure is") {
  Log log;
  log.observer->run_started("upgrade", "id");
  log.observer->connected({});
  log.observer->connected({});
  log.observer->connected({});
  CHECK(log.events() == std::vector<std::string>{"run_started", "connected"});
  log.observer->connect_failed(unreachable(), 1, Milliseconds{200});
  log.observer->connected({});
  log.observer->retrying("connection_lost", unreachable(), 1, Milliseconds{200});
  log.observer->connected({});
  CHECK(log.events() == std::vector<std::string>{"run_started", "connected", "connect_failed",
                                                 "connected", "retrying", "connected"});
}

TEST_CASE("at debug every poll and every statement is told, statements without their values") {
  Log log(LogLevel::Debug);
  log.observer->lock_waiting({}, Milliseconds{0});
  log.observer->lock_waiting({}, Milliseconds{200});
  CHECK(log.lines.size() == 2);

  const migration::Step create = step("1", "create_user");
  engine::PreparedStatement statement;
  statement.text = "ALTER ROLE app PASSWORD 'hunter2-secret'";
  statement.position = {7, 3};
  log.observer->statement_started({create, 0, 1, 4}, 2, statement);
  const LogLine& line = log.lines.back();
  CHECK(line.event == "statement_started");
  CHECK(line.message.find("statement 3 of 4") != std::string::npos);
  CHECK(line.message.find("ALTER ROLE app PASSWORD") != std::string::npos);
  CHECK(line.message.find("hunter2") == std::string::npos);
  CHECK(field(line, "statement").find("hunter2") == std::string::npos);
  CHECK(field(line, "line") == "7");
}

TEST_CASE("each kind of step has its own word") {
  using Action = migration::Step::Action;
  Log log;
  const auto finish = [&](Action action, const std::string& version) {
    const migration::Step done = step(version, "x", action);
    log.observer->step_finished({done, 0, 1, 1}, Microseconds{1000});
    return std::string(log.lines.back().event) + ": " + log.lines.back().message;
  };
  CHECK(finish(Action::Revert, "1") == "migration_reverted: reverted 1 x in 1 ms");
  CHECK(finish(Action::Repeat, "") == "repeatable_applied: applied repeatable x in 1 ms");
  CHECK(finish(Action::Resume, "1") == "migration_applied: resumed and applied 1 x in 1 ms");
  CHECK(finish(Action::Insert, "1") == "migration_stamped: stamped 1 x in 1 ms");
  CHECK(finish(Action::Adopt, "1") == "migration_adopted: took over 1 x in 1 ms");
  CHECK(finish(Action::Remove, "1") == "migration_unstamped: removed the mark of 1 x in 1 ms");
}

TEST_CASE("a run with nothing to do says so") {
  Log log;
  migration::Plan plan;
  plan.current = migration::Version("7");
  log.observer->planned(plan);
  CHECK(log.lines.back().message == "nothing to do: the schema is at 7");
  engine::RunReport report;
  report.command = "upgrade";
  report.current = "7";
  log.observer->run_finished(report);
  CHECK(log.lines.back().message == "upgrade finished in 0 ms: nothing to do; the schema is at 7");
  report.waited_for_other = true;
  log.observer->run_finished(report);
  CHECK(log.lines.back().message.find("another process brought") != std::string::npos);
}

TEST_CASE("warnings and retries keep their ids") {
  Log log;
  log.observer->warning("source-empty-file", "0007_x.sql holds no statement");
  CHECK(log.lines.back().level == LogLevel::Warning);
  CHECK(log.lines.back().event == "warning");
  CHECK(field(log.lines.back(), "warning_id") == "source-empty-file");
  log.observer->retrying("lock_timeout", sql_error(), 2, Milliseconds{1500});
  CHECK(log.lines.back().event == "retrying");
  CHECK(field(log.lines.back(), "reason") == "lock_timeout");
  CHECK(field(log.lines.back(), "attempt") == "2");
  CHECK(field(log.lines.back(), "retry_in_seconds") == "1.500000");
}
