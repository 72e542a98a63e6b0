#include "base/error.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using headway::Error;
using headway::ErrorId;
using headway::Kind;

TEST_CASE("every id has a text of its own, a reason and a next step") {
  std::set<std::string_view> texts;
  for (const auto& info : headway::all_error_ids()) {
    CHECK(texts.insert(info.text).second);
    CHECK(info.why.ends_with('.'));
    CHECK_FALSE(info.next.empty());
  }
}

TEST_CASE("kinds map to the exit codes of the design") {
  CHECK(headway::kind_info(Kind::Internal).exit_code == 1);
  CHECK(headway::kind_info(Kind::Usage).exit_code == 2);
  CHECK(headway::kind_info(Kind::BadSource).exit_code == 2);
  CHECK(headway::kind_info(Kind::InDoubt).exit_code == 10);
  CHECK(headway::kind_info(Kind::Pending).exit_code == 30);
}

TEST_CASE("what() begins with the place, and the place shows what is known") {
  const Error error = Error(ErrorId::MetaCommand, "\\d is psql's").at({"1_a.sql", 3, 1});
  CHECK(std::string(error.what()) == "1_a.sql:3:1: \\d is psql's");
  CHECK(headway::Location{"1_a.sql", 3, 0}.text() == "1_a.sql:3");
  CHECK(headway::Location{}.text().empty());
}

TEST_CASE("the metric class follows the SQLSTATE where the kind is too coarse") {
  const Error deadlock = Error(ErrorId::Deadlock, "x").sqlstate("40P01");
  CHECK(deadlock.info().metric_class() == "deadlock");
  const Error timeout = Error(ErrorId::MigrationFailed, "x").sqlstate("57014");
  CHECK(timeout.info().metric_class() == "statement_timeout");
}

TEST_CASE("a next step of its own replaces the table's") {
  const Error error = Error(ErrorId::Unconfirmed, "x").next("Pass --yes.");
  CHECK(error.info().next_step() == "Pass --yes.");
}
