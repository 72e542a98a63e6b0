#include "cli/fleet_observer.hpp"

#include <doctest/doctest.h>

#include "support/manual_clock.hpp"

namespace headway::cli {
namespace {

using State = TargetResult::State;

/// An observer of a target whose log nobody reads.
std::unique_ptr<engine::Observer> observer(FleetObserver& fleet, std::size_t target) {
  return fleet.observe(target, std::make_unique<engine::Observer>());
}

bool has(const telemetry::Metrics& metrics, const std::string& sample) {
  return ("\n" + metrics.render()).find("\n" + sample + "\n") != std::string::npos;
}

engine::SchemaStatus at(std::string version, std::size_t applied, std::size_t pending) {
  engine::SchemaStatus out;
  out.current_version = std::move(version);
  out.target_version = "3";
  out.applied = applied;
  out.pending = pending;
  return out;
}

TargetResult ended(State state) {
  TargetResult out;
  out.state = state;
  return out;
}

struct Fixture {
  testing::ManualClock clock;
  std::unique_ptr<telemetry::Metrics> metrics = telemetry::make_metrics({"fleet", "1", "r"});
  FleetObserver fleet{metrics.get(), nullptr, clock, true};

  Fixture() {
    fleet.begin("upgrade", "id");
    fleet.resolved({"a", "b", "c"});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "figures are sums over what is known of each, counted once") {
  const auto a = observer(fleet, 0);
  const auto b = observer(fleet, 1);
  a->schema_status(at("1", 1, 2));
  b->schema_status(at("1", 1, 2));
  CHECK(has(*metrics, "headway_migrations_applied{database=\"fleet\"} 2"));
  CHECK(has(*metrics, "headway_migrations_pending{database=\"fleet\"} 4"));
  CHECK(
      has(*metrics,
          "headway_schema_info{database=\"fleet\",current_version=\"1\",target_version=\"3\"} 1"));
  a->schema_status(at("3", 3, 0));
  CHECK(has(*metrics, "headway_migrations_applied{database=\"fleet\"} 4"));
  CHECK(has(*metrics, "headway_migrations_pending{database=\"fleet\"} 2"));
  CHECK(has(
      *metrics,
      "headway_schema_info{database=\"fleet\",current_version=\"mixed\",target_version=\"3\"} 1"));
}

TEST_CASE_FIXTURE(Fixture, "what is bad in one is bad in all") {
  const auto a = observer(fleet, 0);
  const auto b = observer(fleet, 1);
  auto dirty = at("1", 1, 0);
  dirty.dirty = true;
  a->schema_status(dirty);
  b->schema_status(at("1", 1, 0));
  CHECK(has(*metrics, "headway_schema_dirty{database=\"fleet\"} 1"));
  a->schema_status(at("1", 1, 0));
  CHECK(has(*metrics, "headway_schema_dirty{database=\"fleet\"} 0"));
  a->database_up(false);
  b->database_up(true);
  CHECK(has(*metrics, "headway_database_up{database=\"fleet\"} 0"));
  a->database_up(true);
  CHECK(has(*metrics, "headway_database_up{database=\"fleet\"} 1"));
}

TEST_CASE_FIXTURE(Fixture, "a lock is held as long as any one is, and waiting adds up") {
  const auto a = observer(fleet, 0);
  const auto b = observer(fleet, 1);
  a->lock_waiting({}, Milliseconds{1000});
  b->lock_waiting({}, Milliseconds{2000});
  a->lock_waiting({}, Milliseconds{3000});
  a->lock_acquired(Milliseconds{4000});
  b->lock_acquired(Milliseconds{2000});
  CHECK(has(*metrics, "headway_lock_wait_seconds_total{database=\"fleet\"} 6"));
  a->lock_released();
  CHECK(has(*metrics, "headway_lock_held{database=\"fleet\"} 1"));
  b->lock_released();
  CHECK(has(*metrics, "headway_lock_held{database=\"fleet\"} 0"));
}

TEST_CASE_FIXTURE(Fixture, "targets are counted by how far they are, with series of their own") {
  fleet.begun();
  fleet.begun();
  CHECK(has(*metrics, "headway_targets{database=\"fleet\",state=\"pending\"} 1"));
  CHECK(has(*metrics, "headway_targets{database=\"fleet\",state=\"running\"} 2"));
  auto good = ended(State::Ok);
  good.schema = at("3", 3, 0);
  fleet.ended(0, good);
  fleet.ended(2, ended(State::Failed));
  CHECK(has(*metrics, "headway_targets{database=\"fleet\",state=\"running\"} 0"));
  CHECK(has(*metrics, "headway_targets{database=\"fleet\",state=\"ok\"} 1"));
  CHECK(has(*metrics, "headway_targets{database=\"fleet\",state=\"failed\"} 1"));
  CHECK(has(*metrics, "headway_target_success{database=\"fleet\",target=\"a\"} 1"));
  CHECK(has(*metrics, "headway_target_success{database=\"fleet\",target=\"c\"} 0"));
  CHECK(has(*metrics, "headway_target_migrations_applied{database=\"fleet\",target=\"a\"} 3"));
}

TEST_CASE_FIXTURE(Fixture,
                  "of several migrations the one that has been running for longest is told") {
  const auto a = observer(fleet, 0);
  const auto b = observer(fleet, 1);
  migration::Step one;
  one.version = migration::Version("1");
  migration::Step two;
  two.version = migration::Version("2");
  a->step_started({one, 0, 1, 1});
  clock.advance(Milliseconds{1000});
  b->step_started({two, 0, 1, 1});
  const std::string name = "headway_migration_start_timestamp_seconds";
  CHECK(metrics->render().find(name + "{database=\"fleet\",version=\"1\"}") != std::string::npos);
  a->step_finished({one, 0, 1, 1}, Microseconds{1000});
  CHECK(metrics->render().find(name + "{database=\"fleet\",version=\"2\"}") != std::string::npos);
  b->step_finished({two, 0, 1, 1}, Microseconds{1000});
  CHECK(metrics->render().find(name) == std::string::npos);
  CHECK(
      has(*metrics, "headway_migrations_executed_total{database=\"fleet\",result=\"success\"} 2"));
}

TEST_CASE_FIXTURE(Fixture, "the whole has one outcome") {
  FleetReport report;
  report.results.resize(2);
  report.results[1].error.emplace();
  report.results[1].error->id = ErrorId::ChecksumMismatch;
  fleet.end(report);
  CHECK(has(*metrics, "headway_last_run_success{database=\"fleet\"} 0"));
  CHECK(has(*metrics, "headway_last_run_exit_code{database=\"fleet\"} 22"));
  CHECK(has(*metrics, "headway_state{database=\"fleet\",state=\"failed\"} 1"));
}

}  // namespace headway::cli
