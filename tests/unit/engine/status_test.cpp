#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("status reads, takes no lock and writes nothing") {
  World world;
  const auto source = tables(3);
  world.database.apply(source.migrations()[0]);
  const auto report = engine::status(world.context, source);
  CHECK(report->schema.current_version == "1");
  CHECK(report->schema.target_version == "3");
  CHECK(report->schema.applied == 1);
  CHECK(report->schema.pending == 2);
  CHECK(report->reconciliation.pending.size() == 2);
  CHECK(report->server.version == "15.4");
  CHECK_FALSE(report->last_error);
  CHECK(world.database.calls == Texts{"connect", "read_history", "last_failure", "disconnect"});
}

TEST_CASE("status of a database that has no tables yet") {
  World world;
  world.database.exists = false;
  const auto report = engine::status(world.context, tables(2));
  CHECK_FALSE(report->snapshot.exists);
  CHECK(report->schema.current_version == "base");
  CHECK(world.database.count("last_failure") == 0);
}

TEST_CASE("status points into its own report") {
  World world;
  const auto source = tables(2);
  world.database.apply(source.migrations()[0]);
  world.database.row("1").state = migration::RowState::Failed;
  const auto report = engine::status(world.context, source);
  REQUIRE(report->reconciliation.unfinished.size() == 1);
  CHECK(report->reconciliation.unfinished.front() == &report->snapshot.history.rows().front());
  CHECK(report->schema.dirty);
  CHECK(report->schema.applied == 0);
}

TEST_CASE("status shows the last failure") {
  World world;
  world.database.fail_on("CREATE TABLE t1", "42P07");
  const auto source = tables(1);
  world.upgrade(source);
  const auto report = engine::status(world.context, source);
  REQUIRE(report->last_error);
  CHECK(report->last_error->version == "1");
  CHECK(report->last_error->sqlstate == "42P07");
}

TEST_CASE("status reads from a standby") {
  World world;
  world.database.in_recovery = true;
  CHECK(engine::status(world.context, tables(1))->server.in_recovery);
}
