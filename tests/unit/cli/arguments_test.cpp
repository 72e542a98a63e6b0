#include "cli/arguments.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace headway::cli {
namespace {

Arguments parse(std::initializer_list<std::string_view> words) {
  return parse_arguments(std::vector<std::string_view>(words));
}

std::string refusal(std::initializer_list<std::string_view> words) {
  try {
    (void)parse(words);
  } catch (const Error& e) {
    CHECK(e.id() == ErrorId::BadFlag);
    return e.info().message;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a command is known by its name and by its alias") {
  CHECK(parse({"upgrade"}).command->id == CommandId::Upgrade);
  CHECK(parse({"up"}).command->id == CommandId::Upgrade);
  CHECK(parse({"down", "base"}).command->id == CommandId::Downgrade);
  CHECK(parse({}).command == nullptr);
}

TEST_CASE("options stand before and after the command, with = or a blank") {
  const Arguments a =
      parse({"--environment=dev", "upgrade", "--lock-wait", "5s", "head", "--log-literals"});
  REQUIRE(a.options.size() == 3);
  CHECK(a.options[0].option->name == "environment");
  CHECK(a.options[0].value == "dev");
  CHECK(a.options[1].option->name == "lock-wait");
  CHECK(a.options[1].value == "5s");
  CHECK(a.options[2].value == "true");
  CHECK(a.positional == std::vector<std::string>{"head"});
}

TEST_CASE("the value of an option is never taken for the command") {
  const Arguments a = parse({"--environment", "status", "upgrade"});
  CHECK(a.command->id == CommandId::Upgrade);
  CHECK(a.options[0].value == "status");
}

TEST_CASE("a relative target is an argument, not an option") {
  CHECK(parse({"downgrade", "-1"}).positional == std::vector<std::string>{"-1"});
  CHECK(parse({"upgrade", "+2"}).positional == std::vector<std::string>{"+2"});
  CHECK(parse({"upgrade", "--", "--odd"}).positional == std::vector<std::string>{"--odd"});
}

TEST_CASE("a short option takes its value beside it or behind it") {
  CHECK(parse({"revision", "-m", "create a"}).options[0].value == "create a");
  CHECK(parse({"revision", "-mcreate a"}).options[0].value == "create a");
}

TEST_CASE("a flag may say true or false") {
  CHECK(parse({"upgrade", "--dry-run=no"}).options[0].value == "false");
  CHECK(refusal({"upgrade", "--dry-run=perhaps"}) ==
        "--dry-run: \"perhaps\" is neither true nor false");
}

TEST_CASE("a mistyped word is answered with the nearest there is") {
  CHECK(refusal({"upgrad"}) == "there is no command \"upgrad\"; did you mean upgrade?");
  CHECK(refusal({"xyzzy"}) == "there is no command \"xyzzy\"");
  CHECK(refusal({"upgrade", "--lock-wiat=1s"}) ==
        "there is no option --lock-wiat; did you mean --lock-wait?");
  CHECK(refusal({"upgrade", "-x"}) == "there is no option -x");
}

TEST_CASE("what belongs elsewhere, lacks or is too much is refused") {
  CHECK(refusal({"status", "--dry-run"}) == "--dry-run is not an option of `headway status`");
  CHECK(refusal({"upgrade", "--lock-wait"}) == "--lock-wait lacks its value");
  CHECK(refusal({"stamp"}) == "`headway stamp` lacks its TARGET");
  CHECK(refusal({"status", "head"}) ==
        "`headway status` takes no argument and got \"head\" besides");
  CHECK(refusal({"upgrade", "a", "b"}) ==
        "`headway upgrade` takes one argument and got \"b\" besides");
}

TEST_CASE("help is given whatever else is wrong") {
  CHECK(parse({"--help"}).help);
  CHECK(parse({"stamp", "-h"}).help);
  const Arguments a = parse({"help", "stamp"});
  CHECK(a.help);
  CHECK(a.command->id == CommandId::Stamp);
}

}  // namespace headway::cli
