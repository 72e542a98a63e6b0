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
    CHECK_FALSE(e.info().next.empty());
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

TEST_CASE("the value of an option is what stands there, whatever it looks like") {
  const auto value = [](std::initializer_list<std::string_view> words) {
    const Arguments a = parse(words);
    REQUIRE(a.command != nullptr);
    REQUIRE(a.options.size() == 1);
    CHECK(a.positional.empty());
    return a.options[0].value;
  };
  CHECK(value({"upgrade", "--set", "work_mem=256MB"}) == "work_mem=256MB");
  CHECK(value({"upgrade", "--set=work_mem=256MB"}) == "work_mem=256MB");
  CHECK(value({"upgrade", "--role", "--strict"}) == "--strict");
  CHECK(value({"upgrade", "--role", "--role="}) == "--role=");
  CHECK(value({"upgrade", "--role", "--"}) == "--");
  CHECK(value({"upgrade", "--role", "-h"}) == "-h");
  CHECK(value({"upgrade", "--role", "-1"}) == "-1");
  CHECK(value({"upgrade", "--role=-1"}) == "-1");
  CHECK(value({"upgrade", "--role=--strict"}) == "--strict");
  CHECK(value({"upgrade", "--role", "status"}) == "status");
  CHECK(value({"upgrade", "--search-path=[a,b]"}) == "[a,b]");
  CHECK(value({"upgrade", "--search-path", "[a,b]"}) == "[a,b]");
  CHECK(value({"upgrade", "--role={}"}) == "{}");
  CHECK(value({"upgrade", "--role=\"a b\""}) == "\"a b\"");
  CHECK(value({"revision", "-m", "-m"}) == "-m");
  CHECK(value({"revision", "-m", "--"}) == "--");
  CHECK(value({"revision", "-m=a"}) == "=a");
}

TEST_CASE("an empty value is a value, and takes no word behind it") {
  for (const char* form : {"--role=", "--role"}) {
    CAPTURE(form);
    const bool apart = std::string_view(form) == "--role";
    const Arguments a =
        apart ? parse({"upgrade", form, "", "head"}) : parse({"upgrade", form, "head"});
    REQUIRE(a.options.size() == 1);
    CHECK(a.options[0].value.empty());
    CHECK(a.positional == std::vector<std::string>{"head"});
  }
  CHECK(parse({"upgrade", "--role=", "--strict"}).options.size() == 2);
  CHECK(parse({"revision", "-m", ""}).options[0].value.empty());
  CHECK(refusal({"upgrade", "--dry-run="}) == "--dry-run: \"\" is neither true nor false");
  CHECK(refusal({"upgrade", "--dry-run={}"}) == "--dry-run: \"{}\" is neither true nor false");
}

TEST_CASE("what is given again comes again, in the order of the line") {
  const Arguments a = parse({"--set=a=1", "--strict", "upgrade", "--set", "b=2", "--strict=off",
                             "--lenient", "--set=a=3", "--strict"});
  std::string seen;
  for (const GivenOption& given : a.options) {
    seen += std::string(given.option->name) + ':' + given.value + ' ';
  }
  CHECK(seen == "set:a=1 strict:true set:b=2 strict:false lenient:true set:a=3 strict:true ");
}

TEST_CASE("behind -- stand no options") {
  using Words = std::vector<std::string>;
  CHECK(parse({"upgrade", "--"}).positional == Words{});
  CHECK(parse({"upgrade", "--", "--"}).positional == Words{"--"});
  CHECK(parse({"upgrade", "--", "--role="}).positional == Words{"--role="});
  CHECK(parse({"upgrade", "--", "-h"}).positional == Words{"-h"});
  CHECK_FALSE(parse({"upgrade", "--", "-h"}).help);
  CHECK(parse({"--", "upgrade", "--odd"}).positional == Words{"--odd"});
  CHECK(refusal({"upgrade", "head", "--", "--dry-run"}) ==
        "`headway upgrade` takes one argument and got \"--dry-run\" besides");
}

TEST_CASE("an argument may look like nearly anything") {
  for (const char* word :
       {"", "-", "-12", "+2", "status", "upgrade", "[a,b]", "{}", "/x", "%", "a=b", "++"}) {
    CAPTURE(word);
    CHECK(parse({"upgrade", word}).positional == std::vector<std::string>{word});
  }
  CHECK(refusal({"-1"}) == "there is no command \"-1\"");
}

TEST_CASE("an option that is hard to read is still named") {
  CHECK(refusal({"upgrade",
                 "--"
                 "=x"}) == "there is no option --");
  CHECK(refusal({"upgrade", "---x"}) == "there is no option ---x");
  CHECK(refusal({"upgrade", "--!x=secret"}) == "there is no option --!x");
  CHECK(refusal({"upgrade", "-xsecret"}) == "there is no option -x");
  CHECK(refusal({"upgrade", "--Role=a"}) == "there is no option --Role; did you mean --role?");
  CHECK(refusal({"upgrade", "--rol=a"}) == "there is no option --rol; did you mean --role?");
  CHECK(refusal({"revision", "-m"}) == "--message lacks its value");
}

TEST_CASE("help is given whatever else is wrong") {
  CHECK(parse({"--help"}).help);
  CHECK(parse({"stamp", "-h"}).help);
  CHECK(parse({"stamp", "--odd", "--help"}).help);
  const Arguments a = parse({"help", "stamp"});
  CHECK(a.help);
  CHECK(a.command->id == CommandId::Stamp);
}

}  // namespace headway::cli
