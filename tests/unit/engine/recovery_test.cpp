#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("a connection lost in the middle is made anew, and the run goes on from what it finds") {
  World world;
  world.database.lose_connection_on("CREATE TABLE t2");
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1 2 3");
  CHECK(world.database.chain() == "1 2 3");
  CHECK(world.database.tables.effects ==
        Texts{"CREATE TABLE t1()", "CREATE TABLE t2()", "CREATE TABLE t3()"});
  CHECK(world.observer.retries == Texts{"connection_lost"});
}

TEST_CASE("after a loss the lock comes before the history") {
  World world;
  world.database.lose_connection_on("CREATE TABLE t1");
  world.upgrade(tables(1));
  const auto calls = world.database.calls;
  const auto again = std::find(calls.begin() + 1, calls.end(), "connect");
  REQUIRE(calls.end() - again > 5);
  CHECK(Texts(again, again + 5) ==
        Texts{"connect", "try_lock", "ensure_tables", "require_lock", "read_history"});
}

TEST_CASE("losses at any call end in each migration applied once") {
  const Texts calls{"read_history",     "try_lock",    "ensure_tables",   "require_lock",
                    "event locked",     "begin",       "insert_row 1",    "CREATE TABLE t1",
                    "restore_identity", "close_row 1", "event applied 1", "reset_session",
                    "insert_row 2"};
  for (const auto& call : calls) {
    CAPTURE(call);
    World world;
    world.database.lose_connection_on(call);
    const auto report = world.upgrade(tables(2));
    CHECK(error_id(report) == "none");
    CHECK(done_of(report) == "1 2");
    CHECK(world.database.chain() == "1 2");
    CHECK(world.database.tables.effects == Texts{"CREATE TABLE t1()", "CREATE TABLE t2()"});
  }
}

TEST_CASE("losses without progress end after a few attempts") {
  World world;
  world.database.lose_connection_on("CREATE TABLE t2", 1000);
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 10);
  CHECK(report.error->id == ErrorId::ConnectionLost);
  CHECK(done_of(report) == "1");
  CHECK(world.observer.retries.size() == 3);
}

TEST_CASE("losses with progress in between are not counted together") {
  World world;
  for (const char* table : {"t1", "t2", "t3", "t4", "t5", "t6"}) {
    world.database.lose_connection_on(std::string("CREATE TABLE ") + table, 2);
  }
  const auto report = world.upgrade(tables(6));
  CHECK(report.exit_code() == 0);
  CHECK(world.observer.retries.size() == 12);
}

TEST_CASE("in doubt at COMMIT: a row that is there means that it was done") {
  World world;
  world.database.lose_connection_at_commit(2, FakeDatabase::Commit::Applied);
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1 2 3");
  CHECK(world.database.tables.effects ==
        Texts{"CREATE TABLE t1()", "CREATE TABLE t2()", "CREATE TABLE t3()"});
  CHECK(world.observer.steps ==
        Texts{"start 1 1/3", "finish 1", "start 2 2/3", "finish 2", "start 3 3/3", "finish 3"});
}

TEST_CASE("in doubt at COMMIT: no row means that it runs again") {
  World world;
  world.database.lose_connection_at_commit(2, FakeDatabase::Commit::NotApplied);
  const auto report = world.upgrade(tables(3));
  CHECK(done_of(report) == "1 2 3");
  CHECK(world.database.tables.effects ==
        Texts{"CREATE TABLE t1()", "CREATE TABLE t2()", "CREATE TABLE t3()"});
}

TEST_CASE("in doubt at the last COMMIT: the plan is empty then, and the report still tells") {
  World world;
  world.database.lose_connection_at_commit(1, FakeDatabase::Commit::Applied);
  const auto report = world.upgrade(tables(1));
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1");
  CHECK_FALSE(report.waited_for_other);
  CHECK(report.current == "1");
}

TEST_CASE("in doubt at COMMIT: the lock proves that the old backend has ended") {
  World world;
  // Its COMMIT shows only after the third attempt for the lock; to look before would mislead.
  world.database.lose_connection_at_commit(1, FakeDatabase::Commit::Applied, 3);
  const auto report = world.upgrade(tables(1));
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1");
  CHECK(world.database.tables.effects == Texts{"CREATE TABLE t1()"});
  CHECK(world.database.count("try_lock") == 4);
}

TEST_CASE("in doubt at COMMIT and nobody to ask: unknown, naming the migration") {
  World world;
  world.context.settings.connect_timeout = Milliseconds{5'000};
  world.database.lose_connection_at_commit(2, FakeDatabase::Commit::Applied);
  world.clock.on_sleep = [&](std::size_t n) {
    if (n == 1) world.database.refuse_connections(1000);
  };
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 10);
  CHECK(report.error->id == ErrorId::OutcomeUnknown);
  CHECK(report.error->version == "2");
  CHECK(contains(report.error->message, "unknown: migration 2"));
  CHECK(done_of(report) == "1");
}

TEST_CASE("in doubt at COMMIT and the lock is not to be had: unknown as well") {
  World world;
  world.context.settings.lock_wait = Milliseconds{5'000};
  world.database.lose_connection_at_commit(1, FakeDatabase::Commit::Applied, 1000);
  const auto report = world.upgrade(tables(1));
  CHECK(report.error->id == ErrorId::OutcomeUnknown);
}

TEST_CASE("in doubt at the one COMMIT of --transaction=all: all or none") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    World world;
    world.context.settings.transactions = engine::Transactions::All;
    world.database.lose_connection_at_commit(1, outcome);
    const auto report = world.upgrade(tables(3));
    CHECK(done_of(report) == "1 2 3");
    CHECK(world.database.tables.effects.size() == 3);
  }
}

TEST_CASE("in doubt on the way back, both ways") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    World world;
    const auto source = tables(3);
    for (const auto& migration : source.migrations()) world.database.apply(migration);
    world.database.lose_connection_at_commit(1, outcome);
    const auto report = world.downgrade(source, "-2");
    CHECK(report.exit_code() == 0);
    CHECK(done_of(report) == "3 2");
    CHECK(world.database.chain() == "1");
    CHECK(world.database.tables.effects == Texts{"DROP TABLE t3", "DROP TABLE t2"});
  }
}

TEST_CASE("in doubt at a repeatable, both ways") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    World world;
    world.database.lose_connection_at_commit(2, outcome);
    const auto report = world.upgrade(source_of({{"1_a.sql"}, {"R__v.sql", "SELECT 'v';"}}));
    CHECK(done_of(report) == "1 v");
    CHECK(world.database.tables.effects == Texts{"SELECT 1", "SELECT 'v'"});
  }
}

TEST_CASE("a server that stops taking writes is left, as after a failover") {
  World world;
  world.database.fail_on("insert_row 2", "25006", 2);
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1 2 3");
  CHECK(world.database.count("disconnect") == 3);
}

TEST_CASE("a server that never takes writes is given up within the connect budget") {
  World world;
  world.context.settings.connect_timeout = Milliseconds{60'000};
  world.database.fail_on("ensure_tables", "25006", 10'000);
  const auto report = world.upgrade(tables(1));
  CHECK(report.exit_code() == 10);
  CHECK(report.error->id == ErrorId::ReadOnly);
  CHECK(world.clock.sleeps.size() == 12);
}
