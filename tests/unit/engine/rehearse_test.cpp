#include <algorithm>
#include <set>

#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

constexpr Milliseconds kLongest{60'000};

struct Rehearsed {
  engine::RehearsalReport report;
  std::string error;  ///< its id, "none", or of what was thrown
};

Rehearsed rehearse(World& world, const migration::Source& source, Milliseconds longest = kLongest) {
  Rehearsed out;
  try {
    out.report = engine::rehearse(world.context, source, migration::parse_target("head"), longest);
    out.error = out.report.error ? std::string(out.report.error->id_text()) : "none";
  } catch (const Error& error) {
    out.error = error.info().id_text();
  }
  return out;
}

migration::Source three() {
  return source_of({{"1_t.sql", "CREATE TABLE t1();\n"},
                    {"2_t.sql", "ALTER TABLE t1 ADD a int;\n"},
                    {"R__v.sql", "CREATE VIEW v AS SELECT 1;\n"}});
}

void check_untouched(const World& world) {
  CHECK(world.database.count("commit") == 0);
  CHECK(world.database.tables.rows.empty());
  CHECK(world.database.tables.effects.empty());
  CHECK(world.database.tables.events.empty());
  CHECK(world.database.tables.repeatables.empty());
  CHECK_FALSE(world.database.is_locked());
  CHECK(world.database.connections == 0);
}

std::string not_run(const engine::RehearsalReport& report) {
  std::string out;
  for (const auto& one : report.not_run) out += one.label + ": " + one.reason + "\n";
  return out;
}

}  // namespace

TEST_CASE("a rehearsal is one transaction that is rolled back") {
  World world;
  const Rehearsed done = rehearse(world, three());
  CHECK(done.error == "none");
  CHECK(done.report.run == std::vector<std::string>{"1", "2", "v"});
  CHECK(done.report.not_run.empty());
  CHECK(world.database.count("begin") == 1);
  CHECK(world.database.count("check_deferred") == 3);
  CHECK(world.database.count("rollback") == 1);
  check_untouched(world);
}

TEST_CASE("whatever fails on the way, a rehearsal leaves nothing and is not tried again") {
  World first;
  rehearse(first, three());
  const std::set<std::string> calls(first.database.calls.begin(), first.database.calls.end());
  REQUIRE(calls.size() > 10);
  for (const std::string& call : calls) {
    if (call == "connect" || call == "disconnect" || call == "unlock") continue;
    for (const char* const state : {"55P03", "40P01", "42601", "57014", ""}) {
      CAPTURE(call);
      const std::string sqlstate(state);
      CAPTURE(sqlstate);
      World world;
      if (sqlstate.empty()) {
        world.database.lose_connection_on(call);
      } else {
        world.database.fail_on(call, sqlstate);
      }
      const Rehearsed done = rehearse(world, three());
      CHECK((done.error != "none") == (call != "rollback"));
      CHECK(world.database.count("connect") - world.database.count("disconnect") <= 1);
      CHECK(world.database.count("begin") <= 1);
      check_untouched(world);
    }
  }
}

TEST_CASE("a rehearsal ends in front of what can't be held in its transaction") {
  World world;
  const auto source = source_of({{"1_t.sql", "CREATE TABLE t1();\n"},
                                 {"2_none.sql", "-- headway: transaction=none\nSELECT 1;\n"},
                                 {"3_t.sql", "CREATE TABLE t3();\n"}});
  const Rehearsed done = rehearse(world, source);
  CHECK(done.error == "none");
  CHECK(done.report.run == std::vector<std::string>{"1"});
  CHECK(not_run(done.report) == "2: it runs outside a transaction\n3: it comes after 2\n");
  check_untouched(world);
  World beyond;
  CHECK(not_run(rehearse(beyond, source_of({{"1_t.sql", "SELECT 1;\nSELECT setval('s', 1);\n"}}))
                    .report) == "1: line 2 names setval, which no rollback undoes\n");
  CHECK(beyond.database.count("begin") == 0);
  World modes;
  const auto serializable =
      source_of({{"1_t.sql", "SELECT 1;\n"},
                 {"2_t.sql", "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 2;\nCOMMIT;\n"}});
  CHECK(not_run(rehearse(modes, serializable).report) ==
        "2: it wants another kind of transaction than those before it\n");
}

TEST_CASE("a failure tells what was not run behind it") {
  World world;
  world.database.fail_on("run CREATE TABLE t2", "42P07");
  const Rehearsed done = rehearse(world, tables(3));
  CHECK(done.error == "migration-failed");
  CHECK(done.report.error->version == "2");
  CHECK(done.report.run == std::vector<std::string>{"1"});
  CHECK(not_run(done.report) == "3: it comes after 2\n");
  check_untouched(world);
}

TEST_CASE("an enum's new value that is used too early is no failure of the migration") {
  const auto source = source_of({{"1_t.sql", "ALTER TYPE mood ADD /**/ VALUE 'x';\n"},
                                 {"2_t.sql", "INSERT INTO m VALUES ('x');\n"},
                                 {"3_t.sql", "SELECT 3;\n"},
                                 {"4_none.sql", "-- headway: transaction=none\nSELECT 4;\n"}});
  World world;
  world.database.fail_on("run INSERT", "55P04");
  const Rehearsed done = rehearse(world, source);
  CHECK(done.error == "none");
  REQUIRE(done.report.not_run.size() == 3);
  CHECK(done.report.not_run[0].label == "2");
  CHECK(done.report.not_run[1].reason == "it comes after 2");
  CHECK(done.report.not_run[2].label == "4");
  check_untouched(world);
  World own;
  own.database.fail_on("run INSERT", "55P04");
  CHECK(rehearse(own, source_of({{"1_t.sql", "INSERT INTO m VALUES ('x');\n"}})).error ==
        "migration-failed");
}

TEST_CASE("a rehearsal does not wait for the lock, and ends when its time is over") {
  World busy;
  busy.database.held_elsewhere = true;
  CHECK(rehearse(busy, three()).error == "lock-busy");
  CHECK(busy.database.count("begin") == 0);
  for (const int cancels : {1, 3}) {
    World world;
    world.database.cancels_to_stop = cancels;
    const auto source = source_of({{"1_t.sql", "ALTER TABLE t ADD a int;\nSELECT pg_sleep(9);\n"}});
    const Rehearsed done = rehearse(world, source, Milliseconds{1});
    CHECK(done.error == "lock-hold");
    CHECK(done.report.error->sqlstate.empty());
    check_untouched(world);
  }
}

TEST_CASE("a lock on what may have been there before is counted") {
  const std::string slow = "CREATE TABLE pg_sleep ();\n";  // in nobody's way
  for (const char* const text :
       {"CREATE TABLE IF NOT EXISTS t ();\nALTER TABLE t ADD a int;\n",
        "SET search_path = s;\nCREATE TABLE t ();\nRESET search_path;\nALTER TABLE t ADD a int;\n",
        "CREATE TABLE t AS SELECT f();\n", "CREATE MATERIALIZED VIEW t AS SELECT f();\n",
        "ALTER SEQUENCE s INCREMENT 2;\n", "DROP SEQUENCE s;\n"}) {
    CAPTURE(text);
    World world;
    CHECK(rehearse(world, source_of({{"1_t.sql", text + slow}}), Milliseconds{1}).error ==
          "lock-hold");
    check_untouched(world);
  }
  World files;
  const auto gone = source_of(
      {{"1_t.sql", "CREATE TEMP TABLE t ();\n"}, {"2_t.sql", "ALTER TABLE t ADD a int;\n" + slow}});
  CHECK(rehearse(files, gone, Milliseconds{1}).error == "lock-hold");
  // Headway's own tables are read by others, too.
  World older;
  older.database.complete = false;
  CHECK(rehearse(older, source_of({{"1_t.sql", slow}}), Milliseconds{1}).error == "lock-hold");
}

TEST_CASE("a stop ends a rehearsal") {
  World world;
  world.database.before("pg_sleep", [&] { world.now.request_stop(); });
  const auto source = source_of({{"1_t.sql", "ALTER TABLE t ADD a int;\nSELECT pg_sleep(9);\n"}});
  CHECK(rehearse(world, source).error == "interrupted");
  check_untouched(world);
}

TEST_CASE("a lock is waited for less long than one may be held") {
  using std::chrono::milliseconds;
  CHECK(engine::rehearsal_lock_timeout(milliseconds{2000}, milliseconds{1000}) ==
        milliseconds{750});
  CHECK(engine::rehearsal_lock_timeout(milliseconds{2000}, milliseconds{9000}) ==
        milliseconds{2000});
  CHECK(engine::rehearsal_lock_timeout(milliseconds{0}, milliseconds{1000}) == milliseconds{750});
  CHECK(engine::rehearsal_lock_timeout(std::nullopt, milliseconds{1}) == milliseconds{1});
}
