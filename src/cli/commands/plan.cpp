#include "cli/commands/commands.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/commands/many.hpp"
#include "cli/commands/plan_execute.hpp"
#include "cli/commands/plan_rehearse.hpp"
#include "cli/json.hpp"
#include "cli/plan_locks.hpp"
#include "cli/report_text.hpp"
#include "engine/script.hpp"

namespace headway::cli::commands {
namespace {

/// The plan, and what came of it.
int execute_plan(const Invocation& invocation, const Inspection& inspection,
                 const migration::Target& target, const migration::Plan& plan) {
  if (invocation.settings.on_live_database && !inspection.report->adoptable.empty()) {
    throw Error(
        ErrorId::BadConfiguration,
        "the history is still another tool's, and a rehearsal needs one of Headway's own: " +
            inspection.report->adoptable)
        .next("Take it over with `headway adopt`, which runs no migration.");
  }
  const DryRun run = invocation.settings.on_live_database
                         ? rehearse_on_live_database(invocation, inspection.source, target)
                         : execute_in_scratch(invocation, inspection, target);
  if (invocation.json()) {
    boost::json::object document = plan_json(plan);
    document["locks"] = planned_locks_json(plan);
    document["execution"] = dry_run_json(run);
    if (run.error) document["error"] = error_json(*run.error);
    print(json_line(document));
    if (run.error) return run.error->exit_code();
  } else {
    print(plan_text(plan, invocation.out_paint()) + dry_run_text(run, invocation.out_paint()));
    if (run.error) throw Error(*run.error);
  }
  return pending_exit_code(invocation.settings, true);
}

void refuse_combinations(const Settings& settings) {
  if (!settings.execute && !settings.scratch_url.empty()) {
    throw Error(ErrorId::BadFlag, "--scratch-url belongs to --execute");
  }
  if (!settings.execute && settings.on_live_database) {
    throw Error(ErrorId::BadFlag, "--on-live-database belongs to --execute");
  }
  if (!settings.execute) return;
  if (settings.sql) throw Error(ErrorId::BadFlag, "--execute runs the SQL that --sql prints");
  if (!settings.targets.empty()) {
    throw Error(ErrorId::BadFlag, "--execute takes one database, and --targets names many");
  }
  if (!settings.on_live_database) return;
  if (!settings.scratch_url.empty()) {
    throw Error(ErrorId::BadFlag,
                "--on-live-database needs no scratch database, and --scratch-url names one");
  }
  refuse_rehearsal(settings);
}

}  // namespace

int plan(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  refuse_combinations(settings);
  if (!settings.targets.empty()) return plan_many(invocation);
  const migration::Target target =
      migration::parse_target(settings.target.empty() ? "head" : settings.target);
  const auto inspection = inspect(invocation);
  // What upgrade would refuse before anything runs, a plan refuses, too.
  print_warnings(invocation, "empty-file", engine::validate_scripts(inspection->source));
  const migration::Plan plan = migration::plan_upgrade(
      inspection->source, inspection->report->snapshot.history, target, settings.policy());
  if (settings.execute && !plan.empty()) return execute_plan(invocation, *inspection, target, plan);
  if (invocation.json()) {
    boost::json::object document = plan_json(plan);
    document["locks"] = planned_locks_json(plan);
    if (settings.sql) document["sql"] = plan_sql(plan, settings.transaction);
    print(json_line(document));
  } else if (settings.sql) {
    print(plan_sql(plan, settings.transaction));
  } else {
    print(plan_text(plan, invocation.out_paint()) +
          planned_locks_text(plan, invocation.out_paint()));
  }
  return pending_exit_code(settings, !plan.empty());
}

}  // namespace headway::cli::commands
