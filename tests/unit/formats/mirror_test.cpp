#include "formats/mirror.hpp"

#include <doctest/doctest.h>

#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Format;
using formats::Mirror;
using migration::Version;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

formats::ForeignTable table(Format format) { return {format, {"app", "history's", {}, true}}; }

constexpr std::string_view kTable = "app.\"history's\"";

}  // namespace

TEST_CASE("a table of one version moves on, and back to what was before") {
  const auto source =
      read(Format::GolangMigrate, {{"01_a.up.sql", "SELECT 1;"}, {"02_b.up.sql", "SELECT 2;"}});
  const Mirror mirror(table(Format::GolangMigrate), source);
  CHECK(
      mirror.applied(Version("02")) ==
      "WITH moved AS (UPDATE app.\"history's\" SET version = GREATEST(version, "
      "'02'::pg_catalog.int8), dirty = false RETURNING 1) INSERT INTO app.\"history's\" (version, "
      "dirty) SELECT '02'::pg_catalog.int8, false WHERE NOT EXISTS (SELECT FROM moved)");
  CHECK(has(mirror.reverted(Version("02")),
            "SET version = '01' WHERE version::pg_catalog.text "
            "OPERATOR(pg_catalog.=) ANY (ARRAY['2']"));
  CHECK(has(mirror.reverted(Version("01")), "DELETE FROM"));
  CHECK(mirror.beginning().empty());
  CHECK(mirror.repeated("v").empty());
  const Mirror tern(table(Format::Tern), source);
  CHECK_FALSE(has(tern.applied(Version("02")), "dirty"));
  CHECK(has(tern.reverted(Version("01")), "SET version = '0'"));
  CHECK(tern.beginning().size() == 1);
}

TEST_CASE("a row for each migration") {
  const auto source = read(Format::Goose, {{"7_a.sql", "-- +goose Up\nSELECT 1;\n"}});
  const Mirror goose(table(Format::Goose), source);
  CHECK(goose.applied(Version("7")) ==
        "INSERT INTO app.\"history's\" (version_id, is_applied) VALUES ('7', true)");
  CHECK(has(goose.beginning().front(), "(0, true)"));
  const Mirror dbmate(table(Format::Dbmate), source);
  CHECK(dbmate.applied(Version("007")) == "INSERT INTO app.\"history's\" (version) VALUES ('007')");
  CHECK(has(dbmate.reverted(Version("007")), "ARRAY['007']"));
}

TEST_CASE("the checksums that the tools compute") {
  const auto flyway = read(Format::Flyway, {{"V1.2__it's_a.sql", "CREATE TABLE t (id int);\n"},
                                            {"R__views.sql", "SELECT 1;"}});
  const Mirror rows(table(Format::Flyway), flyway);
  CHECK(has(rows.applied(Version("1.2")),
            "'1.2', 'it''s a', 'SQL', 'V1.2__it''s_a.sql', 92137680, CURRENT_USER, "));
  CHECK(has(rows.repeated("views"), "NULL, 'views', 'SQL', 'R__views.sql'"));
  CHECK(rows.applied(Version("9")).empty());

  // sqlx counts the bytes, line ends and all.
  for (const std::string text : {"SELECT 1;\n", "\xEF\xBB\xBFSELECT 1;\r\n"}) {
    const auto sqlx = read(Format::Sqlx, {{"1_a_b.sql", text}});
    const std::string row = Mirror(table(Format::Sqlx), sqlx).applied(Version("1"));
    CHECK(has(row, "'1', 'a b', true"));
    CHECK(has(row, text.size() == 10 ? "decode('24454095" : "decode('e7120aba"));
  }
  const auto refinery = read(Format::Refinery, {{"V1__initial.sql", "CREATE TABLE t (id int);\n"}});
  CHECK(has(Mirror(table(Format::Refinery), refinery).applied(Version("1")),
            "'1459393547224997786'"));
}

TEST_CASE("the heads of a graph") {
  const auto source = source_of({{"1_a.sql", "-- headway: version=a\nSELECT 1;"},
                                 {"2_b.sql", "-- headway: version=b after=a\nSELECT 1;"},
                                 {"3_c.sql", "-- headway: version=c after=a\nSELECT 1;"},
                                 {"4_d.sql", "-- headway: version=d after=b,c\nSELECT 1;"}});
  const Mirror mirror(table(Format::Alembic), source);
  const std::string merged = mirror.applied(Version("d"));
  CHECK(has(merged,
            "DELETE FROM app.\"history's\" WHERE version_num::pg_catalog.text "
            "OPERATOR(pg_catalog.=) ANY (ARRAY['a', 'b', 'c']"));
  CHECK(has(merged, "SELECT 'd' WHERE NOT EXISTS"));
  CHECK(has(mirror.applied(Version("b")), "ANY (ARRAY['d']"));
  const std::string back = mirror.reverted(Version("d"));
  CHECK(has(back, "SELECT 'b'::pg_catalog.varchar"));
  CHECK(has(back, "UNION ALL SELECT 'c'::pg_catalog.varchar"));
  // c still stands on a.
  CHECK(has(mirror.reverted(Version("b")), "ANY (ARRAY['c', 'd', 'a']"));
  CHECK_FALSE(has(mirror.reverted(Version("a")), "INSERT"));
}

TEST_CASE("tables that are only read, and where Atlas keeps its own") {
  CHECK(formats::can_mirror(Format::Atlas));
  CHECK_FALSE(formats::can_mirror(Format::Prisma));
  CHECK(formats::creation("headway").empty());
  CHECK(formats::creation("goose").size() == 1);
  CHECK(has(formats::creation("atlas").back(),
            "CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version"));
  CHECK(has(Mirror(table(Format::Goose), migration::Source()).reverted(Version("1")),
            std::string(kTable)));
}
