#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("a stamp writes rows in one transaction and runs nothing") {
  World world;
  const auto source = tables(3);
  const auto report = world.stamp(source, "2");
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1 2");
  CHECK(world.database.chain() == "1 2");
  CHECK(world.database.row("1").kind == migration::RowKind::Baseline);
  CHECK(world.database.row("1").has_down);
  CHECK(world.database.tables.effects.empty());
  CHECK(world.database.count("begin") == 1);
  CHECK(world.database.events() == Texts{"locked", "stamped 1", "stamped 2"});
  CHECK(done_of(world.upgrade(source)) == "3");
}

TEST_CASE("a stamp backwards removes rows") {
  World world;
  const auto source = tables(3);
  world.upgrade(source);
  const auto effects = world.database.tables.effects;
  const auto report = world.stamp(source, "1");
  CHECK(done_of(report) == "3 2");
  CHECK(world.database.chain() == "1");
  CHECK(world.database.tables.effects == effects);
  CHECK(world.database.events().back() == "unstamped 2");
}

TEST_CASE("a stamp that fails changes nothing") {
  World world;
  world.database.fail_on("insert_row 3", "53100");
  const auto report = world.stamp(tables(3), "head");
  CHECK(report.exit_code() != 0);
  CHECK(report.done.empty());
  CHECK(world.database.chain().empty());
}

TEST_CASE("a stamp in doubt at COMMIT is decided by its rows") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    World world;
    world.database.lose_connection_at_commit(1, outcome);
    const auto report = world.stamp(tables(2), "head");
    CHECK(report.exit_code() == 0);
    CHECK(done_of(report) == "1 2");
    CHECK(world.database.chain() == "1 2");
  }
}
