#include "cli/commands/commands.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/commands/many.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"

namespace headway::cli::commands {

int status(const Invocation& invocation) {
  if (!invocation.settings.targets.empty()) return status_many(invocation);
  const auto inspection = inspect(invocation);
  const engine::StatusReport& report = *inspection->report;
  print(invocation.json()
            ? json_line(status_json(report, inspection->source, invocation.settings.name))
            : status_text(report, inspection->source, invocation.out_paint()));
  const migration::Reconciliation& r = report.reconciliation;
  return pending_exit_code(invocation.settings,
                           !r.pending.empty() || !r.repeatables_pending.empty());
}

}  // namespace headway::cli::commands
