#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("soon: a running migration finishes, and no other starts") {
  World world;
  world.database.before("CREATE TABLE t2", [&] { world.soon.request_stop(); });
  const auto report = world.upgrade(tables(4));
  CHECK(report.exit_code() == 13);
  CHECK(done_of(report) == "1 2");
  CHECK(remaining_of(report) == "3 4");
  CHECK(world.database.chain() == "1 2");
  CHECK(world.observer.unlocks == 1);
}

TEST_CASE("now: the running statement is cancelled and its migration rolled back") {
  World world;
  world.database.cancels_to_stop = 2;  // the first cancel falls between two statements
  const auto source = source_of(
      {{"1_a.sql", "CREATE TABLE a();"}, {"2_b.sql", "CREATE TABLE b(); SELECT pg_sleep(600);"}});
  world.database.before("pg_sleep", [&] { world.now.request_stop(); });
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 13);
  CHECK(report.error->version == "2");
  CHECK(contains(report.error->message, "rolled back"));
  CHECK(done_of(report) == "1");
  CHECK(remaining_of(report) == "2");
  CHECK(world.database.tables.effects == Texts{"CREATE TABLE a()"});
  CHECK(world.database.events() == Texts{"locked", "applied 1", "interrupted 2"});
  CHECK_FALSE(world.database.is_locked());
}

TEST_CASE("now: nothing is sent after the statement that was running") {
  World world;
  const auto source = source_of({{"1_a.sql", "SELECT 'x'; SELECT 'y';"}});
  world.database.before("run SELECT 'x'", [&] { world.now.request_stop(); });
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 13);
  CHECK(world.database.count("SELECT 'y'") == 0);
  CHECK(world.database.count("commit") == 0);
  CHECK(world.database.chain().empty());
}

TEST_CASE("a stop before the first call does nothing at all") {
  World world;
  world.soon.request_stop();
  const auto report = world.upgrade(tables(1));
  CHECK(report.exit_code() == 13);
  CHECK(world.database.calls.empty());
}

TEST_CASE("a stop ends the pause between two attempts of a migration") {
  World world;
  world.database.fail_on("CREATE TABLE t1", "55P03", 1000);
  world.clock.on_sleep = [&](std::size_t n) {
    if (n == 2) world.soon.request_stop();
  };
  const auto report = world.upgrade(tables(1));
  CHECK(report.exit_code() == 13);
  CHECK(world.database.chain().empty());
}

TEST_CASE("now, in a file without a transaction: what is done stays, and the next run goes on") {
  World world;
  const auto source = source_of(
      {{"1_a.sql",
        "-- headway: transaction=none\nCREATE TABLE a();\nVACUUM pg_sleep;\nCREATE TABLE b();"}});
  world.database.before("VACUUM", [&] { world.now.request_stop(); });
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 13);
  CHECK(world.database.chain() == "1(failed)");
  CHECK(contains(report.error->message, "1 of 3 statements are done"));

  World next;
  next.database.tables = world.database.tables;
  const auto resumed = next.upgrade(
      source_of({{"1_a.sql",
                  "-- headway: transaction=none\nCREATE TABLE a();\nVACUUM;\nCREATE TABLE b();"}}));
  CHECK(resumed.exit_code() == 0);
  CHECK(next.database.tables.effects == Texts{"CREATE TABLE a()", "VACUUM", "CREATE TABLE b()"});
}
