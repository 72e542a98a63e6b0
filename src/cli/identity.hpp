// Who this process is: the id of its run, the names under which the server and the history know it.
#pragma once
#include <string>
#include <string_view>

#include "cli/variables.hpp"

namespace headway::cli {

/// A random UUID (version 4) from the kernel's generator.
[[nodiscard]] std::string random_uuid();

/// HEADWAY_POD, else HOSTNAME, else the name of the host.
[[nodiscard]] std::string pod_name(const Variables& variables);

/// "headway <pod>" in at most 63 bytes, what PostgreSQL keeps of a name.  Cut from the left of the
/// pod's name, whose end tells pods of one Deployment apart.
[[nodiscard]] std::string application_name(std::string_view pod);

struct Build {
  std::string_view version;
  std::string_view revision;
};
[[nodiscard]] Build build_info() noexcept;

}  // namespace headway::cli
