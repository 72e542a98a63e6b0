#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

const std::vector<std::string> kOfSteps{
    "begin",     "set_timeouts", "insert_row", "run",      "restore_identity",
    "close_row", "event",        "commit",     "rollback", "reset_session"};

}  // namespace

TEST_CASE("a migration's row comes first in its transaction, its duration last") {
  World world;
  const auto source = source_of({{"1_a.sql", "CREATE TABLE a(); CREATE TABLE b();"}});
  const auto report = world.upgrade(source);
  CHECK(error_id(report) == "none");
  CHECK(world.database.calls == Texts{"connect", "read_history", "try_lock", "ensure_tables",
                                      "require_lock", "read_history", "find_tables", "event locked",
                                      "begin", "insert_row 1", "run CREATE TABLE a()",
                                      "run CREATE TABLE b()", "restore_identity", "close_row 1",
                                      "event applied 1", "commit", "unlock", "disconnect"});
  CHECK(world.database.chain() == "1");
  CHECK(world.database.row("1").duration.has_value());
  CHECK(world.database.tables.events.back().duration.has_value());
}

TEST_CASE("the session is reset, and the lock looked for, between migrations") {
  World world;
  const auto report = world.upgrade(tables(3));
  CHECK(done_of(report) == "1 2 3");
  CHECK(world.database.calls_like({"reset", "require", "begin", "commit"}) ==
        Texts{"require_lock", "begin", "commit", "reset_session", "begin", "commit",
              "reset_session", "begin", "commit"});
}

TEST_CASE("a database at head takes no lock and writes nothing") {
  World world;
  const auto source = tables(2);
  for (const auto& migration : source.migrations()) world.database.apply(migration);
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK_FALSE(report.changed());
  CHECK_FALSE(report.waited_for_other);
  CHECK(report.current == "2");
  CHECK(world.database.calls == Texts{"connect", "read_history", "disconnect"});
  CHECK(world.observer.states == Texts{"connecting", "validating", "done"});
  CHECK(world.observer.schema.current_version == "2");
  CHECK(world.observer.schema.pending == 0);
  CHECK(world.observer.finished == 1);
}

TEST_CASE("the report and the observer tell what was done") {
  World world;
  const auto source = source_of({{"1_a.sql"}, {"2_b.sql", "SELECT 1; SELECT 2;"}, {"R__v.sql"}});
  const auto report = world.upgrade(source);
  REQUIRE(report.done.size() == 3);
  CHECK(done_of(report) == "1 2 v");
  CHECK(report.done[0].action == migration::Step::Action::Apply);
  CHECK(report.done[2].action == migration::Step::Action::Repeat);
  CHECK(report.done[0].duration > Microseconds::zero());
  CHECK(report.current == "2");
  CHECK(report.target == "2");
  CHECK(report.command == "upgrade");
  CHECK(report.run_id == "run");
  CHECK(world.observer.steps ==
        Texts{"start 1 1/3", "finish 1", "start 2 2/3", "finish 2", "start v 3/3", "finish v"});
  CHECK(world.observer.statements == Texts{"1:1", "2:1", "2:2", "v:1"});
  CHECK(world.observer.states ==
        Texts{"connecting", "validating", "waiting_lock", "validating", "applying", "done"});
  CHECK(world.observer.schema.applied == 2);
  CHECK(world.observer.schema.pending == 0);
  CHECK(world.observer.locks == 1);
  CHECK(world.observer.unlocks == 1);
}

TEST_CASE("a file's own timeouts and modes reach its transaction") {
  World world;
  world.context.settings.lock_timeout = Milliseconds{2000};
  world.context.settings.statement_timeout = Milliseconds{9000};
  const auto source =
      source_of({{"1_a.sql",
                  "-- headway: lock_timeout=5s\nBEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\n"
                  "COMMIT;"},
                 {"2_b.sql", "SELECT 2;"}});
  CHECK(error_id(world.upgrade(source)) == "none");
  CHECK(world.database.calls_like({"begin", "set_timeouts"}) ==
        Texts{"begin ISOLATION LEVEL SERIALIZABLE", "set_timeouts 5000 9000", "begin"});
}

TEST_CASE("a failure in the middle leaves what was committed and names the rest") {
  World world;
  const auto source = tables(4);
  world.database.fail_on("CREATE TABLE t3", "42P07");
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 20);
  CHECK(done_of(report) == "1 2");
  CHECK(remaining_of(report) == "3 4");
  for (const auto& step : report.remaining_steps) CHECK(step.row == nullptr);
  REQUIRE(report.error);
  CHECK(report.error->version == "3");
  CHECK(report.error->sqlstate == "42P07");
  CHECK(report.current == "2");
  CHECK(world.database.chain() == "1 2");
  CHECK(world.database.tables.effects == Texts{"CREATE TABLE t1()", "CREATE TABLE t2()"});
  CHECK(world.database.events() == Texts{"locked", "applied 1", "applied 2", "failed 3"});
  CHECK(world.database.tables.events.back().error_id == "migration-failed");
  CHECK(world.database.tables.events.back().sqlstate == "42P07");
  CHECK(world.observer.steps.back() == "fail 3 migration-failed");
  CHECK(world.observer.states.back() == "failed");
  const auto calls = world.database.calls;
  CHECK(Texts(calls.end() - 4, calls.end()) ==
        Texts{"rollback", "event failed 3", "unlock", "disconnect"});
}

TEST_CASE("an event that can't be written does not hide the failure") {
  World world;
  world.database.fail_on("CREATE TABLE t1", "42P07");
  world.database.fail_on("event failed", "53100");
  const auto report = world.upgrade(tables(1));
  CHECK(report.error->sqlstate == "42P07");
}

TEST_CASE("a COMMIT that fails (a deferred constraint) is a failure of its migration") {
  World world;
  world.database.fail_on("commit", "23503");
  const auto report = world.upgrade(tables(2));
  CHECK(report.exit_code() == 20);
  CHECK(report.error->version == "1");
  CHECK(world.database.chain().empty());
  CHECK(world.database.tables.effects.empty());
}

TEST_CASE("every pending file is checked before anything runs") {
  World world;
  const auto source = source_of({{"1_a.sql"}, {"2_b.sql", "SELECT 1;\nVACUUM;"}});
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 2);
  CHECK(report.error->id == ErrorId::NeedsNoTransaction);
  CHECK(report.error->where == Location{"m/2_b.sql", 2, 1});
  CHECK(world.database.calls == Texts{"connect", "read_history", "disconnect"});
}

TEST_CASE("what is applied is not cut into statements again") {
  World world;
  const auto source = source_of({{"1_a.sql", "VACUUM;"}, {"2_b.sql"}});
  world.database.apply(source.migrations()[0]);
  CHECK(error_id(world.upgrade(source)) == "none");
}

TEST_CASE("a file without a statement counts as applied, with a warning") {
  World world;
  const auto report = world.upgrade(source_of({{"1_a.sql", "-- later\n"}}));
  CHECK(world.database.chain() == "1");
  REQUIRE(report.warnings.size() == 1);
  CHECK(contains(report.warnings.front(), "m/1_a.sql"));
  CHECK(world.observer.warnings == Texts{"empty-file"});
}

TEST_CASE("what the plan refuses is in the report, and nothing is locked") {
  World world;
  const auto source = tables(2);
  world.database.apply(source.migrations()[1]);
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 23);
  CHECK(report.current == "2");
  CHECK(world.observer.schema.pending == 1);
  CHECK(world.database.count("try_lock") == 0);
}

TEST_CASE("an edited file shows in the figures although nothing is planned") {
  World world;
  world.database.apply(tables(1).migrations()[0]);
  const auto report = world.upgrade(source_of({{"1_t.sql", "SELECT 'edited';"}}));
  CHECK(report.exit_code() == 22);
  CHECK(world.observer.schema.checksum_mismatches == 1);
}

TEST_CASE("a relative target does not move when the run goes on after a lost connection") {
  World world;
  world.database.lose_connection_on("CREATE TABLE t2");
  const auto report = world.upgrade(tables(4), "+2");
  CHECK(done_of(report) == "1 2");
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("a relative target is reached when another process gets there first") {
  World world;
  const auto source = tables(4);
  world.database.held_elsewhere = true;
  world.clock.on_sleep = [&](std::size_t) {
    world.database.apply(source.migrations()[0]);
    world.database.held_elsewhere = false;
  };
  const auto report = world.upgrade(source, "+1");
  CHECK(report.waited_for_other);
  CHECK(world.database.chain() == "1");
}

TEST_CASE("lock timeouts, deadlocks and serialization failures are tried again with pauses") {
  World world;
  world.database.fail_on("CREATE TABLE t1", "55P03");
  world.database.fail_on("CREATE TABLE t1", "40P01");
  world.database.fail_on("commit", "40001");
  const auto report = world.upgrade(tables(1));
  CHECK(report.exit_code() == 0);
  CHECK(world.observer.retries == Texts{"lock_timeout", "deadlock", "serialization"});
  CHECK(world.clock.sleeps.size() == 3);
  CHECK(world.database.tables.effects == Texts{"CREATE TABLE t1()"});
  CHECK(world.database.events() == Texts{"locked", "applied 1"});
}

TEST_CASE("retries end when lock_wait is spent") {
  World world;
  world.context.settings.lock_wait = Milliseconds{30'000};
  world.database.fail_on("CREATE TABLE t2", "55P03", 10'000);
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 12);
  CHECK(done_of(report) == "1");
  CHECK(remaining_of(report) == "2 3");
  CHECK(contains(report.error->message, "gave up after"));
  CHECK(report.error->version == "2");
  CHECK(world.database.events() == Texts{"locked", "applied 1", "failed 2"});
}

TEST_CASE("--transaction=all is one transaction around everything") {
  World world;
  world.context.settings.transactions = engine::Transactions::All;
  auto files = tables_files(2);
  files.push_back({"R__v.sql", "SELECT 1;"});
  const auto source = source_of(files);
  const auto report = world.upgrade(source);
  CHECK(done_of(report) == "1 2 v");
  CHECK(world.database.count("begin") == 1);
  CHECK(world.database.count("commit") == 1);
  CHECK(world.database.calls_like({"begin", "insert_row", "reset", "commit"}) ==
        Texts{"begin", "insert_row 1", "reset_transaction", "insert_row 2", "reset_transaction",
              "commit"});
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("--transaction=all applies nothing if one of them fails") {
  World world;
  world.context.settings.transactions = engine::Transactions::All;
  world.database.fail_on("CREATE TABLE t3", "42P07");
  const auto report = world.upgrade(tables(3));
  CHECK(report.exit_code() == 20);
  CHECK(report.done.empty());
  CHECK(report.current == "base");
  CHECK(remaining_of(report) == "1 2 3");
  CHECK(world.database.chain().empty());
  CHECK(world.database.tables.effects.empty());
}

TEST_CASE("--transaction=all refuses up front what can't be in one transaction") {
  World world;
  world.context.settings.transactions = engine::Transactions::All;
  const auto none =
      world.upgrade(source_of({{"1_a.sql"}, {"2_b.sql", "-- headway: transaction=none\nVACUUM;"}}));
  CHECK(none.error->id == ErrorId::BadConfiguration);
  CHECK(contains(none.error->message, "2"));
  const auto modes = world.upgrade(
      source_of({{"1_a.sql"}, {"2_b.sql", "BEGIN ISOLATION LEVEL SERIALIZABLE; COMMIT;"}}));
  CHECK(modes.error->id == ErrorId::BadConfiguration);
  CHECK(world.database.tables.rows.empty());
}

TEST_CASE("a repeatable runs again when its text is new, and only then") {
  World world;
  const auto first = source_of({{"1_a.sql"}, {"R__v.sql", "SELECT 'one';"}});
  const auto second = source_of({{"1_a.sql"}, {"R__v.sql", "SELECT 'two';"}});
  CHECK(done_of(world.upgrade(first)) == "1 v");
  CHECK(done_of(world.upgrade(first)).empty());
  CHECK(done_of(world.upgrade(second)) == "v");
  CHECK(world.database.tables.repeatables.size() == 2);
  const auto older = world.upgrade(first);  // an older image must not put its text back
  CHECK(older.done.empty());
  CHECK(older.warnings.size() == 1);
}
