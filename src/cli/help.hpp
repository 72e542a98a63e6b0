// Help, from the tables of commands and options.
#pragma once
#include <string>

#include "cli/command.hpp"

namespace headway::cli {

[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Command& command);

}  // namespace headway::cli
