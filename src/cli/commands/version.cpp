#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/identity.hpp"
#include "cli/invocation.hpp"
#include "cli/json.hpp"

namespace headway::cli::commands {

int version(const Invocation& invocation) {
  const Build build = build_info();
  if (invocation.json()) {
    print(json_line(
        {{"version", std::string(build.version)}, {"revision", std::string(build.revision)}}));
  } else {
    print(fmt::format("headway {}{}\n", build.version,
                      build.revision.empty() ? "" : fmt::format(" ({})", build.revision)));
  }
  return 0;
}

}  // namespace headway::cli::commands
