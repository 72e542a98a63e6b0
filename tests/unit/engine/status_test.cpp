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

TEST_CASE("a running migration is half applied only when nobody is at work on it") {
  World world;
  const auto source = tables(2);
  world.database.apply(source.migrations()[0]);
  world.database.row("1").state = migration::RowState::Running;
  CHECK(engine::status(world.context, source)->schema.dirty);
  CHECK(engine::watch(world.context, source).dirty);
  world.database.held_elsewhere = true;
  CHECK_FALSE(engine::status(world.context, source)->schema.dirty);
  CHECK_FALSE(engine::watch(world.context, source).dirty);
  // A failed one stays what it is, whoever is at work on another.
  world.database.row("1").state = migration::RowState::Failed;
  CHECK(engine::watch(world.context, source).dirty);
  // A standby does not see the primary's locks.
  world.database.held_elsewhere = false;
  world.database.row("1").state = migration::RowState::Running;
  world.database.in_recovery = true;
  CHECK_FALSE(engine::watch(world.context, source).dirty);
}

TEST_CASE("who waits for the lock does not call another one's migration half applied") {
  World world;
  const auto source =
      source_of({{"1_t.sql", "-- headway: transaction=none\nCREATE TABLE t1();\n"}});
  world.database.apply(source.migrations()[0]);
  world.database.row("1").state = migration::RowState::Running;
  world.database.held_elsewhere = true;
  std::vector<bool> seen;
  world.clock.on_sleep = [&](std::size_t) {
    seen.push_back(world.observer.schema.dirty);
    world.soon.request_stop();
  };
  CHECK(error_id(world.upgrade(source)) != "none");
  CHECK(seen == std::vector<bool>{false});
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
