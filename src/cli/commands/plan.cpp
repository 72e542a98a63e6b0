#include "cli/commands/commands.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/commands/many.hpp"
#include "cli/json.hpp"
#include "cli/plan_locks.hpp"
#include "cli/report_text.hpp"
#include "engine/script.hpp"

namespace headway::cli::commands {

int plan(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (!settings.targets.empty()) return plan_many(invocation);
  const migration::Target target =
      migration::parse_target(settings.target.empty() ? "head" : settings.target);
  const auto inspection = inspect(invocation);
  // What upgrade would refuse before anything runs, a plan refuses, too.
  print_warnings(invocation, "empty-file", engine::validate_scripts(inspection->source));
  const migration::Plan plan = migration::plan_upgrade(
      inspection->source, inspection->report->snapshot.history, target, settings.policy());
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
