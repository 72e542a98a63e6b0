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
  const Settings& settings = invocation.settings;
  const migration::Source& source = inspection->source;
  print(invocation.json() ? json_line(status_json(report, source, settings.phases, settings.name))
                          : status_text(report, source, settings.phases, invocation.out_paint()));
  return pending_exit_code(settings, has_pending(report.reconciliation, settings.phases));
}

}  // namespace headway::cli::commands
