// The configuration file: TOML whose keys are the options' names, at the top for every environment
// and in [environment.NAME] for one.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace headway::cli {

struct FileValue {
  const Option* option;
  std::vector<std::string> texts;  ///< one but for lists; a flag's is "true" or "false"
  Location where;
  std::string environment;  ///< empty: at the top
};

/// Throws Error BadConfiguration with file:line:column: what is not TOML, unknown keys and
/// sections, values of a wrong type.
[[nodiscard]] std::vector<FileValue> parse_config(std::string_view text, const std::string& file);

/// Throws Error BadConfiguration.
[[nodiscard]] std::string read_config(const std::string& file);

}  // namespace headway::cli
