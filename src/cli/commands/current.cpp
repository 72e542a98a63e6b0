#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"

namespace headway::cli::commands {

int current(const Invocation& invocation) {
  const auto inspection = inspect(invocation);
  const engine::StatusReport& report = *inspection->report;
  const std::string& version = report.schema.current_version;
  const auto* row = report.snapshot.history.find(migration::Version(version));
  const std::string name = row == nullptr ? "" : row->name;
  const migration::Reconciliation& r = report.reconciliation;
  const bool ahead = r.is_ahead();
  const bool at_head = r.pending.empty() && !ahead && row != nullptr;
  // What is left is for the new version's rollout to be over.
  const bool expanded =
      !at_head && !ahead && row != nullptr && !has_pending(r, migration::Phases::Expand);
  if (invocation.json()) {
    print(json_line({{"database", invocation.settings.name},
                     {"current", version},
                     {"name", name},
                     {"at_head", at_head},
                     {"at_expand_head", at_head || expanded},
                     {"ahead", ahead}}));
  } else {
    print(fmt::format(
        "{}{}\n", title_of(version, name),
        at_head ? " (head)" : (ahead ? " (ahead)" : (expanded ? " (expand head)" : ""))));
  }
  return 0;
}

}  // namespace headway::cli::commands
