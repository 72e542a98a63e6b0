#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;
using Word = engine::RepairRequest::HalfApplied;

namespace {

engine::RepairRequest say() { return {}; }
engine::RepairRequest apply(Word word = Word::Ask, std::string version = {}) {
  return {.apply = true, .half_applied = word, .statement_version = std::move(version)};
}

const std::string kNone = "-- headway: transaction=none\n";

migration::Source two_steps() {
  return source_of({{"1_a.sql", kNone + "VACUUM;\nCREATE TABLE a();"}, {"2_b.sql"}});
}

/// Migration 1 is half applied, 2 never ran.
void half_apply(World& world) {
  world.database.fail_on("CREATE TABLE a", "42P07");
  REQUIRE(world.upgrade(two_steps()).exit_code() == 20);
}

}  // namespace

TEST_CASE("repair says first what it would do, and does nothing") {
  World world;
  world.database.apply(tables(1).migrations()[0]);
  const auto edited = source_of({{"1_t.sql", "SELECT 'edited';"}});
  const auto report = engine::repair(world.context, edited, say());
  CHECK_FALSE(report.applied);
  REQUIRE(report.actions.size() == 1);
  CHECK(contains(report.actions.front(), "1 t: take over the checksum"));
  CHECK(world.database.calls == Texts{"connect", "read_history", "disconnect"});
}

TEST_CASE("repair takes over the checksum of an edited file, guarded and under the lock") {
  World world;
  world.database.apply(tables(1).migrations()[0]);
  const auto edited = source_of({{"1_t.sql", "SELECT 'edited';"}});
  REQUIRE(world.upgrade(edited).exit_code() == 22);
  const auto report = engine::repair(world.context, edited, apply());
  CHECK(report.applied);
  CHECK(world.database.events().back() == "repaired 1");
  CHECK_FALSE(world.database.is_locked());
  CHECK(world.upgrade(edited).exit_code() == 0);
}

TEST_CASE("repair with nothing to repair takes no lock") {
  World world;
  const auto report = engine::repair(world.context, tables(1), apply());
  CHECK(report.actions.empty());
  CHECK_FALSE(report.applied);
  CHECK(world.database.count("try_lock") == 0);
}

TEST_CASE("a half-applied migration needs the user's word") {
  World world;
  half_apply(world);
  const auto report = engine::repair(world.context, two_steps(), apply());
  CHECK_FALSE(report.applied);
  REQUIRE(report.actions.size() == 1);
  CHECK(contains(report.actions.front(), "failed after 1 finished statement"));
  CHECK(contains(report.actions.front(), "--done 1 or --undone 1"));
  CHECK(report.undecided == Texts{"1"});
  CHECK(world.database.chain() == "1(failed)");
}

TEST_CASE("declared done, it counts as applied") {
  World world;
  half_apply(world);
  const auto report = engine::repair(world.context, two_steps(), apply(Word::Done, "1"));
  CHECK(report.applied);
  CHECK(report.undecided.empty());
  CHECK(world.database.chain() == "1");
  CHECK(done_of(world.upgrade(two_steps())) == "2");
}

TEST_CASE("declared undone, it runs from its first statement") {
  World world;
  half_apply(world);
  CHECK(engine::repair(world.context, two_steps(), apply(Word::Undone)).applied);
  CHECK(world.database.chain().empty());
  CHECK(done_of(world.upgrade(two_steps())) == "1 2");
}

TEST_CASE("a word about a migration that is not half applied is refused") {
  World world;
  half_apply(world);
  const auto wrong = [&](Word word, std::string version) {
    return error_of([&] {
      return engine::repair(world.context, two_steps(), apply(word, std::move(version)));
    });
  };
  CHECK(wrong(Word::Done, "2").id == ErrorId::UnknownVersion);
  World whole;
  CHECK(error_of([&] {
          return engine::repair(whole.context, two_steps(), apply(Word::Done));
        }).id == ErrorId::BadTarget);
  CHECK(world.database.chain() == "1(failed)");
}
