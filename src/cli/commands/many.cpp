// A target is asked only for what it needs: tenants of one database are looked at together, and a
// run of its own (connection, lock, tables) gets only who has something to do, or something wrong.
#include "cli/commands/many.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "cli/adapters.hpp"
#include "cli/commands/execute.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/error_text.hpp"
#include "cli/fleet_report.hpp"
#include "cli/fleet_runtime.hpp"
#include "cli/json.hpp"
#include "cli/plan_locks.hpp"
#include "cli/report_text.hpp"
#include "engine/backoff.hpp"
#include "engine/schema_status.hpp"
#include "engine/script.hpp"
#include "migration/lacking.hpp"

namespace headway::cli::commands {
namespace {

using engine::HistorySnapshot;
using migration::Plan;
using migration::Source;
using State = TargetResult::State;

constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{5000};
constexpr Milliseconds kAttempt{10'000};

/// A loaded source: read, checked and warned of once, whoever is going to use it.
Source load(FleetRuntime& fleet, const Settings& settings) {
  Source source = load_source(settings);
  for (const std::string& warning : source.warnings()) fleet.warn("source", warning);
  return source;
}

TargetResult result_of(engine::RunReport report) {
  TargetResult out;
  out.state = report.error ? State::Failed : State::Ok;
  out.current = std::move(report.current);
  out.target = std::move(report.target);
  out.done = report.done.size();
  out.steps = std::move(report.remaining_steps);
  out.error = std::move(report.error);
  return out;
}

/// A history that holds something unfinished is not understood without asking who is at work.
bool is_settled(const migration::Reconciliation& state) { return state.unfinished.empty(); }

TargetResult standing(const Source& source, const HistorySnapshot& snapshot,
                      migration::Phases phases, engine::AtWork at_work) {
  const migration::Reconciliation state = migration::reconcile(source, snapshot.history);
  TargetResult out;
  out.state = State::Ok;
  out.schema = engine::schema_status(source, snapshot.history, state, phases, at_work);
  out.current = out.schema->current_version;
  out.target = out.schema->target_version;
  return out;
}

/// The rest of `plan`, which points into a history that goes.
std::vector<migration::Step> steps_of(const Plan& plan) {
  std::vector<migration::Step> out = plan.steps;
  for (migration::Step& step : out) step.row = nullptr;
  return out;
}

/// Prints what came of it, and decides the exit code.
int tell(FleetRuntime& fleet, const Invocation& invocation, FleetView view, Leniency leniency) {
  const FleetReport& report = fleet.finish();
  fleet.publish();
  engine::RunReport whole;
  if (const ErrorInfo* error = report.deciding_error()) whole.error = *error;
  const bool soft = softened(invocation, leniency, whole);
  const bool pending = pending_exit_code(invocation.settings, report.counts().pending > 0) != 0;
  int exit_code = soft ? 0 : whole.exit_code();
  if (!whole.error && pending && view != FleetView::Run) {
    exit_code = kind_info(Kind::Pending).exit_code;
  }
  if (invocation.json()) {
    boost::json::object document = fleet_json(report);
    document["exit_code"] = exit_code;
    document["degraded"] = soft;
    if (view == FleetView::Plan) {
      const Plan anywhere = report.pending_anywhere();
      document["steps"] = plan_json(anywhere).at("steps");
      document["locks"] = planned_locks_json(anywhere);
    }
    print(json_line(document));
  } else {
    print(fleet_text(report, view, invocation.out_paint()));
    if (view == FleetView::Plan) {
      print(planned_locks_text(report.pending_anywhere(), invocation.out_paint(), StepName::Title));
    }
    if (report.stopped && !fleet.logs()) {
      print_error(error_text(*report.stopped, invocation.err_paint(), soft ? "warning" : "error"));
    }
  }
  if (soft) {
    fleet.warn("degraded",
               fmt::format("the environment {} is lenient: the exit code is 0 instead of {}",
                           invocation.settings.environment, whole.exit_code()));
  }
  return exit_code;
}

/// `prepare` makes the task; what it throws ends the run before it begins.
int execute_many(const Invocation& invocation, Leniency leniency,
                 const std::function<FleetTask(FleetRuntime&, const Source&)>& prepare) {
  const Settings& settings = invocation.settings;
  Source source;  // the results point into it
  FleetRuntime fleet(invocation, Runtime::Access::Write);
  if (settings.linger > Milliseconds::zero() && settings.http.empty()) {
    fleet.warn("linger", "--linger does nothing without --http");
  }
  try {
    source = load(fleet, settings);
    for (const std::string& warning : engine::validate_scripts(source)) {
      fleet.warn("empty-file", warning);
    }
    fleet.read_targets();
    fleet.run(prepare(fleet, source));
  } catch (...) {
    ErrorInfo error = current_error();
    if (fleet.logs()) {
      telemetry::log_error(log_settings(invocation, telemetry::LogLevel::Error), error);
    }
    fleet.fail_before_start(std::move(error));
  }
  const int exit_code = tell(fleet, invocation, FleetView::Run, leniency);
  fleet.write_termination_log(exit_code);
  fleet.await_scrapes(settings.linger);
  return exit_code;
}

int inspect_many(const Invocation& invocation, FleetView view,
                 const std::function<FleetTask(FleetRuntime&, const Source&)>& prepare) {
  FleetRuntime fleet(invocation, Runtime::Access::Read);
  const Source source = load(fleet, invocation.settings);
  fleet.read_targets();
  fleet.run(prepare(fleet, source));
  return tell(fleet, invocation, view, Leniency::Never);
}

/// The same answer from a history that was read with others', and from a connection of its own.
FleetTask reading(const Source& source, migration::Phases phases,
                  std::function<void(const HistorySnapshot&, TargetResult&)> judge) {
  FleetTask task;
  task.look = [&source, phases,
               judge](const HistorySnapshot& snapshot) -> std::optional<TargetResult> {
    if (!is_settled(migration::reconcile(source, snapshot.history))) return std::nullopt;
    TargetResult out = standing(source, snapshot, phases, engine::AtWork::Nobody);
    judge(snapshot, out);
    return out;
  };
  task.run = [&source, judge](engine::Context& context) {
    const auto report = engine::status(context, source);
    TargetResult out;
    out.state = State::Ok;
    out.schema = report->schema;
    out.current = report->schema.current_version;
    out.target = report->schema.target_version;
    judge(report->snapshot, out);
    return out;
  };
  return task;
}

void fail(TargetResult& result, ErrorInfo error) {
  result.state = State::Failed;
  result.error = std::move(error);
}

}  // namespace

int upgrade_many(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  const migration::Target target =
      migration::parse_target(settings.target.empty() ? "head" : settings.target);
  return execute_many(
      invocation, Leniency::Allowed, [&](FleetRuntime& fleet, const Source& source) {
        FleetTask task;
        task.writes = true;
        task.look = [&, target](const HistorySnapshot& snapshot) -> std::optional<TargetResult> {
          Plan plan;
          try {
            plan = migration::plan_upgrade(source, snapshot.history, target, settings.policy());
          } catch (const Error&) {
            return std::nullopt;  // its run tells
          }
          if (!plan.empty()) return std::nullopt;
          for (const std::string& warning : plan.warnings) fleet.warn_once("plan", warning);
          TargetResult out = standing(source, snapshot, settings.phases, engine::AtWork::Somebody);
          out.target = engine::join(plan.target);
          return out;
        };
        task.run = [&source, target](engine::Context& context) {
          return result_of(engine::upgrade(context, source, target));
        };
        return task;
      });
}

int downgrade_many(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (settings.last_run) {
    throw Error(ErrorId::BadFlag,
                "--last-run means another thing for each target: what its own last run applied")
        .next("Name the version to go back to.");
  }
  if (settings.target.empty()) {
    throw Error(ErrorId::BadFlag, "`headway downgrade` lacks its TARGET")
        .next("Name how far to go back, such as -1.");
  }
  const migration::Target target = migration::parse_target(settings.target);
  return execute_many(invocation, Leniency::Never, [&](FleetRuntime& fleet, const Source& source) {
    if (settings.is_strict() && !settings.yes) {
      throw Error(
          ErrorId::Unconfirmed,
          fmt::format("downgrading {} to {} in the environment {} needs --yes",
                      count_of(fleet.size(), "target"), settings.target, settings.environment));
    }
    FleetTask task;
    task.writes = true;
    task.look = [&source, &settings,
                 target](const HistorySnapshot& snapshot) -> std::optional<TargetResult> {
      Plan plan;
      try {
        plan = migration::plan_downgrade(source, snapshot.history, target);
      } catch (const Error&) {
        return std::nullopt;  // its run tells
      }
      if (!plan.empty()) return std::nullopt;
      TargetResult out = standing(source, snapshot, settings.phases, engine::AtWork::Somebody);
      out.target = engine::join(plan.target);
      return out;
    };
    task.run = [&source, target](engine::Context& context) {
      return result_of(engine::downgrade(context, source, {target}));
    };
    return task;
  });
}

int status_many(const Invocation& invocation) {
  const migration::Phases phases = invocation.settings.phases;
  return inspect_many(invocation, FleetView::Status, [phases](FleetRuntime&, const Source& source) {
    return reading(
        source, phases, [&source, phases](const HistorySnapshot& snapshot, TargetResult& out) {
          const migration::Reconciliation state = migration::reconcile(source, snapshot.history);
          for (const migration::Migration* m : state.pending) {
            if (!includes(phases, m->phase)) continue;
            migration::Step& step = out.steps.emplace_back();
            step.version = m->version;
            step.name = m->name;
            step.migration = m;
          }
          if (!includes(phases, migration::Phase::Expand)) return;
          for (const migration::Repeatable* r : state.repeatables_pending) {
            migration::Step& step = out.steps.emplace_back();
            step.action = migration::Step::Action::Repeat;
            step.name = r->name;
            step.repeatable = r;
          }
        });
  });
}

int plan_many(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (settings.sql) {
    throw Error(ErrorId::BadFlag, "--sql shows the statements for one database")
        .next("Leave --targets away and name one.");
  }
  const migration::Target target =
      migration::parse_target(settings.target.empty() ? "head" : settings.target);
  return inspect_many(invocation, FleetView::Plan, [&](FleetRuntime& fleet, const Source& source) {
    for (const std::string& warning : engine::validate_scripts(source)) {
      fleet.warn("empty-file", warning);
    }
    return reading(
        source, settings.phases, [&](const HistorySnapshot& snapshot, TargetResult& out) {
          const Plan plan =
              migration::plan_upgrade(source, snapshot.history, target, settings.policy());
          out.target = engine::join(plan.target);
          out.steps = steps_of(plan);
        });
  });
}

int check_many(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  return inspect_many(invocation, FleetView::Check, [&](FleetRuntime&, const Source& source) {
    (void)engine::validate_scripts(source);
    return reading(
        source, settings.phases, [&](const HistorySnapshot& snapshot, TargetResult& out) {
          const Plan plan = migration::plan_upgrade(source, snapshot.history,
                                                    {migration::Target::Kind::Heads, 0, "heads"},
                                                    settings.policy());
          if (plan.empty()) return;
          out.steps = steps_of(plan);
          const migration::Step& first = plan.steps.front();
          ErrorInfo error;
          error.id = ErrorId::Pending;
          error.message =
              fmt::format("{} pending, the first is {}", count_of(plan.steps.size(), "migration"),
                          title_of(first.version.text(), first.name));
          fail(out, std::move(error));
        });
  });
}

int wait_many(const Invocation& invocation,
              const std::function<Source(const migration::Target&)>& source_for) {
  const Settings& settings = invocation.settings;
  const migration::Target target = migration::parse_target(settings.wait_target);
  FleetRuntime fleet(invocation, Runtime::Access::Wait);
  const Source source = source_for(target);
  const migration::WaitTarget wanted(source, target, settings.phases);
  fleet.read_targets();
  const auto begun = fleet.clock().steady();
  const auto waited = [&] {
    return std::chrono::duration_cast<Milliseconds>(fleet.clock().steady() - begun);
  };
  const auto not_yet = [&wanted](TargetResult& result, const std::string& reason) {
    ErrorInfo error;
    error.id = ErrorId::WaitTimeout;
    error.message = fmt::format("not at {}: {}", wanted.text(), reason);
    fail(result, std::move(error));
  };
  const auto judge = [&](const HistorySnapshot& snapshot) {
    TargetResult out;
    out.state = State::Ok;
    out.current = snapshot.history.last().text();
    out.target = wanted.text();
    const migration::Lacking lacking = wanted.lacking(snapshot.history, settings.order);
    if (!snapshot.exists || !lacking.empty()) {
      not_yet(out, engine::reason_of(lacking, snapshot));
    }
    return out;
  };
  FleetTask task;
  task.look = judge;
  task.run = [&](engine::Context& context) {
    try {
      const auto connection = context.connector.connect(context.stop.soon, kAttempt);
      const HistorySnapshot snapshot = connection->read_history();
      engine::require_repeatables(snapshot, source);
      return judge(snapshot);
    } catch (const Error& error) {
      const bool refused = engine::retry_class(error.info()) == engine::RetryClass::Authentication;
      if (!engine::may_change(error.info()) || (refused && waited() >= settings.auth_retry)) throw;
      TargetResult out;
      not_yet(out, error.info().message);
      out.error->next = error.info().next_step();
      return out;
    }
  };
  const auto waits = [](const TargetResult& result) {
    return result.error && result.error->id == ErrorId::WaitTimeout;
  };
  engine::Backoff backoff(kFirstPause, kLongestPause, fleet.random());
  fleet.run(task);
  while (std::ranges::any_of(fleet.report().results, waits)) {
    const Milliseconds left = settings.wait_timeout - waited();
    if (left <= Milliseconds::zero()) break;
    if (!fleet.clock().sleep(std::min(left, backoff.next()), fleet.stop_token())) break;
    fleet.run_again(task, waits);
  }
  // A stop ends the waiting, and is told as what it is.
  const int exit_code = tell(fleet, invocation, FleetView::Check, Leniency::Allowed);
  fleet.write_termination_log(exit_code);
  return exit_code;
}

}  // namespace headway::cli::commands
