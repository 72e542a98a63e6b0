// Other tools' history tables: whose they are, what they mean, and the checksums in them.
#include "formats/checksums.hpp"
#include "formats/foreign_history.hpp"
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::ForeignRow;
using formats::Format;
using formats::FoundTable;

namespace {

FoundTable table(std::string name, std::vector<std::string> columns, bool near = true) {
  return {"public", std::move(name), std::move(columns), near};
}

formats::ForeignTable of(Format format) { return {format, table("t", {})}; }

Texts taken(Format format, const migration::Source& source, const std::vector<ForeignRow>& rows) {
  Texts out;
  for (const auto& one : formats::applied_of(of(format), rows, source)) {
    out.push_back(one.version.text() + (one.migration == nullptr ? "?" : ""));
  }
  return out;
}

ErrorId refused(Format format, const migration::Source& source,
                const std::vector<ForeignRow>& rows) {
  return error_of([&] { return formats::applied_of(of(format), rows, source); }).id;
}

const auto kNull = std::nullopt;

}  // namespace

TEST_CASE("a table is its tool's by name and columns") {
  const auto owner = [](const FoundTable& found) { return formats::owner_of(found); };
  CHECK(owner(table("schema_migrations", {"version", "dirty"})) == Format::GolangMigrate);
  CHECK(owner(table("schema_migrations", {"version"})) == Format::Dbmate);
  CHECK(owner(table("goose_db_version", {"id", "version_id", "is_applied", "tstamp"})) ==
        Format::Goose);
  CHECK_FALSE(owner(table("schema_migrations", {"id", "name"})));
  CHECK_FALSE(owner(table("other", {"version", "dirty"})));
  CHECK(owner(table("schema_version", {"version"})) == Format::Tern);
  CHECK_FALSE(owner(table("schema_version", {"version", "comment"})));
  CHECK(owner(table("__diesel_schema_migrations", {"version", "run_on"})) == Format::Diesel);
}

TEST_CASE("the table of a layout is the nearest one, and of two near ones none") {
  const FoundTable migrate = table("schema_migrations", {"version", "dirty"});
  const FoundTable sqlx =
      table("_sqlx_migrations", {"version", "description", "success", "checksum"});
  const auto format = [](std::string_view layout, const std::vector<FoundTable>& found,
                         std::string_view wanted = {}) {
    const auto one = formats::table_of(layout, found, wanted);
    return one ? std::string(formats::format_info(one->format).id) : std::string();
  };
  CHECK(format("golang-migrate", {migrate}) == "golang-migrate");
  CHECK(format("golang-migrate", {sqlx}) == "sqlx");
  CHECK(format("dbmate", {migrate}).empty());
  CHECK(format("headway", {migrate}).empty());
  CHECK(format("headway", {sqlx}) == "sqlx");
  CHECK(format("headway", {migrate}, "public.schema_migrations") == "golang-migrate");
  FoundTable far = sqlx;
  far.schema = "far";
  far.in_search_path = false;
  CHECK(format("golang-migrate", {far, migrate}) == "golang-migrate");
  // Out of the search path it may be another application's.
  const ErrorInfo elsewhere =
      error_of([&] { return formats::table_of("golang-migrate", std::vector{far}); });
  CHECK(elsewhere.id == ErrorId::ForeignHistory);
  CHECK(contains(elsewhere.next, "--foreign-table=far._sqlx_migrations"));
  CHECK(contains(elsewhere.next, "--adopt=never"));
  CHECK(format("golang-migrate", {far}, "_sqlx_migrations") == "sqlx");
  CHECK(format("headway", {far}).empty());
  FoundTable atlas = table("atlas_schema_revisions",
                           {"version", "description", "type", "applied", "total", "hash"}, false);
  CHECK(error_of([&] { return formats::table_of("atlas", std::vector{atlas}); }).id ==
        ErrorId::ForeignHistory);
  atlas.schema = atlas.name;  // its own
  CHECK(format("atlas", {atlas}) == "atlas");
  CHECK(format("headway", {atlas}) == "atlas");
  CHECK(error_of([&] {
          return formats::table_of("golang-migrate", std::vector{sqlx, migrate});
        }).id == ErrorId::ForeignHistory);
  CHECK(error_of([&] { return formats::table_of("goose", std::vector{migrate}, "nowhere"); }).id ==
        ErrorId::ForeignHistory);
  FoundTable twin = migrate;
  twin.schema = "away";
  twin.in_search_path = false;
  const auto wanted = [](const std::vector<FoundTable>& found, std::string_view name) {
    return formats::table_of("golang-migrate", found, name)->table.schema;
  };
  CHECK(wanted({twin, migrate}, "schema_migrations") == "public");
  CHECK(wanted({migrate, twin}, "schema_migrations") == "public");
  CHECK(wanted({migrate, twin}, "away.schema_migrations") == "away");
  FoundTable current = twin;
  current.in_search_path = current.in_current_schema = true;
  CHECK(wanted({migrate, current}, "schema_migrations") == "away");
  CHECK(wanted({migrate, current}, "") == "away");
  FoundTable third = twin;
  third.schema = "third";
  CHECK(wanted({third, migrate, twin}, "schema_migrations") == "public");
  CHECK(error_of([&] {
          wanted({third, twin}, "schema_migrations");
        }).id == ErrorId::ForeignHistory);
  const FoundTable named = table("my_goose", {"id", "version_id", "is_applied"});
  CHECK(format("goose", {named}, "my_goose") == "goose");
  CHECK(formats::rows_query({Format::Goose, named}) ==
        "SELECT t.version_id::pg_catalog.text, CASE WHEN t.is_applied THEN 't' ELSE 'f' END FROM "
        "public.my_goose AS t ORDER BY t.id");
}

TEST_CASE("Flyway's table has an older name, and lies where its migrations run") {
  const std::vector<std::string> columns{
      "installed_rank", "version",      "description",  "type",           "script",
      "checksum",       "installed_by", "installed_on", "execution_time", "success"};
  FoundTable older = table("schema_version", columns);
  CHECK(formats::owner_of(older) == Format::Flyway);
  older.schema = "app";
  older.in_search_path = false;
  const auto refused = [&older](std::string_view wanted) {
    return error_of([&] { return formats::table_of("flyway", std::vector{older}, wanted); });
  };
  CHECK(contains(refused("").next, "--search-path=app"));
  CHECK(contains(refused("app.schema_version").next, "--search-path=app"));
}

TEST_CASE("a table that another tool keeps") {
  FoundTable dbmate = table("schema_migrations", {"version"});
  const auto another = [&dbmate](std::string_view layout) {
    const auto found = formats::table_of_another(layout, std::vector{dbmate});
    return found ? std::string(formats::format_info(found->format).id) : std::string();
  };
  CHECK(another("goose").empty());  // further along the search path
  dbmate.in_current_schema = true;
  CHECK(another("goose") == "dbmate");
  CHECK(another("headway") == "dbmate");
  CHECK(another("dbmate").empty());
}

TEST_CASE("a table with a tool's columns and another name is asked about") {
  CHECK(formats::columns_of_histories("golang-migrate") ==
        Texts{"dirty version", "checksum description execution_time installed_on success version"});
  CHECK(formats::columns_of_histories("goose") == Texts{"id is_applied tstamp version_id"});
  CHECK(formats::columns_of_histories("alembic") == Texts{"version_num"});
  CHECK(formats::columns_of_histories("refinery") == Texts{"applied_on checksum name version"});
  CHECK(formats::columns_of_histories("dbmate").empty());
  CHECK(formats::columns_of_histories("headway").empty());
  const auto error = [](const std::vector<FoundTable>& found) {
    return error_of([&] { return formats::table_of("golang-migrate", found); });
  };
  const FoundTable own = table("own_migrations", {"version", "dirty"});
  CHECK(error({own}).id == ErrorId::ForeignHistory);
  CHECK(contains(error({own}).next, "--foreign-table=public.own_migrations"));
  CHECK(formats::table_of("golang-migrate",
                          std::vector{own, table("schema_migrations", {"version", "dirty"})}));
  CHECK_FALSE(formats::table_of("goose", std::vector{own}));
  CHECK(formats::table_of("golang-migrate", std::vector{own}, "own_migrations"));
}

TEST_CASE("golang-migrate and tern keep one row: all up to it are applied") {
  const auto source =
      read(Format::GolangMigrate, {{"1_a.up.sql"}, {"0002_b.up.sql"}, {"10_c.up.sql"}});
  CHECK(taken(Format::GolangMigrate, source, {}).empty());
  CHECK(taken(Format::GolangMigrate, source, {{"2", "f"}}) == Texts{"1", "0002"});
  CHECK(taken(Format::GolangMigrate, source, {{"11", "f"}}) == Texts{"1", "0002", "10", "11?"});
  CHECK(refused(Format::GolangMigrate, source, {{"2", "t"}}) == ErrorId::ForeignDirty);
  CHECK(taken(Format::Tern, source, {{"0"}}).empty());
  CHECK(taken(Format::Tern, source, {{"1"}}) == Texts{"1"});
}

TEST_CASE("goose: the newest row of a version counts") {
  const auto source =
      read(Format::Goose, {{"1_a.sql", "-- +goose Up\n"}, {"2_b.sql", "-- +goose Up\n"}});
  CHECK(taken(Format::Goose, source,
              {{"0", "t"}, {"1", "t"}, {"2", "t"}, {"2", "f"}, {"1", "f"}, {"1", "t"}}) ==
        Texts{"1"});
}

TEST_CASE("Flyway: baselines, undone and deleted versions, failed ones, checksums") {
  const auto source =
      read(Format::Flyway,
           {{"V1__a.sql", "CREATE TABLE t (id int);\n"}, {"V1.1__b.sql"}, {"V2__c.sql"}});
  const auto row = [](const char* version, const char* type, std::optional<std::string> sum,
                      const char* success = "t") {
    return ForeignRow{version, "d", type, "s", std::move(sum), success};
  };
  CHECK(taken(Format::Flyway, source,
              {row("1", "SQL", "92137680"),
               row("1.1", "SQL", kNull),
               row("2.0", "SQL", kNull),
               {kNull, "v", "SQL", "R__v.sql", "1", "t"}}) == Texts{"1", "1.1", "2"});
  CHECK(taken(Format::Flyway, source, {row("1.1", "BASELINE", kNull)}) == Texts{"1", "1.1"});
  // A baseline is a mark; mostly there is no file of it.
  CHECK(taken(Format::Flyway, source, {row("0", "BASELINE", kNull), row("1", "SQL", "92137680")}) ==
        Texts{"1"});
  CHECK(taken(Format::Flyway, source, {row("1.5", "BASELINE", kNull)}) == Texts{"1", "1.1"});
  CHECK(taken(Format::Flyway, source, {row("0", "BASELINE", kNull)}).empty());
  // a baseline's version need not be a file's
  CHECK(taken(Format::Flyway, source,
              {row("1.0.5", "BASELINE", kNull), row("1.1", "SQL", kNull)}) == Texts{"1", "1.1"});
  CHECK(taken(Format::Flyway, source,
              {row("1", "SQL", kNull), row("2", "SQL", kNull), row("2", "UNDO_SQL", kNull),
               row("1", "DELETE", kNull)})
            .empty());
  CHECK(taken(Format::Flyway, source, {row("3", "SQL", "1")}) == Texts{"3?"});
  CHECK(refused(Format::Flyway, source, {row("1", "SQL", "5")}) == ErrorId::ChecksumMismatch);
  CHECK(refused(Format::Flyway, source, {row("1", "SQL", kNull, "f")}) == ErrorId::ForeignDirty);
}

TEST_CASE("Flyway: a baseline's file stands for what was applied before it was written") {
  const auto source = read(Format::Flyway, {{"B3__sum.sql"}, {"V4__d.sql"}});
  const auto row = [](const char* version, const char* type) {
    return ForeignRow{version, "d", type, "s", "5", "t"};
  };
  CHECK(taken(Format::Flyway, source, {row("3", "SQL_BASELINE")}) == Texts{"3"});
  CHECK(taken(Format::Flyway, source, {row("3", "SQL")}) == Texts{"3"});
  CHECK(refused(Format::Flyway, source, {row("3", "SQL"), row("4", "SQL")}) ==
        ErrorId::ChecksumMismatch);
}

TEST_CASE("Atlas, Prisma and sqlx: what has stopped half-way is for the user to judge") {
  const auto atlas = read(Format::Atlas, {{"1_init.sql", "CREATE TABLE t (id int);\n"}});
  const std::string sum = "CljdN0mRRypLgnOb0bKKlZ2rGT42jXDb5lFPkN5gFHI=";
  CHECK(taken(Format::Atlas, atlas,
              {{".atlas_cloud_identifier", "", "2", "0", "0", ""},
               {"1", "init", "2", "1", "1", sum}}) == Texts{"1"});
  CHECK(refused(Format::Atlas, atlas, {{"1", "init", "2", "1", "2", sum}}) ==
        ErrorId::ForeignDirty);
  CHECK(refused(Format::Atlas, atlas, {{"1", "init", "2", "1", "1", "x"}}) ==
        ErrorId::ChecksumMismatch);
  const auto prisma = read(Format::Prisma, {{"20210101000000_a/migration.sql", "SELECT 1;\n"}});
  CHECK(taken(Format::Prisma, prisma,
              {{"20210101000000_a", "x", kNull, "now"},
               {"20210101000000_a",
                "b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd", "now",
                kNull}}) == Texts{"20210101000000_a"});
  CHECK(refused(Format::Prisma, prisma, {{"20210101000000_a", "x", kNull, kNull}}) ==
        ErrorId::ForeignDirty);
  const auto sqlx = read(Format::Sqlx, {{"1_a.sql"}});
  CHECK(refused(Format::Sqlx, sqlx, {{"1", "a", "f", "00"}}) == ErrorId::ForeignDirty);
}

TEST_CASE("Atlas: a baseline and a checkpoint stand for what is in front of them") {
  const auto source =
      read(Format::Atlas, {{"1_a.sql", "CREATE TABLE a ();\n"},
                           {"2_b.sql", "CREATE TABLE b ();\n"},
                           {"3_sum.sql", "-- atlas:checkpoint\n\nCREATE TABLE a ();\n"},
                           {"4_d.sql", "CREATE TABLE d ();\n"}});
  const auto row = [](const char* version, const char* type) {
    return ForeignRow{version, "", type, "1", "1", kNull};
  };
  CHECK(taken(Format::Atlas, source, {row("2", "1")}) == Texts{"1", "2"});
  CHECK(taken(Format::Atlas, source, {row("0", "1"), row("1", "2")}) == Texts{"1"});
  CHECK(taken(Format::Atlas, source, {row("3", "2")}) == Texts{"1", "2"});
  CHECK(taken(Format::Atlas, source, {row("3", "2"), row("4", "2")}) == Texts{"1", "2", "4"});
}

TEST_CASE("Atlas: a checkpoint that is run has nothing to do where its migrations have run") {
  const auto source = read(Format::Atlas, {{"3_sum.sql", "-- atlas:checkpoint\n\nSELECT 1;\n"},
                                           {"4_d.sql", "CREATE TABLE d ();\n"}});
  const auto row = [](const char* version) {
    return ForeignRow{version, "", "2", "1", "1", kNull};
  };
  CHECK(taken(Format::Atlas, source, {row("1"), row("2")}) == Texts{"1?", "2?", "3"});
  CHECK(taken(Format::Atlas, source, {row("3")}) == Texts{"3"});
  CHECK(taken(Format::Atlas, source, {}).empty());
}

TEST_CASE("a row that names no migration is refused") {
  const auto source = read(Format::Dbmate, {{"1_a.sql", "-- migrate:up\n"}});
  for (const auto& version : {std::optional<std::string>{}, std::optional<std::string>{""},
                              std::optional<std::string>{"base"}}) {
    CHECK(refused(Format::Dbmate, source, {{"1"}, {version}}) == ErrorId::ForeignHistory);
  }
}

TEST_CASE("checksums are those that the tools have published") {
  const std::string text = "CREATE TABLE t (id int);\n";
  CHECK(formats::flyway_checksum(text) == 92137680);
  CHECK(formats::flyway_checksum("") == 0);
  CHECK(formats::flyway_checksum("CREATE TABLE t (id int);\r\n") == 92137680);
  CHECK(formats::refinery_checksum("initial", 1, false, text) == 1459393547224997786U);
}

TEST_CASE("line ends and a byte order mark do not make another file") {
  migration::Migration migration;
  migration.version = v("1");
  migration.name = "initial";
  migration.up.text = "CREATE TABLE t (id int);\n";
  CHECK(formats::fits(Format::Refinery, migration, "1459393547224997786"));
  CHECK_FALSE(formats::fits(Format::Refinery, migration, "1"));
  CHECK(formats::fits(Format::Goose, migration, "1"));
  // sha384sum of the text, with LF, with CR LF, with a mark in front
  for (const char* sum : {"e1cc0b49a7d453bb345d9fc52670c0bfd4a694b2befb7061a9bad55916701e1ef4ddd22e"
                          "e7cb1c80b4317a1b5780422c",
                          "13ec31b9fdb54e368195d7bc842339dbb8844066c2781756dc6003d955e6a4199f83dbb6"
                          "148cf8b6addef8ce34a3e985",
                          "4a675d2179880ade68628e1bac923b32587d4ad8fffa28c462b4b2713789914a09242921"
                          "8a0bc2552baa2c03bc1f51d6"}) {
    CHECK(formats::fits(Format::Sqlx, migration, sum));
  }
  CHECK_FALSE(formats::fits(Format::Sqlx, migration, std::string(96, '0')));
  // what was put in for placeholders does not count
  migration.up.original = std::make_shared<const std::string>(migration.up.text);
  migration.up.text = "CREATE TABLE u (id int);\n";
  CHECK(formats::fits(Format::Flyway, migration, "92137680"));
}

TEST_CASE("locks have the tools' own keys") {
  const auto keys = [](Format format, const std::string& name) {
    return formats::lock_keys({format, table(name, {})}, "mydb");
  };
  using Keys = std::vector<std::int64_t>;
  CHECK(keys(Format::Flyway, "flyway_schema_history") == Keys{77433833903597});
  CHECK(keys(Format::GolangMigrate, "schema_migrations") == Keys{616192132, 2103762914});
  CHECK(keys(Format::Sqlx, "_sqlx_migrations") == Keys{293176876009260204});
  CHECK(keys(Format::Dbmate, "schema_migrations").empty());
}
