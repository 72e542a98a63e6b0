#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/commands/many.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"
#include "engine/script.hpp"

namespace headway::cli::commands {

int check(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (!settings.targets.empty()) return check_many(invocation);
  const auto inspection = inspect(invocation);
  (void)engine::validate_scripts(inspection->source);
  const migration::Plan plan =
      migration::plan_upgrade(inspection->source, inspection->report->snapshot.history,
                              {migration::Target::Kind::Heads, 0, "heads"}, settings.policy());
  if (!plan.empty()) {
    const migration::Step& first = plan.steps.front();
    throw Error(ErrorId::Pending,
                fmt::format("{} pending, the first is {}", count_of(plan.steps.size(), "migration"),
                            title_of(first.version.text(), first.name)));
  }
  const std::string& current = inspection->report->schema.current_version;
  if (invocation.json()) {
    print(json_line({{"database", settings.name}, {"up_to_date", true}, {"current", current}}));
  } else {
    print(fmt::format("Database {} is up to date at {}.\n", inspection->report->server.database,
                      current));
  }
  return 0;
}

}  // namespace headway::cli::commands
