// A batch over a database in memory: which ranges it takes, and that each is taken once whatever
// ends the run.
#include <algorithm>
#include <numeric>

#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

migration::Source batch_source(const std::string& words = "batch=t key=id size=3",
                               const std::string& more = "") {
  return source_of({{"1_a.sql", "-- headway: " + words +
                                    "\nUPDATE t SET n = 1 WHERE id BETWEEN :batch_first AND "
                                    ":batch_last;\n" +
                                    more}});
}

void fill(World& world, int keys) {
  world.database.keys.resize(static_cast<std::size_t>(keys));
  std::iota(world.database.keys.begin(), world.database.keys.end(), 1);
}

std::string range(int first, int last) {
  return "UPDATE t SET n = 1 WHERE id BETWEEN CAST('" + std::to_string(first) +
         "' AS bigint) AND CAST('" + std::to_string(last) + "' AS bigint)";
}

Texts ranges(std::initializer_list<std::pair<int, int>> list) {
  Texts out;
  for (const auto& [first, last] : list) out.push_back(range(first, last));
  return out;
}

const Texts kEight = ranges({{1, 3}, {4, 6}, {7, 8}});

}  // namespace

TEST_CASE("each range shares a transaction with the journal, and the end with the last entry") {
  World world;
  fill(world, 5);
  const auto report = world.upgrade(batch_source("batch=t key=id size=3 pause=50ms"));
  CHECK(done_of(report) == "1");
  CHECK(world.database.calls_like(
            {"begin", "next_range", "run", "write_journal", "commit", "find_batch_table"}) ==
        Texts{"find_batch_table t id t", "begin", "next_range - 3", "run " + range(1, 3),
              "write_journal 1 1", "commit", "begin", "next_range 3 3", "run " + range(4, 5),
              "write_journal 1 1", "commit", "begin", "next_range 5 3", "write_journal 1 1",
              "commit", "begin", "commit"});
  CHECK(world.clock.sleeps == std::vector<Milliseconds>(2, Milliseconds{50}));
  CHECK(world.database.row("1").journal.size() == 1);
  CHECK_FALSE(world.database.row("1").batch);
  REQUIRE(world.observer.batches.size() == 1);
  CHECK(world.observer.batches.front().ranges == 2);
  CHECK(world.observer.batches.front().rows == 5);
}

TEST_CASE("a table without rows is a batch without ranges") {
  World world;
  CHECK(done_of(world.upgrade(batch_source())) == "1");
  CHECK(world.database.tables.effects.empty());
}

TEST_CASE("the process dies anywhere in a batch: each range is done once in the end") {
  for (const std::string call :
       {"find_batch_table", "next_range - 3", "run UPDATE", "write_journal", "commit",
        "next_range 3 3", "next_range 6 3", "next_range 8 3"}) {
    CAPTURE(call);
    World world;
    fill(world, 8);
    world.database.before(call, [&world] {
      world.database.lose_connection_on("", 1);
      world.database.refuse_connections(100'000);
    });
    world.context.settings.connect_timeout = Milliseconds{1};
    CHECK(world.upgrade(batch_source()).exit_code() == 10);
    World next;
    next.database.tables = world.database.tables;
    fill(next, 8);
    const auto report = next.upgrade(batch_source());
    CHECK(error_id(report) == "none");
    CHECK(next.database.tables.effects == kEight);
    CHECK(next.database.chain() == "1");
  }
}

TEST_CASE("a connection that is lost at a range's COMMIT is asked for its outcome") {
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    for (const int nth : {1, 2, 3, 4, 5}) {
      CAPTURE(nth);
      World world;
      fill(world, 8);
      world.database.lose_connection_at_commit(nth, outcome, 2);
      const auto report = world.upgrade(batch_source());
      CHECK(error_id(report) == "none");
      CHECK(world.database.tables.effects == kEight);
    }
  }
}

TEST_CASE("a batch ends at the last key that there was when it began") {
  World world;
  world.database.keys = {10, 20, 30};
  world.database.before("next_range 20",
                        [&world] { world.database.keys = {5, 10, 15, 20, 25, 30, 40, 50}; });
  CHECK(done_of(world.upgrade(batch_source("batch=t key=id size=2"))) == "1");
  CHECK(world.database.tables.effects == ranges({{10, 20}, {25, 30}}));
}

TEST_CASE("a range that gives way is tried again with half as many rows") {
  World world;
  fill(world, 8);
  world.database.fail_on("run " + range(1, 8), "55P03");
  world.database.fail_on("run " + range(1, 4), "40P01");
  CHECK(done_of(world.upgrade(batch_source("batch=t key=id size=8"))) == "1");
  CHECK(world.observer.retries == Texts{"lock_timeout", "deadlock"});
  CHECK(world.database.tables.effects == ranges({{1, 2}, {3, 4}, {5, 6}, {7, 8}}));
}

TEST_CASE("after a while without trouble the ranges grow again") {
  World world;
  fill(world, 100);
  world.database.fail_on("run " + range(1, 8), "55P03");
  CHECK(done_of(world.upgrade(batch_source("batch=t key=id size=8"))) == "1");
  const Texts calls = world.database.calls_like({"next_range"});
  CHECK(std::ranges::count_if(calls, [](const auto& call) { return call.ends_with(" 4"); }) == 8);
  CHECK(calls.back() == "next_range 100 8");
}

TEST_CASE("a statement that fails leaves the ranges before it, and the next run goes on there") {
  World world;
  fill(world, 8);
  world.database.fail_on("run " + range(7, 8), "23505");
  const auto report = world.upgrade(batch_source());
  CHECK(report.exit_code() == 20);
  CHECK(contains(report.error->message, "2 ranges of keys of statement 1 with 6 rows"));
  CHECK(world.database.chain() == "1(failed)");
  REQUIRE(world.database.row("1").batch);
  CHECK(world.database.row("1").batch->last_key == "6");
  CHECK(done_of(world.upgrade(batch_source("batch=t key=id size=1"))) == "1");
  CHECK(world.database.tables.effects == ranges({{1, 3}, {4, 6}, {7, 7}, {8, 8}}));
}

TEST_CASE("a batch that was begun can't be replaced by another one") {
  for (const std::string text :
       {"-- headway: batch=t key=other size=3\nUPDATE t SET n = 1 WHERE id BETWEEN :batch_first "
        "AND "
        ":batch_last;",
        "-- headway: batch=t key=id\nUPDATE t SET n = 2 WHERE id BETWEEN :batch_first AND "
        ":batch_last;",
        "-- headway: transaction=none\nUPDATE t SET n = 1;", "-- headway: transaction=none\n"}) {
    CAPTURE(text);
    World world;
    fill(world, 8);
    world.database.fail_on("run " + range(4, 6), "23505");
    CHECK(world.upgrade(batch_source()).exit_code() == 20);
    const auto report = world.upgrade(source_of({{"1_a.sql", text}}));
    CHECK(error_id(report) == "half-applied");
    CHECK(world.database.tables.effects == ranges({{1, 3}}));
    CHECK(done_of(world.upgrade(batch_source())) == "1");
  }
}

TEST_CASE("more rows touched than the range holds is looked at in one snapshot, then refused") {
  World world;
  fill(world, 3);
  world.database.touched = [](const std::string&) { return 4; };
  const auto report = world.upgrade(batch_source());
  CHECK(error_id(report) == "batch-overrun");
  CHECK(report.exit_code() == 20);
  CHECK(world.database.count("begin ISOLATION LEVEL REPEATABLE READ") == 1);
  CHECK(world.database.tables.effects.empty());

  World late;
  fill(late, 3);
  int calls = 0;
  late.database.touched = [&calls](const std::string&) { return ++calls == 1 ? 4 : 3; };
  CHECK(done_of(late.upgrade(batch_source())) == "1");
  CHECK(late.database.tables.effects == ranges({{1, 3}}));

  World elsewhere;  // another table's rows are not counted
  fill(elsewhere, 3);
  elsewhere.database.batch_table.is_target = false;
  elsewhere.database.touched = [](const std::string&) { return 4; };
  CHECK(done_of(elsewhere.upgrade(batch_source())) == "1");
}

TEST_CASE("a batch that was begun may be declared done or undone") {
  using Word = engine::RepairRequest::HalfApplied;
  for (const Word word : {Word::StatementDone, Word::StatementUndone}) {
    World world;
    fill(world, 8);
    world.database.fail_on("run " + range(4, 6), "23505");
    CHECK(world.upgrade(batch_source()).exit_code() == 20);
    const auto report = engine::repair(world.context, batch_source(),
                                       {.apply = true, .half_applied = word, .version = "1"});
    REQUIRE(report.actions.size() == 1);
    CHECK(contains(report.actions.front(), "1 range of keys with 3 rows, up to the key 3"));
    CHECK_FALSE(world.database.row("1").batch);
    CHECK(done_of(world.upgrade(batch_source())) == "1");
    CHECK(world.database.tables.effects.size() == (word == Word::StatementDone ? 1 : 4));
  }
}

TEST_CASE("a key that won't do is refused with its place, and nothing has run") {
  World world;
  fill(world, 3);
  world.database.batch_table.problem = "the key id of t may be NULL";
  const auto report = world.upgrade(batch_source());
  CHECK(error_id(report) == "batch-key");
  CHECK(report.error->where == Location{"m/1_a.sql", 1, 25});
  CHECK(world.database.tables.effects.empty());
  CHECK(world.database.count("next_range") == 0);
}

TEST_CASE("a stop ends a batch between its ranges, and the next run goes on") {
  World world;
  fill(world, 8);
  world.database.before("next_range 3", [&world] { world.now.request_stop(); });
  const auto report = world.upgrade(batch_source());
  CHECK(report.exit_code() == 13);
  CHECK(contains(report.error->message, "1 range of keys of statement 1 with 3 rows"));
  CHECK(world.database.row("1").batch->last_key == "3");
  World next;
  next.database.tables = world.database.tables;
  fill(next, 8);
  CHECK(done_of(next.upgrade(batch_source())) == "1");
  CHECK(next.database.tables.effects == kEight);
}

TEST_CASE("a batch waits for a replica that is too far behind, and says so once") {
  World world;
  fill(world, 8);
  world.context.settings.max_replica_lag = Milliseconds{2000};
  std::uint64_t written = 0;
  int looks = 0;
  // It replays nothing up to the tenth look.
  world.database.replication = [&] {
    written += 100;
    return engine::Replication{written, {{"standby", ++looks < 10 ? 1 : written}}, false};
  };
  CHECK(done_of(world.upgrade(batch_source("batch=t key=id size=1 pause=500ms"))) == "1");
  CHECK(world.database.tables.effects.size() == 8);
  CHECK(world.observer.warnings == Texts{"replica-lag"});
  // It falls behind by half a second with each range: more than 2 s after five of them.
  const Texts calls = world.database.calls_like({"next_range", "read_replication"});
  const auto sixth = std::ranges::find(calls, "next_range 5 1");
  CHECK(std::count(calls.begin(), sixth, "read_replication") == 10);
}

TEST_CASE("a batch that waits for a replica is stopped at once") {
  World world;
  fill(world, 8);
  world.context.settings.max_replica_lag = Milliseconds{2000};
  world.database.replication = [] {
    return engine::Replication{100, {{"standby", 1, Milliseconds{9000}}}, false};
  };
  world.clock.on_sleep = [&world](std::size_t sleeps) {
    if (sleeps == 3) world.soon.request_stop();
  };
  CHECK(world.upgrade(batch_source()).exit_code() == 13);
  CHECK(world.database.tables.effects.empty());
}

TEST_CASE("who may not see the replicas is told once, and the batch goes on") {
  for (const bool refused : {false, true}) {
    World world;
    fill(world, 8);
    world.context.settings.max_replica_lag = Milliseconds{2000};
    world.database.replication = [] { return engine::Replication{100, {}, true}; };
    if (refused) world.database.fail_on("read_replication", "42501");
    CHECK(done_of(world.upgrade(batch_source())) == "1");
    CHECK(world.observer.warnings == Texts{"replica-lag"});
    CHECK(world.database.count("read_replication") == 1);
    CHECK(world.database.tables.effects == kEight);
  }
}
