#include "cli/commands/commands.hpp"
#include "cli/commands/execute.hpp"
#include "cli/commands/many.hpp"

namespace headway::cli::commands {

int upgrade(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (settings.dry_run) return plan(invocation);
  if (settings.sql || settings.exit_code) {
    throw Error(ErrorId::BadFlag, "--sql and --exit-code belong to --dry-run");
  }
  if (!settings.targets.empty()) return upgrade_many(invocation);
  const migration::Target target =
      migration::parse_target(settings.target.empty() ? "head" : settings.target);
  return execute(invocation, Leniency::Allowed,
                 [&target](engine::Context& context, const migration::Source& source) {
                   return engine::upgrade(context, source, target);
                 });
}

}  // namespace headway::cli::commands
