#include <fmt/format.h>

#include <array>
#include <functional>
#include <tuple>

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

engine::RepairRequest request_of(const Settings& settings) {
  using Word = engine::RepairRequest::HalfApplied;
  engine::RepairRequest request;
  request.apply = settings.yes;
  const std::array words{
      std::tuple{"--done", std::cref(settings.done), Word::Done},
      std::tuple{"--undone", std::cref(settings.undone), Word::Undone},
      std::tuple{"--statement-done", std::cref(settings.statement_done), Word::StatementDone},
      std::tuple{"--statement-undone", std::cref(settings.statement_undone),
                 Word::StatementUndone}};
  std::string_view given;
  for (const auto& [flag, version, word] : words) {
    if (version.get().empty()) continue;
    if (!given.empty()) {
      throw Error(ErrorId::BadFlag, fmt::format("{} and {} contradict each other", given, flag));
    }
    given = flag;
    request.half_applied = word;
    request.version = version;
  }
  return request;
}

}  // namespace

int repair(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  const engine::RepairRequest request = request_of(settings);
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
