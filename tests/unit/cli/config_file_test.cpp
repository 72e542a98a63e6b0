#include "cli/config_file.hpp"

#include <doctest/doctest.h>

namespace headway::cli {
namespace {

std::string refusal(std::string_view text) {
  try {
    (void)parse_config(text, "headway.toml");
  } catch (const Error& e) {
    CHECK(e.id() == ErrorId::BadConfiguration);
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("keys are the options' names, at the top and by environment") {
  const auto values = parse_config(
      "lock-wait = \"5m\"\n"
      "allow-empty = true\n"
      "drain = 0\n"
      "[environment.staging]\n"
      "lock-wait = \"1m\"\n",
      "headway.toml");
  REQUIRE(values.size() == 4);
  std::size_t staged = 0;
  for (const FileValue& value : values) {
    if (value.option->name == "allow-empty") CHECK(value.texts[0] == "true");
    if (value.option->name == "drain") CHECK(value.texts[0] == "0");
    if (value.environment.empty()) continue;
    ++staged;
    CHECK(value.environment == "staging");
    CHECK(value.texts[0] == "1m");
    CHECK(value.where.text() == "headway.toml:5:13");
  }
  CHECK(staged == 1);
}

TEST_CASE("lists are arrays, tables or single texts") {
  const auto values = parse_config(
      "search-path = [\"a\", \"b\"]\n"
      "history-readers = \"app\"\n"
      "[set]\nwork_mem = \"64MB\"\njit = \"off\"\n",
      "headway.toml");
  REQUIRE(values.size() == 3);
  for (const FileValue& value : values) {
    if (value.option->name == "search-path")
      CHECK(value.texts == std::vector<std::string>{"a", "b"});
    if (value.option->name == "history-readers")
      CHECK(value.texts == std::vector<std::string>{"app"});
    if (value.option->name == "set") {
      CHECK(value.texts == std::vector<std::string>{"jit=off", "work_mem=64MB"});
    }
  }
}

TEST_CASE("a key that is no option is an error at its place") {
  CHECK(refusal("drain = \"1s\"\nlock_wait = \"5m\"\n") ==
        "headway.toml:2:1: there is no option \"lock_wait\"; did you mean lock-wait?");
  CHECK(refusal("[environment.dev]\n  xyzzy = 1\n") ==
        "headway.toml:2:3: there is no option \"xyzzy\"");
}

TEST_CASE("values of a wrong type are errors at their place") {
  CHECK(refusal("allow-empty = \"yes\"\n") ==
        "headway.toml:1:15: allow-empty is either true or false");
  CHECK(refusal("lock-wait = 1.5\n") == "headway.toml:1:13: lock-wait is a text");
}

TEST_CASE("what can't stand in the file is refused") {
  CHECK(refusal("config = \"other.toml\"\n") == "headway.toml:1:1: \"config\" can't be set here");
  CHECK(refusal("environment = \"dev\"\n") ==
        "headway.toml:1:1: \"environment\" can't be set here");
  CHECK(refusal("[environment.dev]\nenvironment = \"test\"\n") ==
        "headway.toml:2:1: \"environment\" can't be set here");
}

TEST_CASE("what is not TOML is an error with its place") {
  CHECK(refusal("lock-wait = \n").substr(0, 15) == "headway.toml:1:");
}

TEST_CASE("a configuration file that is not there is an error") {
  CHECK_THROWS_AS((void)read_config("/nonexistent/headway.toml"), Error);
}

}  // namespace headway::cli
