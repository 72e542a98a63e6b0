#include "migration/directives.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "unit/migration/sources.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::Location;
using headway::migration::Directives;
using headway::migration::FileRole;
using headway::migration::late_directive;
using headway::migration::parse_directives;
using headway::migration::parse_duration;
using headway::migration::Phase;
using headway::migration::Transaction;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::Texts;
using headway::testing::texts_of;
using namespace std::chrono_literals;

namespace {

Directives parse(std::string_view text, FileRole role = FileRole::Up) {
  return parse_directives(text, "1_a.sql", role);
}

ErrorInfo refused(std::string_view text, FileRole role = FileRole::Up) {
  return error_of([&] { return parse(text, role); });
}

}  // namespace

TEST_CASE("a file without directives has the defaults") {
  CHECK(parse("") == Directives{});
  CHECK(parse("CREATE TABLE t ();") == Directives{});
  CHECK(parse("-- A comment that mentions headway: not at its beginning\n") == Directives{});
}

TEST_CASE("every directive is understood") {
  const Directives all = parse(
      "-- headway: transaction=none after=1,2 version=ae10 phase=contract\n"
      "-- headway: lock_timeout=3s statement_timeout=10m\n"
      "-- headway: environments=staging,production irreversible\n"
      "SELECT 1;");
  CHECK(all.transaction == Transaction::None);
  CHECK(texts_of(all.after) == Texts{"1", "2"});
  CHECK(all.version->text() == "ae10");
  CHECK(all.phase == Phase::Contract);
  CHECK(all.lock_timeout == 3000ms);
  CHECK(all.statement_timeout == 600000ms);
  CHECK(all.environments == Texts{"staging", "production"});
  CHECK(all.irreversible);
}

TEST_CASE("blanks around the words of a directive do not matter") {
  for (const char* text : {
           "--headway:transaction=none",
           "--  headway :  transaction = none  ",
           "  \t-- headway: transaction=none",
           "-- headway: transaction=none\r\nSELECT 1;",
           "-- headway: transaction=\"none\"",
           "--\xC2\xA0headway:\xC2\xA0transaction=none\xC2\xA0",
       }) {
    CAPTURE(text);
    CHECK(parse(text).transaction == Transaction::None);
  }
}

TEST_CASE("the leading block holds comments of both kinds and blank lines") {
  CHECK(parse("-- First.\n\n/* A block /* with one inside */ -- headway: irreversible\n */\n"
              "\t\n/**/-- headway: transaction=none\nSELECT 1;")
            .transaction == Transaction::None);
  CHECK_FALSE(parse("/* -- headway: irreversible\n*/").irreversible);
  CHECK_FALSE(parse("/* never closed\n-- headway: irreversible\n").irreversible);
}

TEST_CASE("the leading block ends at the first other character") {
  CHECK_FALSE(parse("SELECT 1; -- headway: irreversible\n").irreversible);
  CHECK_FALSE(parse(";\n-- headway: irreversible\n").irreversible);
  CHECK_FALSE(parse("- - headway: irreversible\n").irreversible);
}

TEST_CASE("a line comment ends at CR too, as PostgreSQL reads it") {
  CHECK_FALSE(parse("-- x\rSELECT 1;\n-- headway: irreversible").irreversible);
  CHECK(parse("-- headway: irreversible\r-- headway: transaction=none").transaction ==
        Transaction::None);
}

TEST_CASE("a value with blanks stands in double quotes") {
  CHECK(parse("-- headway: environments=\"staging, on the ship\"").environments ==
        Texts{"staging", "on the ship"});
}

TEST_CASE("after=base makes a migration a root of its own") {
  CHECK(texts_of(parse("-- headway: after=base").after) == Texts{"base"});
  CHECK(refused("-- headway: after=base,1").id == ErrorId::BadDirective);
}

TEST_CASE("an unknown directive is an error that names what was meant, and where") {
  const ErrorInfo typo = refused("-- Comment.\n-- headway: irreversible transacton=none\n");
  CHECK(typo.id == ErrorId::UnknownDirective);
  CHECK(typo.where == Location{"1_a.sql", 2, 26});
  CHECK(contains(typo.message, "did you mean \"transaction\"?"));
  CHECK(contains(typo.message, "lock_timeout"));

  const ErrorInfo other = refused("-- headway: colour=blue");
  CHECK(other.id == ErrorId::UnknownDirective);
  CHECK_FALSE(contains(other.message, "did you mean"));
}

TEST_CASE("keys are lower case: another case is another key, but what was meant is said") {
  CHECK(contains(refused("-- headway: Phase=expand").message, "did you mean \"phase\"?"));
}

TEST_CASE("columns count characters, not bytes") {
  CHECK(refused("-- headway: environments=\"gr\xC3\xBC\xC3\x9F\x65\" phase=x").where ==
        Location{"1_a.sql", 1, 40});
}

TEST_CASE("the same directive twice is an error, on one line or on two") {
  const ErrorInfo error = refused("-- headway: phase=expand\n-- headway: phase=expand\n");
  CHECK(error.id == ErrorId::BadDirective);
  CHECK(error.where == Location{"1_a.sql", 2, 13});
  CHECK(refused("-- headway: irreversible irreversible").where.column == 26);
}

TEST_CASE("values that are not understood are errors at the value") {
  struct Case {
    const char* text;
    std::size_t column;
  };
  for (const Case& each : {
           Case{"-- headway: transaction=no", 25},
           Case{"-- headway: phase=later", 19},
           Case{"-- headway: lock_timeout=3", 26},
           Case{"-- headway: lock_timeout=-3s", 26},
           Case{"-- headway: statement_timeout=600h", 31},
           Case{"-- headway: irreversible=yes", 26},
           Case{"-- headway: after=1,,2", 19},
           Case{"-- headway: after=1,", 19},
           Case{"-- headway: after=1,01", 19},
           Case{"-- headway: environments=a,a", 26},
           Case{"-- headway: version=head", 21},
           Case{"-- headway: version=base", 21},
           Case{"-- headway: version=+1", 21},
           Case{"-- headway: version=-x", 21},
           Case{"-- headway: version=a,b", 21},
           Case{"-- headway: phase=\"expand", 19},
           Case{"-- headway: phase=\"expand\"x", 27},
           Case{"-- headway: phase=", 13},
           Case{"-- headway: phase", 13},
           Case{"-- headway:", 1},
       }) {
    CAPTURE(each.text);
    const ErrorInfo error = refused(each.text);
    CHECK(error.id == ErrorId::BadDirective);
    CHECK(error.where.column == each.column);
  }
}

TEST_CASE("a list with a blank after its comma says how it is written") {
  CHECK(contains(refused("-- headway: after=1, 2").message, "without blanks"));
}

TEST_CASE("a down file takes only what says how it is run") {
  const Directives down =
      parse("-- headway: transaction=none lock_timeout=1s statement_timeout=0", FileRole::Down);
  CHECK(down.transaction == Transaction::None);
  CHECK(down.statement_timeout == 0ms);
  for (const char* text :
       {"after=1", "version=2", "phase=expand", "environments=x", "irreversible"}) {
    CAPTURE(text);
    CHECK(refused(std::string("-- headway: ") + text, FileRole::Down).id == ErrorId::BadDirective);
  }
}

TEST_CASE("a repeatable takes environments, too") {
  CHECK(parse("-- headway: environments=staging", FileRole::Repeatable).environments ==
        Texts{"staging"});
  for (const char* text : {"after=1", "version=2", "phase=expand", "irreversible"}) {
    CAPTURE(text);
    CHECK(refused(std::string("-- headway: ") + text, FileRole::Repeatable).id ==
          ErrorId::BadDirective);
  }
}

TEST_CASE("a directive below the leading block is found, with its place") {
  const auto late = late_directive("-- headway: phase=expand\nSELECT 1;\n  -- headway: x=y\n", "f");
  REQUIRE(late);
  CHECK(*late == Location{"f", 3, 3});
  CHECK_FALSE(late_directive("-- headway: phase=expand\nSELECT 1;\n", "f"));
  CHECK_FALSE(late_directive("SELECT 1; -- headway: phase=expand\n", "f"));
  CHECK_FALSE(late_directive("SELECT 'headway:';\n-- headway\n", "f"));
}

TEST_CASE("a directive's place can be asked for later") {
  using headway::migration::directive_location;
  CHECK(directive_location("-- x\n-- headway: phase=expand after=2\n", "f", "after") ==
        Location{"f", 2, 26});
  CHECK(directive_location("SELECT 1;", "f", "after") == Location{"f", 0, 0});
}

TEST_CASE("durations are a number and a unit") {
  CHECK(parse_duration("0") == 0ms);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("3s") == 3s);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("999999999999h") == std::chrono::hours{999999999999});
  for (const char* text : {"", "3", "s", "1.5s", "-1s", "+1s", " 1s", "1s ", "1 s", "1S", "1d",
                           "00", "9999999999999s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}
