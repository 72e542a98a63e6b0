#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;
using Word = engine::RepairRequest::HalfApplied;

namespace {

engine::RepairRequest say() { return {}; }
engine::RepairRequest apply(Word word = Word::Ask, std::string version = {}) {
  return {.apply = true, .half_applied = word, .version = std::move(version)};
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

TEST_CASE("the user's word on one statement") {
  for (const auto word : {Word::StatementDone, Word::StatementUndone}) {
    World world;
    half_apply(world);
    engine::RepairRequest ask{.apply = false, .half_applied = word, .version = {}};
    const auto said = engine::repair(world.context, two_steps(), ask);
    REQUIRE(said.actions.size() == 1);
    CHECK(contains(said.actions.front(), word == Word::StatementDone
                                             ? "record statement 2 as done"
                                             : "record statement 2 as not done"));
    CHECK(contains(said.actions.front(), "CREATE TABLE a"));
    CHECK(said.undecided.empty());
    CHECK(world.database.row("1").journal.size() == 1);

    CHECK(engine::repair(world.context, two_steps(), apply(word, "1")).applied);
    CHECK(world.database.events().back() == "repaired 1");
    CHECK(world.database.chain() == "1(failed)");
    world.database.calls.clear();
    CHECK(world.upgrade(two_steps()).exit_code() == 0);
    CHECK(world.database.chain() == "1 2");
    CHECK(world.database.count("run VACUUM") == 0);
    CHECK(world.database.count("run CREATE TABLE a") == (word == Word::StatementDone ? 0U : 1U));
  }
}

TEST_CASE("which statement is meant has to be certain") {
  World world;
  half_apply(world);
  const auto failure = [&](const migration::Source& source) {
    try {
      (void)engine::repair(world.context, source, apply(Word::StatementDone, "1"));
    } catch (const Error& error) {
      return error.info();
    }
    return ErrorInfo{};
  };
  const auto edited =
      failure(source_of({{"1_a.sql", kNone + "VACUUM FULL;\nCREATE TABLE a();"}, {"2_b.sql"}}));
  CHECK(edited.id == ErrorId::HalfApplied);
  CHECK(contains(edited.message, "statement 1 was edited after it was done"));
  const auto shorter = failure(source_of({{"1_a.sql", kNone + "VACUUM;"}, {"2_b.sql"}}));
  CHECK(shorter.id == ErrorId::HalfApplied);
  CHECK(contains(shorter.message, "none is left"));
  CHECK(failure(source_of({{"2_b.sql"}})).id == ErrorId::UnknownVersion);
  CHECK(world.database.row("1").journal.size() == 1);
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
