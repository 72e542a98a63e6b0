#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/commands/execute.hpp"
#include "cli/commands/inspect.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

namespace headway::cli::commands {
namespace {

/// What would be taken over, row by row.
int show(const Invocation& invocation) {
  const auto inspection = inspect(invocation);
  const engine::StatusReport& report = *inspection->report;
  if (report.adoptable.empty()) {
    if (report.snapshot.history.empty()) {
      throw Error(ErrorId::NothingToAdopt, "there is no history of another tool in this database");
    }
    print(
        invocation.json()
            ? json_line({{"adoptable", nullptr}, {"rows", boost::json::array()}})
            : std::string("Headway has a history of its own here; nothing is to be taken over.\n"));
    return 0;
  }
  boost::json::array rows;
  Table table({"VERSION", "NAME", "FILE"});
  for (const migration::HistoryRow& row : report.snapshot.history.rows()) {
    const migration::Migration* const migration = inspection->source.find(row.version);
    const std::string file = migration == nullptr ? std::string() : migration->up.path;
    rows.push_back({{"version", row.version.text()}, {"name", row.name}, {"file", file}});
    table.add({row.version.text(), row.name, file.empty() ? "no file" : file});
  }
  if (invocation.json()) {
    print(json_line({{"adoptable", report.adoptable}, {"rows", std::move(rows)}}));
    return 0;
  }
  print(fmt::format("From {}:\n\n{}\nNothing was changed.\n", report.adoptable,
                    table.render(invocation.out_paint())));
  return 0;
}

}  // namespace

int adopt(const Invocation& invocation) {
  if (invocation.settings.dry_run) return show(invocation);
  return execute(invocation, Leniency::Never,
                 [](engine::Context& context, const migration::Source& source) {
                   context.settings.adopt.mode = engine::AdoptSettings::Mode::Require;
                   return engine::adopt(context, source);
                 });
}

}  // namespace headway::cli::commands
