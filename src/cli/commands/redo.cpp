#include "cli/commands/commands.hpp"
#include "cli/commands/confirmation.hpp"
#include "cli/commands/execute.hpp"

namespace headway::cli::commands {

int redo(const Invocation& invocation) {
  require_confirmation(invocation, "taking the last migration back", migration::plan_redo_down);
  return execute(invocation, Leniency::Never, engine::redo);
}

}  // namespace headway::cli::commands
