#include "cli/commands/commands.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"

namespace headway::cli::commands {

int history(const Invocation& invocation) {
  const auto inspection = inspect(invocation);
  const engine::StatusReport& report = *inspection->report;
  print(invocation.json()
            ? json_line(history_json(report))
            : history_text(report, invocation.settings.verbose ? Detail::Verbose : Detail::Short,
                           invocation.out_paint()));
  return 0;
}

}  // namespace headway::cli::commands
