#include "cli/live.hpp"

#include <doctest/doctest.h>

#include "support/manual_clock.hpp"
#include "unit/cli/reports.hpp"

namespace headway::cli {
namespace {

using testing::ManualClock;

migration::Step step_of(const char* version, const char* name,
                        migration::Step::Action action = migration::Step::Action::Apply) {
  migration::Step step;
  step.action = action;
  step.version = migration::Version(version);
  step.name = name;
  return step;
}

std::string versions(const std::vector<LiveHistory::Row>& rows) {
  std::string out;
  for (const auto& row : rows) out += row.version + ' ';
  return out;
}

std::string names(const std::vector<LiveHistory::Named>& rows) {
  std::string out;
  for (const auto& row : rows) out += row.name + ' ';
  return out;
}

struct Fixture {
  ManualClock clock;
  LiveView view{"hive", clock};

  void read(const TestReport& test) {
    view.history_read(test.source, test.report.snapshot.history, test.report.reconciliation);
    view.schema_status(test.report.schema);
  }
  void run(const migration::Step& step) {
    view.step_started({step, 0, 2, 3});
    view.step_finished({step, 0, 2, 3}, Milliseconds{5});
  }
};

}  // namespace

TEST_CASE("a view begins by connecting, and knows nothing") {
  const Fixture fixture;
  const LiveStatus status = fixture.view.status();
  CHECK(status.database == "hive");
  CHECK(status.started == fixture.clock.now());
  CHECK(status.state == engine::State::Connecting);
  CHECK_FALSE(status.at_target);
  CHECK_FALSE(status.schema);
  CHECK(status.history == nullptr);
  CHECK(status.applied_now().empty());
  CHECK(status.pending_now().empty());
}

TEST_CASE("what a run does is added to the history that it read") {
  Fixture fixture;
  fixture.read(*test_report({"1_a.sql", "2_b.sql", "3_c.sql", "R__v.sql"},
                            {test_row("1", "base", "a", "select 1;", 1)}));
  fixture.run(step_of("2", "b"));
  fixture.run(step_of("", "v", migration::Step::Action::Repeat));
  LiveStatus status = fixture.view.status();
  CHECK(versions(status.applied_now()) == "1 2 ");
  CHECK(names(status.pending_now()) == "c ");
  fixture.run(step_of("2", "b", migration::Step::Action::Revert));
  fixture.run(step_of("1", "a", migration::Step::Action::Revert));
  CHECK(versions(fixture.view.status().applied_now()).empty());
  fixture.run(step_of("1", "a"));
  status = fixture.view.status();
  CHECK(versions(status.applied_now()).find("1 ") != std::string::npos);
  // The next look knows better.
  fixture.read(*test_report({"1_a.sql"}, {test_row("1", "base", "a", "select 1;", 1),
                                          test_row("9", "1", "z", "select 1;", 2)}));
  status = fixture.view.status();
  CHECK(versions(status.applied_now()) == "1 9 ");
  CHECK(names(status.history->unknown) == "z ");
}

TEST_CASE("the migration that runs is there while it runs") {
  Fixture fixture;
  const migration::Step step = step_of("2", "b");
  fixture.view.step_started({step, 1, 4, 3});
  fixture.view.statement_started({step, 1, 4, 3}, 1, {});
  const LiveStatus status = fixture.view.status();
  REQUIRE(status.running);
  CHECK(status.running->version == "2");
  CHECK(status.running->index == 1);
  CHECK(status.running->total == 4);
  CHECK(status.running->statement == 2);
  CHECK(status.running->since == fixture.clock.now());
  fixture.view.step_failed({step, 1, 4, 3}, {}, {});
  CHECK_FALSE(fixture.view.status().running);
}

TEST_CASE("what it waits for is told until it has come") {
  Fixture fixture;
  ErrorInfo refused;
  refused.message = "could not connect";
  fixture.view.connect_failed(refused, 3, Milliseconds{100});
  CHECK(fixture.view.status().waiting_for == "the database (attempt 3): could not connect");
  fixture.view.connected({});
  CHECK(fixture.view.status().waiting_for.empty());
  fixture.view.state_changed(engine::State::WaitingLock);
  fixture.view.lock_waiting({false, engine::LockHolder{7, "headway pod-1", "local", {}}}, {});
  CHECK(fixture.view.status().waiting_for.find("headway pod-1") != std::string::npos);
  fixture.view.connected({});  // for the next poll
  CHECK_FALSE(fixture.view.status().waiting_for.empty());
  fixture.view.lock_acquired({});
  CHECK(fixture.view.status().waiting_for.empty());
}

TEST_CASE("being at the target latches") {
  Fixture fixture;
  engine::RunReport report;
  report.error = ErrorInfo{};
  fixture.view.run_finished(report);
  CHECK_FALSE(fixture.view.status().at_target);
  report.error.reset();
  fixture.view.run_finished(report);
  CHECK(fixture.view.status().at_target);
  report.error = ErrorInfo{};
  fixture.view.run_finished(report);
  CHECK(fixture.view.status().at_target);
}

}  // namespace headway::cli
