// ${name} and {{.name}}: what Flyway and tern replace in a file before they run it.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "formats/reading.hpp"

namespace headway::formats {

/// Flyway's: ${name}, and of its own ${flyway:filename}, ${flyway:defaultSchema} and
/// ${flyway:table}.  Where no placeholder is given at all, an unknown one in a quoted text or a
/// comment is taken for what is written there, and `left` is called with its name.  Throws Error
/// UnknownPlaceholder with its place in `path`.
[[nodiscard]] std::string with_placeholders(std::string_view text, const std::string& path,
                                            const Reading& reading,
                                            const std::function<void(std::string_view)>& left);

}  // namespace headway::formats
