#include "cli/targets_file.hpp"

#include <doctest/doctest.h>

namespace headway::cli {
namespace {

std::string refusal(std::string_view text) {
  try {
    (void)parse_targets(text, "t.toml");
  } catch (const Error& e) {
    CHECK(e.id() == ErrorId::BadConfiguration);
    CHECK(e.info().where.file == "t.toml");
    return e.what();
  }
  return "accepted";
}

std::vector<Target> listed(std::string_view text) {
  const auto groups = parse_targets(text, "t.toml");
  std::vector<Target> out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (Target& target : targets_of(groups[i], i, groups[i].listed)) {
      out.push_back(std::move(target));
    }
  }
  require_distinct_names(out, groups);
  return out;
}

}  // namespace

TEST_CASE("targets and tenants stand in the order of the file") {
  const auto groups = parse_targets(
      "[[tenants]]\nschemas = [\"a\", \"b\"]\nname-prefix = \"eu-\"\n"
      "[[target]]\nname = \"one\"\ndatabase-url = \"postgresql://u@h/d\"\n"
      "[[tenants]]\ndatabase-dir = \"/db\"\ndatabase-query = \"select datname from list\"\n",
      "t.toml");
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].kind == TargetGroup::Kind::Schemas);
  CHECK(groups[0].listed == std::vector<std::string>{"a", "b"});
  CHECK(groups[0].name_prefix == "eu-");
  CHECK(groups[1].kind == TargetGroup::Kind::One);
  CHECK(groups[1].place.url == "postgresql://u@h/d");
  CHECK(groups[1].place.url_source == "t.toml:6:16");
  CHECK(groups[2].kind == TargetGroup::Kind::Databases);
  CHECK(groups[2].place.directory == "/db");
  CHECK(groups[2].query == "select datname from list");
}

TEST_CASE(
    "a tenant's history lies in its schema, under a name that its application has no use for") {
  const auto targets = listed("[[tenants]]\nschemas = [\"a\"]\n");
  REQUIRE(targets.size() == 1);
  CHECK(targets[0].name == "a");
  CHECK(targets[0].schema == "a");
  CHECK(targets[0].history_schema == "a");
  CHECK(targets[0].history_table == "headway_history");
}

TEST_CASE("a pattern puts the histories elsewhere") {
  const auto targets = listed(
      "[[tenants]]\nschemas = [\"a\"]\nhistory-schema = \"headway\"\nhistory-table = "
      "\"of_{schema}\"\n");
  CHECK(targets[0].history_schema == "headway");
  CHECK(targets[0].history_table == "of_a");
}

TEST_CASE("a database is as any other: its history where the options say") {
  const auto targets =
      listed("[[tenants]]\ndatabases = [\"d\"]\nname-prefix = \"x/\"\n[[target]]\nname = \"n\"\n");
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].name == "x/d");
  CHECK(targets[0].database == "d");
  CHECK(targets[0].schema.empty());
  CHECK(targets[0].history_schema.empty());
  CHECK(targets[1].name == "n");
  CHECK(targets[1].group == 1);
}

TEST_CASE("what is not understood is refused at its place") {
  CHECK(refusal("") == "t.toml: the file names no target");
  CHECK(refusal("[[target]\n").starts_with("t.toml:1:"));
  CHECK(refusal("[target]\nname = \"a\"\n") == "t.toml:1:1: write it as [[target]]");
  CHECK(refusal("tenant = 1\n") == "t.toml:1:1: \"tenant\" is neither [[target]] nor [[tenants]]");
  CHECK(refusal("[[target]]\nnam = \"a\"\n") ==
        "t.toml:2:1: there is no key \"nam\" here; did you mean name?");
  CHECK(refusal("[[target]]\ndatabase-dir = \"/d\"\n") == "t.toml:1:1: a [[target]] needs a name");
  CHECK(refusal("[[target]]\nname = 3\n") == "t.toml:2:8: name is a text");
  CHECK(refusal("[[target]]\nname = \"\"\n") == "t.toml:2:8: name is empty");
  CHECK(refusal("[[tenants]]\nschemas = \"a\"\n") == "t.toml:2:11: schemas is a list of texts");
  CHECK(refusal("[[tenants]]\nschemas = [1]\n") == "t.toml:2:12: schemas is a list of texts");
  CHECK(refusal("[[tenants]]\nschemas = [\"a\", \"a\"]\n") == "t.toml:2:17: \"a\" is listed twice");
  CHECK(refusal("[[tenants]]\nschemas = [\"a\"]\nallow-empty = 1\n") ==
        "t.toml:3:15: allow-empty is either true or false");
}

TEST_CASE("contradictions are refused") {
  const std::string ways =
      "t.toml:1:1: [[tenants]] needs one of schemas, databases, schema-query and database-query";
  CHECK(refusal("[[tenants]]\nname-prefix = \"a\"\n") == ways);
  CHECK(refusal("[[tenants]]\nschemas = [\"a\"]\ndatabases = [\"b\"]\n") == ways);
  CHECK(refusal("[[tenants]]\nschemas = [\"a\"]\nschema-query = \"select 1\"\n") == ways);
  CHECK(refusal("[[target]]\nname = \"a\"\ndatabase-dir = \"/d\"\ndatabase-url-file = \"/f\"\n") ==
        "t.toml:1:1: database-url, database-url-file and database-dir: keep one");
  CHECK(refusal("[[target]]\nname = \"a\"\nhistory-schema = \"{schema}\"\n") ==
        "t.toml:1:1: {schema} stands for a schema, and none is named");
  CHECK(refusal("[[tenants]]\nschemas = [\"a\", \"b\"]\nhistory-schema = \"headway\"\n")
            .starts_with("t.toml:1:1: all schemas would share one history"));
}

TEST_CASE("a URL with a password is in no message") {
  for (const char* text : {"[[target]]\nname = \"a\"\ndatabase-url = \"postgresql://u:geheim@h/d\n",
                           "[[target]]\nname = \"a\"\ndatabase-url = [\"postgresql://u:geheim@h\"]",
                           "[[target]]\ndatabase-url = \"postgresql://u:geheim@h/d\"\n"}) {
    const std::string message = refusal(text);
    CHECK(message != "accepted");
    CHECK(message.find("geheim") == std::string::npos);
  }
}

TEST_CASE("names are distinct, printable and not too long") {
  const std::string twice =
      "[[tenants]]\nschemas = [\"a\"]\n[[tenants]]\ndatabase-dir = \"/d\"\nschemas = [\"a\"]\n";
  CHECK_THROWS_WITH_AS((void)listed(twice),
                       "t.toml:3:1: two targets are called \"a\"; the other one is of t.toml:1:1",
                       Error);
  CHECK_THROWS_AS((void)listed("[[tenants]]\nschemas = [\"a\\nb\"]\n"), Error);
  CHECK_THROWS_AS((void)listed("[[tenants]]\nschemas = [\"\"]\n"), Error);
  CHECK_THROWS_AS((void)listed("[[target]]\nname = \"" + std::string(201, 'a') + "\"\n"), Error);
}

TEST_CASE("a schema that the server would take for another one, or refuse, is refused") {
  for (const std::string name : {"$user", "pg_temp", "pg_catalog", "information_schema"}) {
    CAPTURE(name);
    CHECK_THROWS_AS((void)listed("[[tenants]]\nschemas = [\"" + name + "\"]\n"), Error);
    CHECK_THROWS_AS((void)listed("[[target]]\nname = \"a\"\nschema = \"" + name + "\"\n"), Error);
    CHECK(listed("[[tenants]]\ndatabases = [\"" + name + "\"]\n").size() == 1);
  }
  CHECK_THROWS_AS((void)listed("[[tenants]]\nschemas = [\"" + std::string(64, 'a') + "\"]\n"),
                  Error);
  CHECK(listed("[[tenants]]\nschemas = [\"" + std::string(63, 'a') + "\"]\n").size() == 1);
}

TEST_CASE("a list that names nobody is a mistake unless it is said to be none") {
  CHECK_THROWS_WITH_AS((void)listed("[[tenants]]\nschemas = []\n"),
                       "t.toml:1:1: the list names nobody", Error);
  CHECK(listed("[[tenants]]\nschemas = []\nallow-empty = true\n").empty());
  TargetGroup group;
  group.kind = TargetGroup::Kind::Schemas;
  group.query = "select 'x'";
  CHECK_THROWS_WITH_AS((void)targets_of(group, 0, {}), "the query lists nobody", Error);
}

}  // namespace headway::cli
