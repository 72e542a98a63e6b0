#include "migration/target.hpp"

#include <doctest/doctest.h>

#include "unit/migration/sources.hpp"

using headway::ErrorId;
using headway::migration::parse_target;
using headway::migration::Target;
using headway::testing::error_of;

TEST_CASE("the words of Alembic are targets") {
  CHECK(parse_target("head").kind == Target::Kind::Head);
  CHECK(parse_target("heads").kind == Target::Kind::Heads);
  CHECK(parse_target("base").kind == Target::Kind::Base);
}

TEST_CASE("a sign and a number go that many steps") {
  CHECK(parse_target("+2").kind == Target::Kind::Relative);
  CHECK(parse_target("+2").steps == 2);
  CHECK(parse_target("-1").steps == -1);
  CHECK(parse_target("+007").steps == 7);
}

TEST_CASE("anything else is a version or the beginning of one") {
  CHECK(parse_target("2026").kind == Target::Kind::Version);
  CHECK(parse_target("2026").text == "2026");
  CHECK(parse_target("header").kind == Target::Kind::Version);
  CHECK(parse_target("ae10-f").text == "ae10-f");
}

TEST_CASE("what is not a target is refused") {
  for (const char* text :
       {"", "+", "-", "+0", "-0", "+x", "-1x", "+-1", "--1", "+ 1", "+99999999999"}) {
    CAPTURE(text);
    CHECK(error_of([&] { return parse_target(text); }).id == ErrorId::BadTarget);
  }
}
