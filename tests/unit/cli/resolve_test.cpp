#include "cli/resolve.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace headway::cli {
namespace {

using namespace std::chrono_literals;

Resolved resolved(std::initializer_list<std::string_view> words, const Variables& variables = {},
                  std::string_view toml = "") {
  return resolve(parse_arguments(std::vector<std::string_view>(words)), variables,
                 parse_config(toml, "headway.toml"));
}

Settings settings(std::initializer_list<std::string_view> words, const Variables& variables = {},
                  std::string_view toml = "") {
  return resolved(words, variables, toml).settings;
}

std::string refusal(std::initializer_list<std::string_view> words, const Variables& variables = {},
                    std::string_view toml = "") {
  try {
    (void)settings(words, variables, toml);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("the defaults are those of the design") {
  const Settings s = settings({"upgrade"});
  CHECK(s.connect_timeout == 5min);
  CHECK(s.auth_retry == 90s);
  CHECK(s.lock_wait == 10min);
  CHECK(s.lock_timeout == Milliseconds{2s});
  CHECK(s.shutdown_timeout == 20s);
  CHECK(s.drain == 0s);
  CHECK_FALSE(s.statement_timeout);
  CHECK(s.history_schema == "headway");
  CHECK(s.history_table == "history");
  CHECK(s.environment == "production");
  CHECK(s.name == "default");
  CHECK(s.http.empty());
  CHECK(s.pooler == postgres::PoolerMode::Refuse);
  CHECK(s.order == migration::Order::Auto);
  CHECK(s.if_ahead == migration::IfAhead::Ok);
  CHECK(s.transaction == engine::Transactions::Each);
  CHECK_FALSE(s.log_format);
  CHECK_FALSE(s.log_level);
}

TEST_CASE("a flag wins over a variable, a variable over the section, the section over the top") {
  const std::string_view toml =
      "lock-wait = \"1s\"\n"
      "[environment.dev]\n"
      "lock-wait = \"2s\"\n";
  CHECK(settings({"upgrade"}, {}, toml).lock_wait == 1s);
  CHECK(settings({"upgrade", "--environment=dev"}, {}, toml).lock_wait == 2s);
  CHECK(settings({"upgrade", "--environment=DEV"}, {}, toml).lock_wait == 2s);
  const Variables variables{{"HEADWAY_LOCK_WAIT", "3s"}, {"HEADWAY_ENVIRONMENT", "dev"}};
  CHECK(settings({"upgrade"}, variables, toml).lock_wait == 3s);
  CHECK(settings({"upgrade", "--lock-wait=4s"}, variables, toml).lock_wait == 4s);
}

TEST_CASE("Hive's environment chooses the section, too") {
  const std::string_view toml = "[environment.local]\ndrain = \"9s\"\n";
  CHECK(settings({"upgrade"}, {{"HIVE_ENVIRONMENT", "local"}}, toml).drain == 9s);
  CHECK(
      settings({"upgrade"}, {{"HIVE_ENVIRONMENT", "local"}, {"HEADWAY_ENVIRONMENT", "test"}}, toml)
          .drain == 0s);
}

TEST_CASE("Hive's variables are honoured where Headway's are not set") {
  CHECK(settings({"upgrade"}, {{"HIVE_ENVIRONMENT", "development"}}).environment == "development");
  CHECK(settings({"upgrade"}, {{"HIVE_ENVIRONMENT", "dev"}, {"HEADWAY_ENVIRONMENT", "staging"}})
            .environment == "staging");
  CHECK(settings({"upgrade"}, {{"ALEMBIC_LOG_LEVEL", "WARN"}}).log_level ==
        telemetry::LogLevel::Warning);
  CHECK(settings({"upgrade"}, {{"ALEMBIC_LOG_LEVEL", "DEBUG"}, {"HEADWAY_LOG_LEVEL", "error"}})
            .log_level == telemetry::LogLevel::Error);
  CHECK(resolved({"upgrade"}, {{"ALEMBIC_LOG_LEVEL", "loud"}}).warnings.size() == 1);
}

TEST_CASE("four environments are lenient, all others strict, and a flag decides otherwise") {
  for (const char* name : {"development", "dev", "local", "test", "Development", "TEST"}) {
    CAPTURE(name);
    CHECK_FALSE(settings({"upgrade"}, {{"HEADWAY_ENVIRONMENT", name}}).is_strict());
  }
  for (const char* name : {"production", "staging", "tests", "prod-dev"}) {
    CAPTURE(name);
    CHECK(settings({"upgrade"}, {{"HEADWAY_ENVIRONMENT", name}}).is_strict());
  }
  CHECK(settings({"upgrade", "--environment=dev", "--strict"}).is_strict());
  CHECK_FALSE(settings({"upgrade", "--lenient"}).is_strict());
  CHECK(settings({"upgrade", "--strict"}, {{"HEADWAY_LENIENT", "1"}}).is_strict());
  CHECK(settings({"upgrade", "--lenient=false"}, {{"HEADWAY_LENIENT", "1"}}).is_strict());
  CHECK_FALSE(settings({"upgrade", "--strict=false", "--environment=dev"}).is_strict());
  CHECK(refusal({"upgrade", "--strict", "--lenient"}) == "strict and lenient are both set");
}

TEST_CASE("flags are true or false in variables, however they are written") {
  CHECK(settings({"upgrade"}, {{"HEADWAY_ALLOW_EMPTY", "Yes"}}).allow_empty);
  CHECK_FALSE(settings({"upgrade"}, {{"HEADWAY_ALLOW_EMPTY", "0"}}).allow_empty);
  CHECK_FALSE(settings({"upgrade"}, {{"HEADWAY_ALLOW_EMPTY", ""}}).allow_empty);
  CHECK_FALSE(
      settings({"upgrade", "--allow-empty=false"}, {{"HEADWAY_ALLOW_EMPTY", "1"}}).allow_empty);
  CHECK(refusal({"upgrade"}, {{"HEADWAY_ALLOW_EMPTY", "maybe"}}) ==
        "HEADWAY_ALLOW_EMPTY: \"maybe\" is not either true or false");
}

TEST_CASE("a bad value names where it stands and what is expected there") {
  CHECK(refusal({"upgrade", "--lock-wait=soon"}) ==
        "--lock-wait: \"soon\" is not a duration such as 500ms, 90s, 5m, 1h or 0");
  CHECK(refusal({"upgrade"}, {{"HEADWAY_ORDER", "loose"}}) ==
        "HEADWAY_ORDER: \"loose\" is not one of auto, strict, skip, any");
  CHECK(refusal({"upgrade"}, {}, "drain = \"x\"\n") ==
        "headway.toml:1:9: drain: \"x\" is not a duration such as 500ms, 90s, 5m, 1h or 0");
  CHECK(refusal({"upgrade", "--history-table="}) == "the history table lacks its name");
}

TEST_CASE("a list may be repeated or written with commas, and a higher layer replaces it") {
  CHECK(settings({"upgrade", "--search-path=a, b", "--search-path=c"}).search_path ==
        std::vector<std::string>{"a", "b", "c"});
  CHECK(settings({"upgrade", "--search-path=x"}, {{"HEADWAY_SEARCH_PATH", "a,b"}}).search_path ==
        std::vector<std::string>{"x"});
  CHECK(settings({"upgrade"}, {{"HEADWAY_SEARCH_PATH", "a,b"}}, "search-path = [\"z\"]\n")
            .search_path == std::vector<std::string>{"a", "b"});
}

TEST_CASE("settings of the session may hold commas") {
  CHECK(settings({"upgrade", "--set", "a.b=x,y", "--set", "jit=off"}).set ==
        std::vector<std::string>{"a.b=x,y", "jit=off"});
  CHECK(settings({"upgrade"}, {{"HEADWAY_SET", "a.b=x,y; jit=off"}}).set ==
        std::vector<std::string>{"a.b=x,y", "jit=off"});
  CHECK(refusal({"upgrade", "--set", "jit"}) ==
        "--set: \"jit\" is not NAME=VALUE, such as work_mem=256MB");
}

TEST_CASE("a place of the database in a variable wins over another kind of place in the file") {
  const std::string_view toml = "database-url = \"postgresql://file\"\n";
  CHECK(settings({"upgrade"}, {}, toml).database_url == "postgresql://file");
  CHECK(settings({"upgrade"}, {{"HEADWAY_DATABASE_DIR", "/secret"}}, toml).database_url.empty());
  const Settings both =
      settings({"upgrade"}, {{"HEADWAY_DATABASE_URL", "postgresql://variable"}}, toml);
  CHECK(both.database_url == "postgresql://variable");
  CHECK(both.database_url_source == "HEADWAY_DATABASE_URL");
}

TEST_CASE("unknown variables warn and stop nothing") {
  CHECK(resolved({"upgrade"}, {{"HEADWAY_XYZZY_PLUGH", "1"}}).warnings.size() == 1);
}

}  // namespace headway::cli
