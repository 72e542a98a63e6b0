#include "cli/completion.hpp"

#include "cli/commands/commands.hpp"
#include "cli/invocation.hpp"

namespace headway::cli::commands {

int completion(const Invocation& invocation) {
  print(completion_script(invocation.settings.target));
  return 0;
}

}  // namespace headway::cli::commands
