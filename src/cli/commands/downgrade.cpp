#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/commands/confirmation.hpp"
#include "cli/commands/execute.hpp"
#include "cli/commands/many.hpp"

namespace headway::cli::commands {

int downgrade(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (!settings.targets.empty()) return downgrade_many(invocation);
  if (settings.last_run != settings.target.empty()) {
    throw Error(ErrorId::BadFlag, settings.last_run ? "--last-run stands instead of a TARGET"
                                                    : "`headway downgrade` lacks its TARGET")
        .next("Name how far to go back, such as -1, or pass --last-run.");
  }
  engine::DowngradeRequest request;
  if (!settings.last_run) request.target = migration::parse_target(settings.target);
  require_confirmation(
      invocation,
      settings.last_run ? std::string("taking back the last run")
                        : fmt::format("downgrading to {}", settings.target),
      [&request](const migration::Source& source, const migration::History& history) {
        return request.target ? migration::plan_downgrade(source, history, *request.target)
                              : migration::plan_downgrade_last_run(source, history);
      });
  return execute(invocation, Leniency::Never,
                 [&request](engine::Context& context, const migration::Source& source) {
                   return engine::downgrade(context, source, request);
                 });
}

}  // namespace headway::cli::commands
