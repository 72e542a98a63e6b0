#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/runtime.hpp"

namespace headway::cli::commands {

int repair(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (!settings.done.empty() && !settings.undone.empty()) {
    throw Error(ErrorId::BadFlag, "--done and --undone contradict each other");
  }
  engine::RepairRequest request;
  request.apply = settings.yes;
  if (!settings.done.empty()) {
    request.half_applied = engine::RepairRequest::HalfApplied::Done;
    request.statement_version = settings.done;
  } else if (!settings.undone.empty()) {
    request.half_applied = engine::RepairRequest::HalfApplied::Undone;
    request.statement_version = settings.undone;
  }
  const migration::Source source = load_source(settings);
  Runtime runtime(invocation, Runtime::Access::Write);
  const engine::RepairReport report = engine::repair(runtime.context(), source, request);
  if (invocation.json()) {
    print(json_line({{"actions", strings_json(report.actions)}, {"applied", report.applied}}));
    return 0;
  }
  if (report.actions.empty()) {
    print("Nothing to repair.\n");
    return 0;
  }
  std::string text;
  for (const std::string& action : report.actions) text += fmt::format("- {}\n", one_line(action));
  text += report.applied ? "Done.\n" : "Nothing was changed; pass --yes to do this.\n";
  print(text);
  return 0;
}

}  // namespace headway::cli::commands
