// Completion scripts, from the tables of commands and options.
#pragma once
#include <string>
#include <string_view>

namespace headway::cli {

/// `shell`: bash, zsh or fish.  Throws Error BadFlag for others.
[[nodiscard]] std::string completion_script(std::string_view shell);

}  // namespace headway::cli
