#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

void apply_all(World& world, const migration::Source& source, const std::string& run = "earlier") {
  for (const auto& migration : source.migrations()) world.database.apply(migration, run);
}

}  // namespace

TEST_CASE("on the way back the row goes first, in the same transaction") {
  World world;
  const auto source = tables(2);
  apply_all(world, source);
  const auto report = world.downgrade(source, "-1");
  CHECK(done_of(report) == "2");
  CHECK(report.current == "1");
  CHECK(world.database.chain() == "1");
  CHECK(world.database.calls_like({"begin", "delete_row", "run", "restore", "event", "commit"}) ==
        Texts{"event locked", "begin", "delete_row 2", "run DROP TABLE t2", "restore_identity",
              "event reverted 2", "commit"});
  CHECK(world.observer.schema.pending == 1);
}

TEST_CASE("to base everything goes, newest first") {
  World world;
  const auto source = tables(3);
  apply_all(world, source);
  CHECK(done_of(world.downgrade(source, "base")) == "3 2 1");
  CHECK(world.database.chain().empty());
}

TEST_CASE("nothing to take back takes no lock") {
  World world;
  const auto report = world.downgrade(tables(2), "base");
  CHECK(report.exit_code() == 0);
  CHECK(world.database.count("try_lock") == 0);
}

TEST_CASE("a failure on the way back leaves the row and what lies below") {
  World world;
  const auto source = tables(3);
  apply_all(world, source);
  world.database.fail_on("DROP TABLE t2", "2BP01");
  const auto report = world.downgrade(source, "base");
  CHECK(report.exit_code() == 20);
  CHECK(done_of(report) == "3");
  CHECK(remaining_of(report) == "2 1");
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("--last-run takes back what the last run applied, also after a lost connection") {
  World world;
  const auto source = tables(5);
  for (int i = 0; i < 2; ++i)
    world.database.apply(source.migrations()[static_cast<std::size_t>(i)], "first");
  for (int i = 2; i < 5; ++i)
    world.database.apply(source.migrations()[static_cast<std::size_t>(i)], "second");
  world.database.lose_connection_on("DROP TABLE t4");
  const auto report = engine::downgrade(world.context, source, {});
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "5 4 3");
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("an older image takes back what it does not know, by the stored way back") {
  World world;
  apply_all(world, tables(3));
  const auto older = tables(2);
  const auto report = world.downgrade(older, "head");
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "3");
  CHECK(world.database.count("read_down_sql 3") == 1);
  CHECK(world.database.tables.effects == Texts{"DROP TABLE t3"});
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("a stored way back is checked like a file before anything runs") {
  World world;
  apply_all(world, tables(3));
  world.database.tables.down_sql["3"] = "DROP TABLE t3;\nVACUUM;";
  const auto report = world.downgrade(tables(2), "head");
  CHECK(report.error->id == ErrorId::NeedsNoTransaction);
  CHECK(report.error->where == Location{"history:3 (down)", 2, 1});
  CHECK(world.database.count("try_lock") == 0);
}

TEST_CASE("a stored way back keeps its directives") {
  World world;
  apply_all(world, tables(1));
  world.database.tables.down_sql["1"] = "-- headway: transaction=none lock_timeout=4s\nVACUUM;";
  const auto newer = source_of({{"2_x.sql"}});
  const auto report = world.downgrade(newer, "head");
  CHECK(error_id(report) == "none");
  CHECK(world.database.count("set_timeouts 4000") == 1);
  CHECK(world.database.chain().empty());
}

TEST_CASE("branches: -1 goes along the chain, whatever the graph says, also after a loss") {
  World world;
  const auto source = source_of({{"1_a.sql"},
                                 {"1_a.down.sql"},
                                 {"2_b.sql", "-- headway: after=1\nSELECT 1;"},
                                 {"2_b.down.sql"},
                                 {"3_c.sql", "-- headway: after=1\nSELECT 1;"},
                                 {"3_c.down.sql"},
                                 {"4_d.sql", "-- headway: after=2\nSELECT 1;"},
                                 {"4_d.down.sql"}});
  apply_all(world, source);
  const std::string before = world.database.chain();
  REQUIRE(before.substr(0, 1) == "1");
  world.database.lose_connection_on("delete_row");
  const auto report = world.downgrade(source, "-1");
  CHECK(error_id(report) == "none");
  CHECK(report.done.size() == 1);
  CHECK(world.database.chain() == before.substr(0, before.size() - 2));
}

TEST_CASE("redo takes the last one back and applies it again under one lock") {
  World world;
  const auto source = tables(2);
  apply_all(world, source);
  const auto report = engine::redo(world.context, source);
  CHECK(report.exit_code() == 0);
  REQUIRE(report.done.size() == 2);
  CHECK(report.done[0].action == migration::Step::Action::Revert);
  CHECK(report.done[1].action == migration::Step::Action::Apply);
  CHECK(world.database.tables.effects == Texts{"DROP TABLE t2", "CREATE TABLE t2()"});
  CHECK(world.database.chain() == "1 2");
  CHECK(world.database.count("try_lock") == 1);
  CHECK(report.current == "2");
}

TEST_CASE("redo goes on with its second half after a lost connection") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    for (const int nth : {1, 2}) {
      CAPTURE(nth);
      World world;
      const auto source = tables(2);
      apply_all(world, source);
      world.database.lose_connection_at_commit(nth, outcome);
      const auto report = engine::redo(world.context, source);
      CHECK(report.exit_code() == 0);
      CHECK(world.database.tables.effects == Texts{"DROP TABLE t2", "CREATE TABLE t2()"});
      CHECK(done_of(report) == "2 2");
    }
  }
}

TEST_CASE("redo whose way forth fails says what is left") {
  World world;
  const auto source = tables(2);
  apply_all(world, source);
  world.database.fail_on("CREATE TABLE t2", "42P07");
  const auto report = engine::redo(world.context, source);
  CHECK(report.exit_code() == 20);
  CHECK(done_of(report) == "2");
  CHECK(remaining_of(report) == "2");
  CHECK(report.current == "1");
}

TEST_CASE("redo runs the repeatables again, which were forgotten with the migration") {
  World world;
  auto files = tables_files(2);
  files.push_back({"R__v.sql", "SELECT 'v';"});
  const auto source = source_of(files);
  REQUIRE(world.upgrade(source).exit_code() == 0);
  world.database.lose_connection_on("run SELECT 'v'");
  const auto report = engine::redo(world.context, source);
  CHECK(error_id(report) == "none");
  CHECK(done_of(report) == "2 2 v");
  CHECK(world.database.tables.repeatables.size() == 1);
}
