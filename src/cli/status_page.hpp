// The status page: one HTML document without external assets, complete without JavaScript, and
// without the text of any statement.
#pragma once
#include <string>

#include "cli/live.hpp"

namespace headway::cli {

/// Long histories are cut to the newest rows, which is said.  Everything that comes from files, the
/// database or errors is escaped.
[[nodiscard]] std::string status_page(const LiveStatus& status, Timestamp now);

}  // namespace headway::cli
