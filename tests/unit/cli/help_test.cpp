#include "cli/help.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include "cli/options.hpp"
#include "cli/text.hpp"

namespace headway::cli {

TEST_CASE("the help of a command shows every option of it with its variable and default") {
  for (const Command& command : all_commands()) {
    const std::string text = help_text(command);
    CAPTURE(command.name);
    for (const Option& option : all_options()) {
      CAPTURE(option.name);
      const bool shown =
          text.find(fmt::format("[{}", variable_of(option)) +
                    (option.default_value.empty() && option.default_remark.empty() ? "]" : ";")) !=
          std::string::npos;
      CHECK(shown == option.commands.contains(command.id));
    }
  }
}

TEST_CASE("the help of upgrade says what Alembic's users look for") {
  const std::string text = help_text(command_of(CommandId::Upgrade));
  CHECK(text.substr(0, 43) == "Usage: headway upgrade [TARGET] [OPTION...]");
  CHECK(text.find("  --lock-timeout=DURATION\n"
                  "      How long one statement may wait for a table's lock before it gives way.\n"
                  "      [HEADWAY_LOCK_TIMEOUT; default: 2s]\n") != std::string::npos);
  CHECK(text.find("  --pooler=refuse|session|transaction\n") != std::string::npos);
}

TEST_CASE("the help names every command") {
  const std::string text = help_text();
  for (const Command& command : all_commands()) {
    CAPTURE(command.name);
    CHECK(text.find(fmt::format("\n  {}", command.name)) != std::string::npos);
    CHECK(text.find(command.summary) != std::string::npos);
  }
}

TEST_CASE("no line of any help is wider than 100 characters") {
  const auto check = [](std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      CAPTURE(line);
      CHECK(width_of(line) <= 100);
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  };
  check(help_text());
  for (const Command& command : all_commands()) check(help_text(command));
}

}  // namespace headway::cli
