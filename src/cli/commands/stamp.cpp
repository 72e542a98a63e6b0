#include "cli/commands/commands.hpp"
#include "cli/commands/execute.hpp"

namespace headway::cli::commands {

int stamp(const Invocation& invocation) {
  const migration::Target target = migration::parse_target(invocation.settings.target);
  return execute(invocation, Leniency::Never,
                 [&target](engine::Context& context, const migration::Source& source) {
                   return engine::stamp(context, source, target);
                 });
}

}  // namespace headway::cli::commands
