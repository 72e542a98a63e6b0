// `headway import alembic`, with a program in Alembic's place that prints what the real one does;
// tests/interop asks the real one.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view kAlembic = R"sh(#!/bin/sh
case "$1 $2" in
  "history --verbose")
    printf 'Rev: b2 (head)\nParent: a1\nPath: /p/b2_x.py\n\n    Add a column\n\n'
    printf 'Rev: a1\nParent: <base>\nPath: /p/a1_x.py\n\n    Create a\n\n' ;;
  "upgrade base:a1")
    printf 'BEGIN;\n\n-- Running upgrade  -> a1\n\nCREATE TABLE a (id int);\n\n'
    printf "INSERT INTO alembic_version (version_num) VALUES ('a1');\n\nCOMMIT;\n" ;;
  "upgrade a1:b2")
    if [ -n "$BROKEN" ]; then echo 'Trace'; echo 'TypeError: no connection' >&2; exit 1; fi
    printf 'BEGIN;\n\n-- Running upgrade a1 -> b2\n\nALTER TABLE a ADD c text;\n\n'
    printf "UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1';\n" ;;
  "downgrade a1:base")
    printf -- "-- Running downgrade a1 -> \n\nDROP TABLE a;\n\n"
    printf "DELETE FROM alembic_version WHERE alembic_version.version_num = 'a1';\n" ;;
  *) echo "NotImplementedError: no way" >&2; exit 1 ;;
esac
)sh";

struct Project {
  TempDir place;
  std::string alembic;
  Headway headway;

  explicit Project(const std::string& url = {})
      : alembic("--alembic=sh '" + place.write("it is.sh", kAlembic).string() + "'"),
        headway{url, (place.path() / "new/sql").string()} {}
  [[nodiscard]] Exit import(std::vector<std::string> more = {},
                            const Variables& variables = {}) const {
    more.insert(more.begin(), {"import", "alembic", alembic});
    return headway(more, variables);
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    return read_file(std::filesystem::path(headway.migrations) / name);
  }
};

}  // namespace

TEST_CASE("an Alembic project becomes files, and its table is taken over") {
  const std::string url = TempCluster::shared().create_database();
  const Project project(url);
  const Exit made = project.import();
  INFO(made.text());
  REQUIRE(made.code == 0);
  CHECK(has(made.out, "sql/0001_create_a.sql\n"));
  CHECK(has(made.out, "sql/0001_create_a.down.sql\n"));
  CHECK(has(made.out, "sql/0002_add_a_column.sql\n"));
  CHECK(has(made.err, "b2 has no way back: NotImplementedError: no way"));
  CHECK(project.text("0002_add_a_column.sql") ==
        "-- headway: version=b2 after=a1\n-- Add a column\n--\n-- Imported from b2_x.py.\n\n"
        "ALTER TABLE a ADD c text;\n");
  CHECK(project.text("0001_create_a.down.sql") ==
        "-- The way back from: Create a\n\nDROP TABLE a;\n");

  exec(url,
       "create table alembic_version (version_num varchar(32) primary key); insert into "
       "alembic_version values ('a1'); create table a (id int)");
  const Exit upgraded = project.headway({"upgrade"});
  INFO(upgraded.text());
  CHECK(upgraded.code == 0);
  CHECK(value(url,
              "select string_agg(version || ' ' || kind, ', ' order by applied_at, version) from "
              "headway.history where version <> 'base'") == "a1 adopted, b2 migration");

  // Another one comes after them.
  CHECK(has(project.headway({"revision", "-m", "more", "--sequential"}).out, "sql/0003_more.sql"));
  const Exit heads = project.headway({"heads"});
  CHECK(has(heads.out, "0003"));
}

TEST_CASE("an import adds what is new and leaves the rest") {
  const Project project;
  REQUIRE(project.import({"--no-down"}).code == 0);
  const std::filesystem::path second =
      std::filesystem::path(project.headway.migrations) / "0002_add_a_column.sql";
  std::filesystem::remove(second);
  write_file(std::filesystem::path(project.headway.migrations) / "0001_create_a.sql",
             "-- headway: version=a1\nSELECT 'edited';\n");
  const Exit again = project.import({"--no-down", "--output=json"});
  INFO(again.text());
  CHECK(again.code == 0);
  CHECK(has(again.out, "\"version\":\"b2\""));
  CHECK(has(again.out, "\"present\":1"));
  CHECK(std::filesystem::exists(second));
  CHECK(has(project.text("0001_create_a.sql"), "edited"));
  CHECK(has(project.import().out, "2 revisions there already"));
}

TEST_CASE("what Alembic can't print stops the import, or waits to be written") {
  const std::string url = TempCluster::shared().create_database();
  const Project project(url);
  const Exit refused = project.import({}, {{"BROKEN", "1"}});
  CHECK(refused.code == 2);
  CHECK(has(refused.err, "foreign-code"));
  CHECK(has(refused.err, "b2 (TypeError: no connection)"));
  CHECK(std::filesystem::is_empty(project.headway.migrations));
  REQUIRE(project.import({"--skip-foreign-code"}, {{"BROKEN", "1"}}).code == 0);
  const Exit upgrade = project.headway({"upgrade"});
  CHECK(upgrade.code == 20);
  CHECK(has(upgrade.err, "0002_add_a_column.sql:"));
  CHECK(has(project.text("0002_add_a_column.sql"), "as SQL: TypeError: no connection"));
}

TEST_CASE("who is no Alembic, and what needs no import") {
  const Project project;
  const Headway& headway = project.headway;
  const Exit goose = headway({"import", "goose"});
  CHECK(goose.code == 2);
  CHECK(has(goose.err, "goose needs no import"));
  CHECK(has(headway({"import", "rails"}).err, "foreign-format"));
  CHECK(headway({"import", "whatever"}).code == 2);
  CHECK(headway({"import"}).code == 2);
  const Exit none = headway({"import", "alembic", "--alembic=/no/such/program"});
  CHECK(none.code == 2);
  CHECK(has(none.err, "/no/such/program"));
  CHECK_FALSE(std::filesystem::exists(headway.migrations));
  project.place.write("new/sql/V1__a.sql", "SELECT 1;\n");
  const Exit taken = project.import();
  CHECK(taken.code == 2);
  CHECK(has(taken.err, "holds files of Flyway"));
}
