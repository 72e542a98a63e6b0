// ${name} and {{.name}}: what Flyway and tern replace in a file before they run it.
#pragma once
#include <string>
#include <string_view>

#include "formats/reading.hpp"

namespace headway::formats {

/// Flyway's: ${name}, and of its own ${flyway:filename}, ${flyway:defaultSchema} and
/// ${flyway:table}.  Throws Error UnknownPlaceholder with its place in `path`.
[[nodiscard]] std::string with_placeholders(std::string_view text, const std::string& path,
                                            const Reading& reading);

}  // namespace headway::formats
