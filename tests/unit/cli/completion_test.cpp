#include "cli/completion.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include "cli/options.hpp"

namespace headway::cli {

TEST_CASE("every shell's script knows every command and every option") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(shell);
    CAPTURE(shell);
    for (const Command& command : all_commands()) {
      CAPTURE(command.name);
      CHECK(script.find(command.name) != std::string::npos);
    }
    for (const Option& option : all_options()) {
      CAPTURE(option.name);
      const std::string spelling = std::string(shell) == "fish" ? fmt::format("-l {}", option.name)
                                                                : fmt::format("--{}", option.name);
      CHECK(script.find(spelling) != std::string::npos);
    }
  }
}

TEST_CASE("a shell that is not known is refused") {
  CHECK_THROWS_AS((void)completion_script("csh"), Error);
}

}  // namespace headway::cli
