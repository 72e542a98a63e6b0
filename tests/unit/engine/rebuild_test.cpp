#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("what was applied elsewhere is run again, in the order of that history") {
  World live;
  const auto source = source_of({{"1_t.sql", "CREATE TABLE t1();\n"},
                                 {"2_t.sql", "CREATE TABLE t2();\n"},
                                 {"3_t.sql", "CREATE TABLE t3();\n"},
                                 {"R__same.sql", "CREATE VIEW same AS SELECT 1;\n"}});
  live.upgrade(source, "2");
  live.upgrade(source);
  REQUIRE(live.database.chain() == "1 2 3");
  const migration::History applied(live.database.tables.rows, live.database.tables.repeatables);

  World scratch;
  const auto report = engine::rebuild(scratch.context, source, applied);
  CHECK(error_id(report) == "none");
  CHECK(done_of(report) == "1 2 3 same");
  CHECK(scratch.database.chain() == "1 2 3");
  CHECK(scratch.database.tables.effects == live.database.tables.effects);
  CHECK(done_of(scratch.upgrade(source)).empty());
}

TEST_CASE("a repeatable that was applied with another text is left to what is pending") {
  World live;
  live.upgrade(source_of({{"1_t.sql", "CREATE TABLE t1();\n"}, {"R__v.sql", "SELECT 1;\n"}}));
  const migration::History applied(live.database.tables.rows, live.database.tables.repeatables);
  const auto source = source_of({{"1_t.sql", "CREATE TABLE t1();\n"}, {"R__v.sql", "SELECT 2;\n"}});
  World scratch;
  CHECK(done_of(engine::rebuild(scratch.context, source, applied)) == "1");
  CHECK(done_of(scratch.upgrade(source)) == "v");
}

TEST_CASE("what can't be run again is refused before anything is touched") {
  World live;
  live.upgrade(tables(2));
  const auto applied = [&live] {
    return migration::History(live.database.tables.rows, live.database.tables.repeatables);
  };
  World scratch;
  const auto id_of = [&](const migration::Source& source) {
    try {
      static_cast<void>(engine::rebuild(scratch.context, source, applied()));
    } catch (const Error& error) {
      return std::string(error.info().id_text());
    }
    return std::string("none");
  };
  CHECK(id_of(tables(1)) == "missing-file");
  live.database.row("2").state = migration::RowState::Failed;
  CHECK(id_of(tables(2)) == "half-applied");
  CHECK(scratch.database.calls.empty());
}
