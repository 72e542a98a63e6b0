#include "cli/options.hpp"

#include <doctest/doctest.h>

#include <set>

#include "cli/arguments.hpp"

namespace headway::cli {

TEST_CASE("no two options share a name or a letter, and none is called port") {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (const Option& option : all_options()) {
    CAPTURE(option.name);
    CHECK(names.insert(option.name).second);
    if (option.letter != 0) CHECK(letters.insert(option.letter).second);
    CHECK(option.name != "port");
  }
}

TEST_CASE("every option has a help that is a sentence, and a command that takes it") {
  for (const Option& option : all_options()) {
    CAPTURE(option.name);
    REQUIRE_FALSE(option.help.empty());
    CHECK(option.help.back() == '.');
    bool used = false;
    for (const Command& command : all_commands()) used |= option.commands.contains(command.id);
    CHECK(used);
    if (option.kind == OptionKind::Choice) CHECK(option.choices.size() >= 2);
    if (option.kind == OptionKind::Text) CHECK_FALSE(option.value_name.empty());
  }
}

TEST_CASE("every choice can be chosen") {
  for (const Option& option : all_options()) {
    for (const std::string_view choice : option.choices) {
      CAPTURE(option.name);
      CAPTURE(choice);
      Settings settings;
      const Origin origin{Origin::Layer::Flag, "--x", {}};
      CHECK_NOTHROW(option.apply(settings, {option, choice, origin}));
    }
  }
}

TEST_CASE("an option's variable is its name in capitals behind HEADWAY_") {
  CHECK(variable_of(*find_option("lock-wait")) == "HEADWAY_LOCK_WAIT");
  CHECK(variable_of(*find_option("http")) == "HEADWAY_HTTP");
}

TEST_CASE("a URL that is not understood is not repeated") {
  const Option& option = *find_option("pushgateway-url");
  const Origin origin{Origin::Layer::Flag, "--pushgateway-url", {}};
  const Error error = bad_value({option, "http://user:secret@host", origin}, "a URL");
  CHECK(std::string(error.what()).find("secret") == std::string::npos);
}

}  // namespace headway::cli
