// What libpq would send as startup options ("-c name=value"), for SET.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headway::postgres {

struct StartupOptions {
  std::vector<std::pair<std::string, std::string>> settings;
  bool endpoint = false;  ///< holds Neon's endpoint=, for clients that don't send SNI
};

/// "-c a=b", "-ca=b" and "--a=b", with a backslash before a space that is part of a value.  Nothing
/// if there is anything else in it.
[[nodiscard]] std::optional<StartupOptions> parse_startup_options(std::string_view text);

}  // namespace headway::postgres
