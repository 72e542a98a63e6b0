#include "migration/native_name.hpp"

#include <doctest/doctest.h>

#include <string>

#include "unit/migration/sources.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::migration::NativeName;
using headway::migration::parse_native_name;
using headway::testing::contains;
using headway::testing::error_of;

namespace {

NativeName parse(const std::string& name) { return parse_native_name(name, "m/" + name); }

ErrorInfo refused(const std::string& name) {
  return error_of([&] { return parse(name); });
}

}  // namespace

TEST_CASE("digits, a name and .sql are an up file") {
  const NativeName name = parse("20261122093000_create_metrics.sql");
  CHECK(name.kind == NativeName::Kind::Up);
  CHECK(name.version.text() == "20261122093000");
  CHECK(name.name == "create_metrics");
}

TEST_CASE("the name may follow a dash, or be left out") {
  CHECK(parse("0042-create-metrics.sql").name == "create-metrics");
  CHECK(parse("0042-create-metrics.sql").version.text() == "0042");
  CHECK(parse("42.sql").kind == NativeName::Kind::Up);
  CHECK(parse("42.sql").name.empty());
}

TEST_CASE("the digits may be more than any integer holds") {
  CHECK(parse("123456789012345678901234567890_a.sql").version.text() ==
        "123456789012345678901234567890");
}

TEST_CASE(".down.sql is the way back") {
  CHECK(parse("42_a.down.sql").kind == NativeName::Kind::Down);
  CHECK(parse("42_a.down.sql").name == "a");
  CHECK(parse("42.down.sql").kind == NativeName::Kind::Down);
  CHECK(parse("42-a.down.sql").version.text() == "42");
}

TEST_CASE("a name may look like something else") {
  CHECK(parse("42_down.sql").kind == NativeName::Kind::Up);
  CHECK(parse("42_users.add.sql").name == "users.add");
  CHECK(parse("42_7.sql").name == "7");
  CHECK(parse("42_V1__init.sql").name == "V1__init");
}

TEST_CASE("R__ is a repeatable") {
  CHECK(parse("R__views.sql").kind == NativeName::Kind::Repeatable);
  CHECK(parse("R__views.sql").name == "views");
}

TEST_CASE("what is not SQL is left aside") {
  for (const char* name :
       {"README.md", ".gitkeep", "Makefile", "42_a.sql.bak", "42_a.sqlx", "sql"}) {
    CAPTURE(name);
    CHECK(parse(name).kind == NativeName::Kind::Foreign);
  }
}

TEST_CASE("golang-migrate's .up.sql is refused with what to rename it to") {
  const ErrorInfo error = refused("000001_init.up.sql");
  CHECK(error.id == ErrorId::BadFileName);
  CHECK(error.where.file == "m/000001_init.up.sql");
  CHECK(contains(error.message, "golang-migrate"));
  CHECK(contains(error.next, "000001_init.sql"));
}

TEST_CASE("Flyway's names are refused with what to do") {
  CHECK(contains(refused("V3__add_users.sql").next, "3_add_users.sql"));
  CHECK(contains(refused("V1.2__add_users.sql").message, "Flyway"));
  CHECK(contains(refused("U3__add_users.sql").message, "Flyway"));
  CHECK(contains(refused("V1__add_users.sql").next, "1_add_users.sql"));
  // 1_add_users.sql would be out of order, and perhaps the second 1.
  CHECK(contains(refused("V1.2__add_users.sql").next, "Number the files anew"));
  CHECK(contains(refused("V1_2__add_users.sql").next, "Number the files anew"));
}

TEST_CASE("any other SQL file would be left out silently, so it is an error") {
  for (const char* name : {"init.sql",     "a_42.sql",          "42 a.sql",        "42a.sql",
                           "42_.sql",      "42-.sql",           "1.2_a.sql",       "42.a.sql",
                           ".sql",         ".down.sql",         "R__.sql",         "R_views.sql",
                           "r__views.sql", "R__views.down.sql", "R__views.up.sql", "42_.down.sql",
                           "init.up.sql",  "42_a.SQL",          "42_a.Sql",        "-1_a.sql"}) {
    CAPTURE(name);
    CHECK(refused(name).id == ErrorId::BadFileName);
  }
}
