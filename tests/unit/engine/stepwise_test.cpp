#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

const std::string kNone = "-- headway: transaction=none\n";
const std::string kThree =
    kNone + "CREATE TABLE a();\nCREATE INDEX CONCURRENTLY i ON a (x);\nCREATE TABLE b();\n";
const Texts kThreeEffects{"CREATE TABLE a()", "CREATE INDEX CONCURRENTLY i ON a (x)",
                          "CREATE TABLE b()"};

migration::Source three() { return source_of({{"1_a.sql", kThree}}); }

/// The process dies at the call: what was not committed is gone, and nothing more is written.
void die_at(World& world, const std::string& call) {
  world.database.before(call, [&world] {
    world.database.lose_connection_on("", 1);
    world.database.refuse_connections(100'000);
  });
  world.context.settings.connect_timeout = Milliseconds{1};
}

/// What the next process finds.
World& next_of(World& world, World& next) {
  next.database.tables = world.database.tables;
  return next;
}

}  // namespace

TEST_CASE(
    "statements that can share a transaction with the journal do; others are followed by it") {
  World world;
  const auto report = world.upgrade(three());
  CHECK(done_of(report) == "1");
  CHECK(world.database.calls_like({"begin", "insert_row", "run", "write_journal", "commit",
                                   "restore", "finish_row", "event applied"}) ==
        Texts{"insert_row 1", "begin", "run CREATE TABLE a()", "write_journal 1 1", "commit",
              "run CREATE INDEX CONCURRENTLY i ON a (x)", "write_journal 1 2", "begin",
              "run CREATE TABLE b()", "write_journal 1 3", "commit", "begin", "restore_identity",
              "finish_row 1 1", "event applied 1", "commit"});
  CHECK(world.database.chain() == "1");
  CHECK(world.database.row("1").journal.size() == 3);
}

TEST_CASE("a CONCURRENTLY waits for old transactions without a lock timeout, unless told") {
  World world;
  world.context.settings.lock_timeout = Milliseconds{2000};
  world.upgrade(three());
  CHECK(
      world.database.calls_like({"set_timeouts", "run CREATE INDEX"}) ==
      Texts{"set_timeouts 0 -", "run CREATE INDEX CONCURRENTLY i ON a (x)", "set_timeouts 2000 -"});
  World told;
  told.upgrade(source_of({{"1_a.sql",
                           "-- headway: transaction=none lock_timeout=3s\n"
                           "CREATE INDEX CONCURRENTLY i ON a (x);"}}));
  CHECK(told.database.calls_like({"set_timeouts"}) == Texts{"set_timeouts 3000 -"});
}

TEST_CASE("a statement that fails cleanly leaves a failed row, and the next run goes on there") {
  World world;
  world.database.fail_on("CREATE INDEX CONCURRENTLY", "23505");
  const auto report = world.upgrade(three());
  CHECK(report.exit_code() == 20);
  CHECK(report.error->version == "1");
  CHECK(contains(report.error->message, "statement 1 is done"));
  CHECK(contains(report.error->message, "goes on at statement 2 of 3"));
  CHECK(world.database.chain() == "1(failed)");
  CHECK(world.database.row("1").journal.size() == 1);
  CHECK(world.database.events() == Texts{"locked", "failed 1"});
  CHECK(world.observer.schema.dirty);

  const auto again = world.upgrade(three());
  CHECK(again.exit_code() == 0);
  CHECK(again.done.front().action == migration::Step::Action::Resume);
  CHECK(world.database.chain() == "1");
  CHECK(world.database.row("1").attempt == 2);
  CHECK(world.database.tables.effects == kThreeEffects);
  CHECK_FALSE(world.observer.schema.dirty);
}

TEST_CASE("what the server refuses in a transaction runs alone, and its journal entry follows") {
  World world;
  world.database.fail_on("REINDEX TABLE", "25001");
  const auto report =
      world.upgrade(source_of({{"1_a.sql", kNone + "REINDEX TABLE p;\nCREATE TABLE b();\n"}}));
  CHECK(done_of(report) == "1");
  CHECK(world.database.calls_like({"begin", "run", "rollback", "write_journal", "commit"}) ==
        Texts{"begin", "run REINDEX TABLE p", "rollback", "run REINDEX TABLE p",
              "write_journal 1 1", "begin", "run CREATE TABLE b()", "write_journal 1 2", "commit",
              "begin", "commit"});
}

TEST_CASE("lock timeouts of what shares a transaction with the journal are tried again") {
  World world;
  world.database.fail_on("CREATE TABLE b", "55P03", 2);
  const auto report = world.upgrade(three());
  CHECK(report.exit_code() == 0);
  CHECK(world.observer.retries == Texts{"lock_timeout", "lock_timeout"});
  CHECK(world.database.tables.effects == kThreeEffects);
}

TEST_CASE("a lock timeout outside a transaction is a failure: it was not rolled back") {
  World world;
  world.database.fail_on("CREATE INDEX", "55P03");
  const auto report = world.upgrade(three());
  CHECK(report.exit_code() == 20);
  CHECK(report.error->sqlstate == "55P03");
}

TEST_CASE("the process dies anywhere: the next run goes on, or says what is in doubt") {
  struct Case {
    std::string call;
    bool in_doubt;
  };
  for (const Case& death : {
           Case{"insert_row", false},
           Case{"run CREATE TABLE a", false},
           Case{"write_journal 1 1", false},
           Case{"run CREATE INDEX", true},
           Case{"write_journal 1 2", true},
           Case{"run CREATE TABLE b", false},
           Case{"write_journal 1 3", false},
           Case{"finish_row", false},
           Case{"event applied", false},
       }) {
    CAPTURE(death.call);
    World world;
    die_at(world, death.call);
    CHECK(world.upgrade(three()).exit_code() == 10);
    World next;
    const auto report = next_of(world, next).upgrade(three());
    if (death.in_doubt) {
      CHECK(report.exit_code() == 21);
      REQUIRE(report.error);
      CHECK(contains(report.error->message, "statement 2 of 3"));
      CHECK(contains(report.error->message, "statement 1 is done"));
      CHECK(contains(report.error->message, "CREATE INDEX CONCURRENTLY i ON a (x)"));
      CHECK(report.error->where == Location{"m/1_a.sql", 3, 1});
      CHECK(contains(std::string(report.error->next_step()), "headway repair --statement-done 1"));
      CHECK(
          contains(std::string(report.error->next_step()), "headway repair --statement-undone 1"));
      CHECK(next.database.chain() == "1(running)");
      CHECK(next.database.row("1").attempt == 1);
    } else {
      CHECK(report.exit_code() == 0);
      CHECK(next.database.chain() == "1");
      CHECK(next.database.tables.effects == kThreeEffects);
    }
  }
}

TEST_CASE("the process dies, and the catalogue tells how the statement ended") {
  using State = engine::EffectFound::State;
  struct Case {
    State state;
    bool finishes;
    Texts expected;
  };
  for (const Case& one : {
           Case{State::Done, false, {"write_journal 1 2"}},
           Case{State::NotDone,
                false,
                {"run CREATE INDEX CONCURRENTLY i ON a (x)", "write_journal 1 2"}},
           Case{State::Remainder,
                false,
                {"clean_up take it away", "run CREATE INDEX CONCURRENTLY i ON a (x)",
                 "write_journal 1 2"}},
           Case{State::Remainder, true, {"clean_up take it away", "write_journal 1 2"}},
       }) {
    World world;
    die_at(world, "run CREATE INDEX");
    CHECK(world.upgrade(three()).exit_code() == 10);
    World next;
    next_of(world, next).database.effect_found.state = one.state;
    if (one.state == State::Remainder) next.database.effect_found.cleanup = {"take it away"};
    next.database.effect_found.cleanup_finishes = one.finishes;
    const auto report = next.upgrade(three());
    CHECK(report.exit_code() == 0);
    CHECK(next.database.calls_like({"clean_up", "run CREATE INDEX", "write_journal 1 2"}) ==
          one.expected);
    CHECK(next.database.chain() == "1");
  }
}

TEST_CASE(
    "what an earlier attempt left behind is taken away before a build, and after one that fails") {
  World world;
  world.database.effect_found.state = engine::EffectFound::State::Remainder;
  world.database.effect_found.what = "the invalid index i";
  world.database.effect_found.cleanup = {"drop i"};
  CHECK(world.upgrade(three()).exit_code() == 0);
  CHECK(world.database.calls_like({"clean_up", "run CREATE INDEX"}) ==
        Texts{"clean_up drop i", "run CREATE INDEX CONCURRENTLY i ON a (x)"});

  World unknown;
  unknown.database.effect_found.what = "the index i is invalid, and defined in another way";
  const auto report = unknown.upgrade(three());
  CHECK(report.exit_code() == 20);
  CHECK(contains(report.error->message, "defined in another way"));
  CHECK(unknown.database.calls_like({"run CREATE INDEX"}).empty());
}

TEST_CASE("a connection that is lost where nothing is in doubt is picked up in the same run") {
  World world;
  world.database.lose_connection_on("run CREATE TABLE b");
  const auto report = world.upgrade(three());
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1");
  CHECK(world.database.tables.effects == kThreeEffects);
}

TEST_CASE("a COMMIT of a statement that is in doubt is decided by the journal") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    for (const int nth : {1, 2, 3}) {
      CAPTURE(nth);
      World world;
      world.database.lose_connection_at_commit(nth, outcome);
      const auto report = world.upgrade(three());
      CHECK(report.exit_code() == 0);
      CHECK(done_of(report) == "1");
      CHECK(world.database.chain() == "1");
      CHECK(world.database.tables.effects == kThreeEffects);
    }
  }
}

TEST_CASE("a journal that can't be written leaves the statement in doubt") {
  World world;
  world.database.fail_on("write_journal 1 2", "53100");
  CHECK(world.upgrade(three()).exit_code() == 20);
  CHECK(world.database.chain() == "1(running)");
  CHECK(world.upgrade(three()).exit_code() == 21);
}

TEST_CASE("a finished statement that was edited since can't be gone on behind") {
  World world;
  world.database.fail_on("CREATE TABLE b", "42P07");
  world.upgrade(three());
  const auto edited = world.upgrade(source_of(
      {{"1_a.sql", kNone + "CREATE TABLE a();\nCREATE INDEX CONCURRENTLY j ON a (x);\n"}}));
  CHECK(edited.exit_code() == 21);
  CHECK(contains(edited.error->message, "statement 2 was edited"));
  CHECK(edited.error->where.line == 3);
  const auto shorter = world.upgrade(source_of({{"1_a.sql", kNone + "CREATE TABLE a();\n"}}));
  CHECK(shorter.exit_code() == 21);
  CHECK(world.database.chain() == "1(failed)");
}

TEST_CASE("what failed may be corrected: the row then holds the new file's checksum") {
  World world;
  world.database.fail_on("CREATE TABLE b", "42P07");
  world.upgrade(three());
  const auto corrected = source_of(
      {{"1_a.sql",
        kNone + "CREATE TABLE a();\nCREATE INDEX CONCURRENTLY i ON a (x);\nCREATE TABLE c();"}});
  CHECK(world.upgrade(corrected).exit_code() == 0);
  CHECK(world.database.row("1").checksum == corrected.migrations()[0].up.checksum);
  CHECK(world.database.tables.effects.back() == "CREATE TABLE c()");
  CHECK(world.upgrade(corrected).done.empty());
}

TEST_CASE("the file's own transactions pass through with their journal inside") {
  World world;
  const auto source = source_of(
      {{"1_a.sql", kNone + "BEGIN;\nCREATE TABLE a();\nCREATE TABLE b();\nCOMMIT;\nVACUUM;"}});
  CHECK(done_of(world.upgrade(source)) == "1");
  CHECK(world.database.calls_like({"begin", "run", "write_journal", "commit"}) ==
        Texts{"begin", "run CREATE TABLE a()", "run CREATE TABLE b()", "write_journal 1 4",
              "commit", "run VACUUM", "write_journal 1 5", "begin", "commit"});
}

TEST_CASE("a transaction of the file that fails is gone on with from its BEGIN") {
  World world;
  const auto source = source_of(
      {{"1_a.sql", kNone + "VACUUM;\nBEGIN;\nCREATE TABLE a();\nCREATE TABLE b();\nCOMMIT;"}});
  world.database.fail_on("CREATE TABLE b", "42P07");
  const auto report = world.upgrade(source);
  CHECK(contains(report.error->message, "goes on at statement 2 of 5"));
  CHECK(world.database.chain() == "1(failed)");
  CHECK(world.upgrade(source).exit_code() == 0);
  CHECK(world.database.tables.effects == Texts{"VACUUM", "CREATE TABLE a()", "CREATE TABLE b()"});
}

TEST_CASE("a chained transaction is opened again when the run goes on inside it") {
  World world;
  const auto source =
      source_of({{"1_a.sql", kNone + "BEGIN;\nCREATE TABLE a();\nCOMMIT AND CHAIN;\n"
                                     "CREATE TABLE b();\nCREATE TABLE c();\nCOMMIT;"}});
  world.database.fail_on("CREATE TABLE c", "42P07");
  CHECK(world.upgrade(source).exit_code() == 20);
  CHECK(world.database.tables.effects == Texts{"CREATE TABLE a()"});
  CHECK(world.upgrade(source).exit_code() == 0);
  CHECK(world.database.tables.effects ==
        Texts{"CREATE TABLE a()", "CREATE TABLE b()", "CREATE TABLE c()"});
}

TEST_CASE("settings of the finished part are set again when the run goes on") {
  World world;
  const auto source =
      source_of({{"1_a.sql", kNone + "SET search_path = app;\nCREATE TABLE a();\n"
                                     "SELECT pg_catalog.set_config('x.y', '', false);\n"
                                     "CREATE TABLE b();"}});
  world.database.fail_on("CREATE TABLE b", "42P07");
  CHECK(world.upgrade(source).exit_code() == 20);
  world.database.calls.clear();
  CHECK(world.upgrade(source).exit_code() == 0);
  CHECK(world.database.calls_like({"run"}) ==
        Texts{"run SET search_path = app", "run SELECT pg_catalog.set_config('x.y', '', false)",
              "run CREATE TABLE b()"});
}

TEST_CASE("a temporary table of the finished part is gone for good") {
  World world;
  const auto source =
      source_of({{"1_a.sql", kNone + "CREATE TEMP TABLE w AS SELECT 1;\nCREATE TABLE b();"}});
  world.database.fail_on("CREATE TABLE b", "42P07");
  CHECK(world.upgrade(source).exit_code() == 20);
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 21);
  CHECK(contains(report.error->message, "statement 1"));
}

TEST_CASE("a file without a statement needs no journal") {
  World world;
  CHECK(done_of(world.upgrade(source_of({{"1_a.sql", kNone}}))) == "1");
  CHECK(world.database.chain() == "1");
}

TEST_CASE("a way back without a transaction removes its row last") {
  World world;
  const auto source = source_of({{"1_a.sql"}, {"1_a.down.sql", kNone + "VACUUM;\nDROP TABLE a;"}});
  world.database.apply(source.migrations()[0]);
  CHECK(done_of(world.downgrade(source, "base")) == "1");
  CHECK(world.database.calls_like({"begin", "delete_row", "rollback", "run", "commit", "event"}) ==
        Texts{"event locked", "begin", "delete_row 1", "rollback", "event reverting 1",
              "run VACUUM", "run DROP TABLE a", "begin", "delete_row 1", "event reverted 1",
              "commit"});
  CHECK(world.database.chain().empty());
}

TEST_CASE("a way back without a transaction that fails leaves the row and says so") {
  World world;
  const auto source = source_of({{"1_a.sql"}, {"1_a.down.sql", kNone + "VACUUM;\nDROP TABLE a;"}});
  world.database.apply(source.migrations()[0]);
  world.database.fail_on("DROP TABLE a", "2BP01");
  const auto report = world.downgrade(source, "base");
  CHECK(report.exit_code() == 20);
  CHECK(contains(report.error->message, "statement 1 is done"));
  CHECK(contains(report.error->message, "the history still holds 1"));
  CHECK(contains(std::string(report.error->next_step()), "headway stamp base"));
  CHECK(world.database.chain() == "1");
  world.database.lose_connection_on("DROP TABLE a");
  CHECK(world.downgrade(source, "base").exit_code() == 21);
}

TEST_CASE("a repeatable without a transaction is recorded when all of it has run") {
  World world;
  const auto source = source_of({{"1_a.sql"}, {"R__v.sql", kNone + "VACUUM;\nSELECT 'v';"}});
  world.database.fail_on("SELECT 'v'", "42P01");
  CHECK(world.upgrade(source).exit_code() == 20);
  CHECK(world.database.tables.repeatables.empty());
  CHECK(done_of(world.upgrade(source)) == "v");
  CHECK(world.database.tables.repeatables.size() == 1);
}

TEST_CASE("a transaction of the file whose COMMIT is in doubt is decided by the journal") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    World world;
    const auto source =
        source_of({{"1_a.sql", kNone + "BEGIN;\nCREATE TABLE a();\nCOMMIT;\nCREATE TABLE b();"}});
    world.database.lose_connection_at_commit(1, outcome);
    const auto report = world.upgrade(source);
    CHECK(report.exit_code() == 0);
    CHECK(world.database.tables.effects == Texts{"CREATE TABLE a()", "CREATE TABLE b()"});
  }
}
