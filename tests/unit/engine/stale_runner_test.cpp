// A second runner that works on what it read before the first one changed it, at every step: the
// lock is taken away from under it, so that only the chain and the guards are left.
#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

/// Runs `change` with a process of its own just before the call, behind the runner's back.
void meanwhile(World& world, const std::string& call,
               const std::function<engine::RunReport(engine::Context&)>& change) {
  world.database.before(call, [&world, change] {
    world.database.drop_lock();
    const auto report = world.elsewhere(change);
    REQUIRE(error_id(report) == "none");
    REQUIRE(report.changed());
  });
}

engine::RunReport up(engine::Context& context, const migration::Source& source) {
  return engine::upgrade(context, source, migration::parse_target("head"));
}
engine::RunReport down(engine::Context& context, const migration::Source& source,
                       std::string_view target) {
  return engine::downgrade(context, source, {migration::parse_target(target)});
}

}  // namespace

TEST_CASE("upgrade: whenever another one has upgraded, nothing is applied twice") {
  for (const std::string call : {"read_history", "try_lock", "ensure_tables", "require_lock",
                                 "event locked", "begin", "insert_row 1", "run CREATE TABLE t1",
                                 "restore_identity", "close_row 1", "event applied 1", "commit"}) {
    CAPTURE(call);
    World world;
    const auto source = tables(2);
    meanwhile(world, call, [&](engine::Context& other) { return up(other, source); });
    const auto report = world.upgrade(source);
    CHECK(error_id(report) == "none");
    CHECK(report.done.empty());
    CHECK(world.database.chain() == "1 2");
    CHECK(world.database.tables.effects == Texts{"CREATE TABLE t1()", "CREATE TABLE t2()"});
  }
}

TEST_CASE("upgrade: what another one began is gone on with from where it is") {
  World world;
  const auto source = tables(3);
  meanwhile(world, "insert_row 1", [&](engine::Context& other) {
    return engine::upgrade(other, source, migration::parse_target("2"));
  });
  const auto report = world.upgrade(source);
  CHECK(error_id(report) == "none");
  CHECK(done_of(report) == "3");
  CHECK(world.database.tables.effects.size() == 3);
}

TEST_CASE("downgrade: the second runner does nothing") {
  for (const std::string call :
       {"read_history", "try_lock", "ensure_tables", "require_lock", "event locked", "begin",
        "delete_row 2", "run DROP TABLE t2", "event reverted 2", "commit"}) {
    CAPTURE(call);
    World world;
    const auto source = tables(2);
    for (const auto& migration : source.migrations()) world.database.apply(migration);
    meanwhile(world, call, [&](engine::Context& other) { return down(other, source, "1"); });
    const auto report = world.downgrade(source, "1");
    CHECK((error_id(report) == "none" || error_id(report) == "stale-plan"));
    CHECK(report.done.empty());
    CHECK(world.database.chain() == "1");
    CHECK(world.database.tables.effects == Texts{"DROP TABLE t2"});
  }
}

TEST_CASE("downgrade: a migration that came meanwhile is not taken back, nor what it builds on") {
  for (const std::string call : {"try_lock", "delete_row 2"}) {
    CAPTURE(call);
    World world;
    const auto source = tables(3);
    for (int i = 0; i < 2; ++i) {
      world.database.apply(source.migrations()[static_cast<std::size_t>(i)]);
    }
    if (call == "delete_row 2") {
      // The row is as it was, so the guard lets it pass; the chain stays one chain all the same.
      world.database.before(call, [&] { world.database.row("2").attempt = 7; });
    } else {
      meanwhile(world, call, [&](engine::Context& other) { return up(other, source); });
    }
    const auto report = world.downgrade(source, "-1");
    CHECK(error_id(report) == "stale-plan");
    CHECK(report.exit_code() == 22);
    CHECK(report.done.empty());
    CHECK(world.database.count("run DROP") == 0);
  }
}

TEST_CASE("stamp: the second runner does nothing") {
  for (const std::string call : {"try_lock", "require_lock", "begin", "insert_row 1",
                                 "insert_row 2", "event stamped 1", "commit"}) {
    CAPTURE(call);
    World world;
    const auto source = tables(2);
    meanwhile(world, call, [&](engine::Context& other) {
      return engine::stamp(other, source, migration::parse_target("head"));
    });
    const auto report = world.stamp(source, "head");
    CHECK((error_id(report) == "none" || error_id(report) == "stale-plan"));
    CHECK(report.done.empty());
    CHECK(world.database.chain() == "1 2");
    CHECK(world.database.events() ==
          (world.database.events().front() == "locked" ? world.database.events() : Texts{}));
    CHECK(world.database.row("1").run_id == "other");
  }
}

TEST_CASE("stamp: what was applied meanwhile is not removed") {
  World world;
  const auto source = tables(2);
  world.database.apply(source.migrations()[0]);
  meanwhile(world, "try_lock", [&](engine::Context& other) { return up(other, source); });
  const auto report = world.stamp(source, "base");
  CHECK(error_id(report) == "stale-plan");
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("redo: the second runner does nothing") {
  for (const std::string call : {"read_history", "try_lock", "require_lock", "delete_row 2"}) {
    CAPTURE(call);
    World world;
    const auto source = tables(2);
    for (const auto& migration : source.migrations()) world.database.apply(migration);
    const auto change = [&] {
      meanwhile(world, call, [&](engine::Context& other) { return down(other, source, "1"); });
    };
    if (call == "read_history") {
      world.database.before("try_lock", change);
    } else {
      change();
    }
    const auto report = engine::redo(world.context, source);
    CHECK(error_id(report) == "stale-plan");
    CHECK(report.done.empty());
    CHECK(world.database.chain() == "1");
    CHECK(world.database.tables.effects == Texts{"DROP TABLE t2"});
  }
}

TEST_CASE("repair: the second runner does nothing") {
  const auto first_edit = source_of({{"1_t.sql", "SELECT 'one';"}});
  const auto second_edit = source_of({{"1_t.sql", "SELECT 'two';"}});
  for (const std::string call : {"try_lock", "read_history", "set_checksum"}) {
    CAPTURE(call);
    World world;
    world.database.apply(tables(1).migrations()[0]);
    const auto change = [&] {
      world.database.row("1").checksum = second_edit.migrations()[0].up.checksum;
    };
    if (call == "read_history") {
      world.database.before("try_lock", [&] { world.database.before(call, change); });
    } else {
      world.database.before(call, change);
    }
    engine::RepairRequest request;
    request.apply = true;
    CHECK(error_of([&] { return engine::repair(world.context, first_edit, request); }).id ==
          ErrorId::StalePlan);
    CHECK(world.database.row("1").checksum == second_edit.migrations()[0].up.checksum);
    CHECK(world.database.tables.events.empty());
  }
}

TEST_CASE("repair of a half-applied one: an attempt that began meanwhile is not cut off") {
  const auto source =
      source_of({{"1_a.sql", "-- headway: transaction=none\nVACUUM;\nCREATE TABLE a();"}});
  using Word = engine::RepairRequest::HalfApplied;
  for (const Word word : {Word::Done, Word::Undone}) {
    World world;
    world.database.fail_on("CREATE TABLE a", "42P07");
    REQUIRE(world.upgrade(source).exit_code() == 20);
    world.database.before(word == Word::Done ? "finish_row" : "delete_row", [&] {
      world.database.row("1").attempt = 2;
      world.database.row("1").state = migration::RowState::Running;
    });
    const engine::RepairRequest request{.apply = true, .half_applied = word, .version = "1"};
    CHECK(error_of([&] { return engine::repair(world.context, source, request); }).id ==
          ErrorId::StalePlan);
    CHECK(world.database.chain() == "1(running)");
  }
}

TEST_CASE("repeatable: the second runner's transaction does nothing") {
  for (const std::string call :
       {"begin", "run SELECT 'v'", "record_repeatable v", "event repeated v", "commit"}) {
    CAPTURE(call);
    World world;
    const auto source = source_of({{"1_a.sql"}, {"R__v.sql", "SELECT 'v';"}});
    world.database.apply(source.migrations()[0]);
    meanwhile(world, call, [&](engine::Context& other) { return up(other, source); });
    const auto report = world.upgrade(source);
    CHECK(error_id(report) == "none");
    CHECK(report.done.empty());
    CHECK(world.database.tables.effects == Texts{"SELECT 'v'"});
    REQUIRE(world.database.tables.repeatables.size() == 1);
    CHECK(world.database.tables.repeatables.front().run_id == "other");
  }
}

TEST_CASE("resume: the second runner does nothing") {
  const auto source = source_of(
      {{"1_a.sql", "-- headway: transaction=none\nCREATE TABLE a();\nCREATE TABLE b();"}});
  for (const std::string call : {"resume_row", "try_lock", "run CREATE TABLE b"}) {
    CAPTURE(call);
    World world;
    world.database.fail_on("CREATE TABLE b", "42P07");
    REQUIRE(world.upgrade(source).exit_code() == 20);
    meanwhile(world, call, [&](engine::Context& other) { return up(other, source); });
    const auto report = world.upgrade(source);
    CHECK(report.done.empty());
    CHECK(world.database.chain() == "1");
    CHECK(world.database.tables.effects == Texts{"CREATE TABLE a()", "CREATE TABLE b()"});
  }
}
