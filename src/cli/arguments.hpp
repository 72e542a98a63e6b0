// The command line as data: which command, which options with which texts, which argument.
//
// CLI11 cuts it by the table of options.  The grammar is getopt's: `--name=value`, `--name value`,
// `-m value`, `-mvalue`, and `--` ends the options, which may stand before and after the command.
// One thing differs: `-1` is a TARGET.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace headway::cli {

struct GivenOption {
  const Option* option;
  std::string value;  ///< a flag's is "true" or "false"
};

struct Arguments {
  const Command* command = nullptr;  ///< null: none was named
  std::vector<GivenOption> options;
  std::vector<std::string> positional;  ///< behind the command
  bool help = false;                    ///< --help, -h or the word help
  bool version = false;                 ///< --version
};

/// Throws Error BadFlag: unknown commands and options (with the nearest name there is), options of
/// other commands, missing and surplus values and arguments.
[[nodiscard]] Arguments parse_arguments(std::span<const std::string_view> words);

/// The candidate that a mistyped word most likely meant; empty if none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// "true" or "false" for what people write for them; empty for anything else.
[[nodiscard]] std::string_view truth(std::string_view text);

}  // namespace headway::cli
