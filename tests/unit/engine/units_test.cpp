#include "engine/units.hpp"

#include <doctest/doctest.h>

#include "unit/migration/sources.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

/// One word per statement: a(tomic), g(roup), l(one), l? (alone and doubtful); then when the
/// journal is written: + after, - before, nothing.
std::string units(const std::string& text) {
  migration::Script script;
  script.text = text;
  script.transaction = migration::Transaction::None;
  const auto prepared = engine::prepare(script);
  std::string out;
  for (const engine::Unit& unit : engine::units_of(prepared)) {
    if (!out.empty()) out += ' ';
    using Mode = engine::Unit::Mode;
    using Journal = engine::Unit::Journal;
    out += unit.mode == Mode::Atomic ? "a" : unit.mode == Mode::Group ? "g" : "l";
    if (unit.doubtful) out += '?';
    if (unit.journal == Journal::After) out += '+';
    if (unit.journal == Journal::Before) out += '-';
    if (unit.in_transaction) out += '!';
  }
  return out;
}

}  // namespace

TEST_CASE("what can run in a transaction gets one, and the rest runs alone") {
  CHECK(units("CREATE TABLE a(); VACUUM; INSERT INTO a DEFAULT VALUES;") == "a+ l?+ a+");
}

TEST_CASE("the file's own transactions are journalled with their COMMIT") {
  CHECK(units("BEGIN; SELECT 1; COMMIT; VACUUM;") == "g g! g-! l?+");
  CHECK(units("BEGIN READ ONLY; SELECT 1; COMMIT;") == "g g! g+!");
  CHECK(units("BEGIN; SELECT 1; ROLLBACK; SELECT 2;") == "g g! g+! a+");
  CHECK(units("BEGIN; SELECT 1; COMMIT AND CHAIN; SELECT 2; COMMIT;") == "g g! g-! g! g-!");
}

TEST_CASE("a transaction is not left to somebody else") {
  for (const char* text :
       {"BEGIN; SELECT 1; PREPARE TRANSACTION 'x';", "PREPARE TRANSACTION 'x';"}) {
    const ErrorInfo error = error_of([&] { return units(text); });
    CHECK(error.id == ErrorId::TransactionControl);
    CHECK(contains(error.message, "PREPARE TRANSACTION leaves open"));
  }
  CHECK(units("COMMIT PREPARED 'x'; ROLLBACK PREPARED 'y';") == "l?+ l?+");
  CHECK(units("PREPARE transaction AS SELECT 1;") == "a+");
}

TEST_CASE("procedures and blocks that may commit are not put into a transaction") {
  CHECK(units("CALL backfill();") == "l?+");
  CHECK(units("DO $$ BEGIN PERFORM 1; COMMIT; END $$;") == "l?+");
  CHECK(units("DO $$ BEGIN PERFORM committed(); END $$;") == "a+");
}

TEST_CASE("a COMMIT without BEGIN is only a warning of the server") {
  CHECK(units("COMMIT; SELECT 1;") == "l+ a+");
}
