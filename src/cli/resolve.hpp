// From all layers to one Settings: flag > variable > [environment.NAME] of the file > top of the
// file > default.
#pragma once
#include "cli/arguments.hpp"
#include "cli/config_file.hpp"
#include "cli/settings.hpp"
#include "cli/variables.hpp"

namespace headway::cli {

struct Resolved {
  Settings settings;
  std::vector<std::string> warnings;
};

/// Reads the configuration file if one is named.  Throws Error BadFlag, BadConfiguration.
[[nodiscard]] Resolved resolve(const Arguments& arguments, const Variables& variables);

/// The same with the file's content at hand.
[[nodiscard]] Resolved resolve(const Arguments& arguments, const Variables& variables,
                               const std::vector<FileValue>& file);

}  // namespace headway::cli
