#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/runtime.hpp"

namespace headway::cli::commands {
namespace {

std::string outcome(const engine::RepairReport& report) {
  std::string out;
  if (report.applied) {
    out = "Done.\n";
  } else if (report.actions.size() > report.undecided.size()) {
    out = "Nothing was changed; pass --yes to do this.\n";
  } else {
    out = "Nothing was changed.\n";
  }
  for (const std::string& version : report.undecided) {
    out += fmt::format(
        "{0} is undecided. Look at the database; then, if all of it is there, run `headway repair "
        "--done {0} --yes`,\nand if nothing of it is, `headway repair --undone {0} --yes`.\n",
        version);
  }
  return out;
}

}  // namespace

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
    print(json_line({{"actions", strings_json(report.actions)},
                     {"undecided", strings_json(report.undecided)},
                     {"applied", report.applied}}));
    return 0;
  }
  if (report.actions.empty()) {
    print("Nothing to repair.\n");
    return 0;
  }
  std::string text;
  for (const std::string& action : report.actions) text += fmt::format("- {}\n", one_line(action));
  print(text + outcome(report));
  return 0;
}

}  // namespace headway::cli::commands
