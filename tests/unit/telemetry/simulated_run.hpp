// The events of one run, as the engine tells them.
#pragma once
#include <string>

#include "engine/observer.hpp"

namespace headway::testing {

enum class Outcome { Success, Failure };

inline ErrorInfo sql_error() {
  ErrorInfo error;
  error.id = ErrorId::MigrationFailed;
  error.message = "relation \"metrics\" already exists";
  error.where = {"migrations/20261122093001_add_metrics.sql", 3, 14};
  error.version = "20261122093001";
  error.statement = "CREATE TABLE metrics (id int DEFAULT $1)";
  error.sqlstate = "42P07";
  error.server_text = "relation \"metrics\" already exists";
  error.server_hint = "Choose another name.";
  return error;
}

inline ErrorInfo unreachable() {
  ErrorInfo error;
  error.id = ErrorId::Unreachable;
  error.message = "connection to db:5432 refused";
  return error;
}

inline migration::Step step(std::string version, std::string name,
                            migration::Step::Action action = migration::Step::Action::Apply) {
  migration::Step out;
  out.action = action;
  out.version = migration::Version(std::move(version));
  out.name = std::move(name);
  return out;
}

/// Two migrations pending on a schema with one; a failure is the second's.
inline void simulate_run(engine::Observer& observer, Outcome outcome) {
  const bool fails = outcome == Outcome::Failure;
  migration::Plan plan;
  plan.steps = {step("20261122093000", "create_metrics"), step("20261122093001", "add_metrics")};
  plan.current = migration::Version("20261121000000");
  plan.target = {plan.steps[1].version};

  observer.run_started("upgrade", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
  observer.state_changed(engine::State::Connecting);
  observer.connect_failed(unreachable(), 1, Milliseconds{1200});
  engine::ServerInfo server;
  server.version = "15.4";
  server.database = "hive_production";
  server.user = "migrator";
  server.backend_pid = 4711;
  observer.connected(server);
  observer.database_up(true);
  engine::SchemaStatus schema{"20261121000000", "20261122093001", 1, 2, 0, false, false};
  observer.schema_status(schema);
  observer.state_changed(engine::State::WaitingLock);
  engine::LockAttempt attempt;
  attempt.holder = engine::LockHolder{42, "headway pod-1", "10.0.0.7", {}};
  observer.lock_waiting(attempt, Milliseconds{0});
  observer.lock_waiting(attempt, Milliseconds{500});
  observer.lock_acquired(Milliseconds{700});
  observer.planned(plan);
  observer.state_changed(engine::State::Applying);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const engine::StepInfo info{plan.steps[i], i, plan.steps.size(), 2};
    observer.step_started(info);
    if (fails && i == 1) {
      observer.step_failed(info, sql_error(), Microseconds{4000});
    } else {
      observer.step_finished(info, Microseconds{12'345});
      schema.current_version = info.step.version.text();
      ++schema.applied;
      --schema.pending;
      observer.schema_status(schema);
    }
  }
  observer.lock_released();

  engine::RunReport report;
  report.command = "upgrade";
  report.run_id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
  report.done.push_back({migration::Step::Action::Apply, "20261122093000", "create_metrics", {}});
  if (!fails) {
    report.done.push_back({migration::Step::Action::Apply, "20261122093001", "add_metrics", {}});
  }
  report.current = fails ? "20261122093000" : "20261122093001";
  report.target = "20261122093001";
  report.duration = Milliseconds{1500};
  report.lock_wait = Milliseconds{700};
  if (fails) report.error = sql_error();
  observer.state_changed(fails ? engine::State::Failed : engine::State::Done);
  observer.run_finished(report);
}

}  // namespace headway::testing
