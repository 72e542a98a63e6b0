// Taking over another tool's history, against a database in memory.
#include "engine/adoption.hpp"

#include "formats/checksums.hpp"
#include "unit/engine/world.hpp"
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::ForeignRow;
using formats::Format;

namespace {

constexpr std::int64_t kGooseLock = 4097083626;

migration::Source goose(std::size_t count) {
  std::vector<File> files;
  for (std::size_t i = 1; i <= count; ++i) {
    const std::string number = std::to_string(i);
    files.push_back(
        {number + "_t.sql", "-- +goose Up\nCREATE TABLE t" + number + " ();\n-- +goose Down\n"});
  }
  return read(Format::Goose, files);
}

struct Switch : World {
  explicit Switch(std::vector<ForeignRow> rows) {
    database.foreign_tables = {
        {"public", "goose_db_version", {"id", "version_id", "is_applied", "tstamp"}, true}};
    database.foreign_rows = std::move(rows);
  }
  engine::RunReport adopt(const migration::Source& source) {
    return engine::adopt(context, source);
  }
  [[nodiscard]] std::vector<std::string> locks() const {
    return database.calls_like({"try_foreign_lock", "release_foreign_lock"});
  }
};

const std::vector<ForeignRow> kTwo{{"0", "t"}, {"1", "t"}, {"2", "t"}};

}  // namespace

TEST_CASE("an upgrade takes over in one transaction, and goes on behind it") {
  Switch world(kTwo);
  const auto source = goose(4);
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1 2 3 4");
  CHECK(world.database.chain() == "1 2 3 4");
  CHECK(world.database.row("2").kind == migration::RowKind::Adopted);
  CHECK(world.database.row("3").kind == migration::RowKind::Migration);
  CHECK(world.database.tables.effects == Texts{"CREATE TABLE t3 ()", "CREATE TABLE t4 ()"});
  CHECK(world.database.events() ==
        Texts{"locked", "adopted 1", "adopted 2", "locked", "applied 3", "applied 4"});
  // The other tool waits for its lock with a snapshot: it is not kept while migrations run.
  CHECK(world.locks() == Texts{"try_foreign_lock " + std::to_string(kGooseLock),
                               "release_foreign_lock " + std::to_string(kGooseLock)});
  CHECK(world.upgrade(source).done.empty());
}

TEST_CASE("a taking over that fails or is lost leaves nothing, or is found to have happened") {
  SUBCASE("it fails") {
    Switch world(kTwo);
    world.database.fail_on("insert_row 2", "53100");
    CHECK(world.upgrade(goose(3)).exit_code() != 0);
    CHECK(world.database.chain().empty());
  }
  SUBCASE("the connection is lost before it") {
    Switch world(kTwo);
    world.database.lose_connection_on("insert_row 2");
    CHECK(done_of(world.upgrade(goose(3))) == "1 2 3");
    CHECK(world.database.chain() == "1 2 3");
  }
  for (const auto outcome : {FakeDatabase::Commit::Applied, FakeDatabase::Commit::NotApplied}) {
    Switch world(kTwo);
    world.database.lose_connection_at_commit(1, outcome);
    CHECK(done_of(world.adopt(goose(3))) == "1 2");
    CHECK(world.database.chain() == "1 2");
  }
}

TEST_CASE("the other tool's lock is waited for, within the budget") {
  Switch world(kTwo);
  world.context.settings.lock_wait = Milliseconds(10000);
  SUBCASE("it ends its work") {
    world.database.foreign_lock_refusals = 3;
    CHECK(world.upgrade(goose(2)).exit_code() == 0);
    CHECK(world.locks().size() == 5);
  }
  SUBCASE("it does not") {
    world.database.foreign_lock_refusals = 1000;
    const auto report = world.upgrade(goose(2));
    REQUIRE(report.error);
    CHECK(report.error->id == ErrorId::LockBusy);
    CHECK(world.database.chain().empty());
  }
}

TEST_CASE("what the modes of taking over say") {
  using Mode = engine::AdoptSettings::Mode;
  SUBCASE("never") {
    Switch world(kTwo);
    world.context.settings.adopt.mode = Mode::Never;
    CHECK(done_of(world.upgrade(goose(2))) == "1 2");
    CHECK(world.database.count("find_tables") == 0);
    CHECK(world.database.row("1").kind == migration::RowKind::Migration);
  }
  SUBCASE("required, and there is none, or it is empty") {
    Switch world(std::vector<ForeignRow>{{"0", "t"}});
    world.context.settings.adopt.mode = Mode::Require;
    CHECK(world.upgrade(goose(2)).error->id == ErrorId::NothingToAdopt);
    world.database.foreign_tables.clear();
    CHECK(world.upgrade(goose(2)).error->id == ErrorId::NothingToAdopt);
    CHECK(world.database.chain().empty());
  }
  SUBCASE("a history of our own is enough") {
    Switch world(kTwo);
    world.context.settings.adopt.mode = Mode::Require;
    world.upgrade(goose(2));
    CHECK(world.upgrade(goose(3)).exit_code() == 0);
  }
}

TEST_CASE("a tenant takes over nothing from a schema that is not its own") {
  Switch world(kTwo);
  world.database.foreign_tables.front().in_search_path = false;
  world.context.settings.adopt.only_near = true;
  world.upgrade(goose(2));
  CHECK(world.database.row("1").kind == migration::RowKind::Migration);
  Switch own(kTwo);
  own.context.settings.adopt.only_near = true;
  own.upgrade(goose(2));
  CHECK(own.database.row("1").kind == migration::RowKind::Adopted);
  Switch named(kTwo);
  named.database.foreign_tables.front().in_search_path = false;
  named.context.settings.adopt.only_near = true;
  named.context.settings.adopt.table = "public.goose_db_version";
  named.upgrade(goose(2));
  CHECK(named.database.row("1").kind == migration::RowKind::Adopted);
}

TEST_CASE("a table that a migration names is made, if it is not there") {
  const auto source =
      read(Format::Atlas, {{"1_a.sql", "SELECT 1 FROM atlas_schema_revisions.x;\n"}});
  const auto made = [&source](const std::vector<formats::FoundTable>& tables) {
    World world;
    world.database.foreign_tables = tables;
    world.upgrade(source);
    return world.database.count("create_foreign_table CREATE SCHEMA atlas_schema_revisions ");
  };
  CHECK(made({}) == 1);
  CHECK(made({{"atlas_schema_revisions", "atlas_schema_revisions", {"version"}, false}}) == 0);
  CHECK(made({{"other", "atlas_schema_revisions", {"version"}, true}}) == 1);
}

TEST_CASE("rows that the other tool adds afterwards are told once, and not taken") {
  Switch world(kTwo);
  world.upgrade(goose(2));
  world.database.foreign_rows.push_back({"3", "t"});
  const auto report = world.upgrade(goose(3));
  CHECK(done_of(report) == "3");
  CHECK(world.observer.warnings == Texts{"plan", "foreign-rows"});
}

TEST_CASE("Flyway's repeatables are taken over as far as they are what it has run last") {
  const std::string same = "CREATE OR REPLACE VIEW v AS SELECT 1;\n";
  const auto source = read(Format::Flyway, {{"V1__a.sql", "CREATE TABLE a ();\n"},
                                            {"R__the_same.sql", same},
                                            {"R__edited.sql", "SELECT 2;\n"},
                                            {"R__new.sql", "SELECT 3;\n"}});
  const std::string sum = std::to_string(formats::flyway_checksum(same));
  World world;
  world.database.foreign_tables = {
      {"public",
       "flyway_schema_history",
       {"installed_rank", "version", "description", "type", "script", "checksum", "success"},
       true}};
  const auto none = std::nullopt;
  world.database.foreign_rows = {
      {"1", "a", "SQL", "V1__a.sql", none, "t"},
      {none, "the same", "SQL", "R__the_same.sql", "1", "t"},
      {none, "edited", "SQL", "R__edited.sql", sum, "t"},
      {none, "the same", "SQL", "R__the_same.sql", sum, "t"},
  };
  CHECK(done_of(world.upgrade(source)) == "1 the same edited new");
  CHECK(world.database.tables.effects == Texts{"SELECT 2", "SELECT 3"});
  CHECK(world.observer.schema.pending == 0);
  CHECK(world.upgrade(source).done.empty());
  SUBCASE("one that has failed is for Flyway to mend") {
    World other;
    other.database.foreign_tables = world.database.foreign_tables;
    other.database.foreign_rows = world.database.foreign_rows;
    other.database.foreign_rows.push_back({none, "edited", "SQL", "R__edited.sql", "1", "f"});
    CHECK(other.upgrade(source).error->id == ErrorId::ForeignDirty);
  }
}

TEST_CASE("what a file leaves set stays for those behind it, where its tool leaves it") {
  const std::vector<File> files{{"1_a.up.sql", "SET search_path TO app, public;\n"},
                                {"2_b.up.sql", "CREATE TABLE b ();\n"},
                                {"3_c.up.sql", "CREATE TABLE c ();\n"}};
  World world;
  world.database.settings_left = {{"search_path", "app, public"}};
  const auto kept = [&world] { return world.database.calls_like({"keep_settings"}); };
  SUBCASE("golang-migrate") {
    world.upgrade(read(Format::GolangMigrate, files));
    CHECK(kept() == Texts{"keep_settings search_path=app, public"});
    CHECK(world.observer.warnings == Texts{"session-kept"});
  }
  SUBCASE("also in a new session, after a lost connection") {
    world.database.lose_connection_on("CREATE TABLE c");
    world.upgrade(read(Format::GolangMigrate, files));
    CHECK(kept() == Texts(2, "keep_settings search_path=app, public"));
  }
  SUBCASE("in one transaction around all") {
    world.context.settings.transactions = engine::Transactions::All;
    world.upgrade(read(Format::GolangMigrate, files));
    CHECK(kept() == Texts{"keep_settings search_path=app, public"});
  }
  SUBCASE("an empty path can only make names fail") {
    world.database.settings_left = {{"search_path", "\"\""}};
    world.upgrade(read(Format::GolangMigrate, files));
    CHECK(kept().empty());
    CHECK(world.observer.warnings.empty());
  }
  SUBCASE("Flyway puts the path back, and nothing else") {
    world.database.settings_left.push_back({"check_function_bodies", "off"});
    world.upgrade(
        read(Format::Flyway, {{"V1__a.sql", files[0].text}, {"V2__b.sql", files[1].text}}));
    CHECK(kept() == Texts{"keep_settings check_function_bodies=off"});
  }
  SUBCASE("tern resets the session, as Headway does between its own") {
    world.upgrade(read(Format::Tern, {{"1_a.sql", files[0].text}, {"2_b.sql", files[1].text}}));
    CHECK(world.database.count("settings_left") == 0);
  }
  SUBCASE("the last one leaves it to nobody") {
    world.upgrade(read(Format::GolangMigrate, {files[0]}));
    CHECK(world.database.count("settings_left") == 0);
  }
}
