#include "cli/commands/commands.hpp"
#include "cli/commands/execute.hpp"

namespace headway::cli::commands {

int redo(const Invocation& invocation) {
  require_confirmation(invocation, "taking the last migration back");
  return execute(invocation, Leniency::Never, engine::redo);
}

}  // namespace headway::cli::commands
