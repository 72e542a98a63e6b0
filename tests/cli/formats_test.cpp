// Directories of other tools, run as they are.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Example {
  std::string format;
  Files files;
  std::string head;
  bool ways_back = true;
};

/// The same three steps in each tool's way: a table, a function with semicolons and an index that
/// is built outside of a transaction, and the column that the function's table gets.
std::vector<Example> examples() {
  const std::string table = "CREATE TABLE t (id int);\n";
  const std::string function =
      "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND $$";
  const std::string index = "CREATE INDEX CONCURRENTLY i ON t (id);\n";
  const std::string column = "ALTER TABLE t ADD c text";  // and no semicolon
  const auto goose = [](const std::string& up, const std::string& down) {
    return "-- +goose Up\n" + up + "-- +goose Down\n" + down;
  };
  const std::string block = "-- +goose StatementBegin\n" + function + "\n-- +goose StatementEnd\n";
  const std::string drops = "DROP TABLE t;\n";
  return {
      {"golang-migrate",
       {{"1_t.up.sql", table},
        {"1_t.down.sql", drops},
        {"2_f.up.sql", "BEGIN;\n" + function + ";\nCOMMIT;\n"},
        {"2_f.down.sql", "DROP FUNCTION f();"},
        {"3_i.up.sql", index},
        {"3_i.down.sql", "DROP INDEX CONCURRENTLY i;"},
        {"4_c.up.sql", column},
        {"4_c.down.sql", "ALTER TABLE t DROP c"}},
       "4"},
      {"goose",
       {{"1_t.sql", goose(table, drops)},
        {"2_f.sql", goose(block, "DROP FUNCTION f();\n")},
        {"3_i.sql", "-- +goose NO TRANSACTION\n" + goose(index, "DROP INDEX i;\n")},
        {"4_c.sql", goose(column + ";\n", "ALTER TABLE t DROP c;\n")}},
       "4"},
      {"dbmate",
       {{"1_t.sql", "-- migrate:up\n" + table + "-- migrate:down\n" + drops},
        {"2_f.sql", "-- migrate:up\n" + function + ";\n-- migrate:down\nDROP FUNCTION f();\n"},
        {"3_i.sql",
         "-- migrate:up transaction:false\n" + index + "-- migrate:down\nDROP INDEX i;\n"},
        {"4_c.sql", "-- migrate:up\n" + column + "\n-- migrate:down\nALTER TABLE t DROP c\n"}},
       "4"},
      {"flyway",
       {{"V1__t.sql", table},
        {"V1.1__f.sql", function + ";\n"},
        {"V1.2__i.sql", index},
        {"V1.10__c.sql", column},
        {"R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT c FROM t;\n"}},
       "1.10",
       false},
      {"sqlx",
       {{"1_t.up.sql", table},
        {"1_t.down.sql", drops},
        {"2_f.up.sql", function},
        {"2_f.down.sql", "DROP FUNCTION f();"},
        {"3_i.up.sql", "-- no-transaction\n" + index},
        {"3_i.down.sql", "DROP INDEX i;"},
        {"4_c.up.sql", column},
        {"4_c.down.sql", "ALTER TABLE t DROP c"}},
       "4"},
      {"atlas",
       {{"atlas.sum", ""},
        {"1_t.sql", table},
        {"2_f.sql", function + ";\n"},
        {"3_i.sql", "-- atlas:txmode none\n\n" + index},
        {"4_c.sql", column}},
       "4",
       false},
      {"tern",
       {{"001_t.sql", table + "---- create above / drop below ----\n" + drops},
        {"002_f.sql", function + "\n ---- create above / drop below ----\nDROP FUNCTION f();\n"},
        {"003_i.sql", "---- tern: disable-tx ----\n" + index +
                          "---- create above / drop below ----\nDROP INDEX i;\n"},
        {"004_c.sql", column + "\n---- create above / drop below ----\nALTER TABLE t DROP c\n"}},
       "004"},
      {"prisma",
       {{"20210101000000_t/migration.sql", table},
        {"20210101000001_f/migration.sql", function},
        {"20210101000002_i/migration.sql", index},
        {"20210101000003_c/migration.sql", column},
        {"migration_lock.toml", "provider = \"postgresql\"\n"}},
       "20210101000003_c",
       false},
      {"diesel",
       {{"2021-01-01-000000_t/up.sql", table},
        {"2021-01-01-000000_t/down.sql", drops},
        {"2021-01-01-000001_f/up.sql", function},
        {"2021-01-01-000001_f/down.sql", "DROP FUNCTION f()"},
        {"2021-01-01-000002_i/up.sql", index},
        {"2021-01-01-000002_i/down.sql", "DROP INDEX i"},
        {"2021-01-01-000002_i/metadata.toml", "run_in_transaction = false\n"},
        {"2021-01-01-000003_c/up.sql", column},
        {"2021-01-01-000003_c/down.sql", "ALTER TABLE t DROP c"}},
       "20210101000003"},
      {"sql-migrate",
       {{"1_t.sql", "-- +migrate Up\n" + table + "-- +migrate Down\n" + drops},
        {"2_f.sql", "-- +migrate Up\n-- +migrate StatementBegin\n" + function +
                        "\n-- +migrate StatementEnd\n-- +migrate Down\nDROP FUNCTION f();\n"},
        {"3_i.sql", "-- +migrate Up notransaction\n" + index + "-- +migrate Down\nDROP INDEX i;\n"},
        {"4_c.sql", "-- +migrate Up\n" + column + ";\n-- +migrate Down\nALTER TABLE t DROP c;\n"}},
       "4_c.sql"},
  };
}

}  // namespace

TEST_CASE("a directory is recognised, run as it is, and taken back") {
  for (const Example& example : examples()) {
    CAPTURE(example.format);
    MigrationsDir dir{example.files};
    if (example.format == "atlas") dir.remove("atlas.sum");
    const std::string url = TempCluster::shared().create_database();
    const Headway headway{url, dir.path()};
    std::vector<std::string> format;
    if (example.format == "atlas") format = {"--format=atlas"};
    const auto run = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), format.begin(), format.end());
      return headway(arguments);
    };
    const Exit valid = run({"validate"});
    INFO(valid.text());
    CHECK(valid.code == 0);
    if (format.empty()) CHECK(has(valid.out, "Format: " + example.format + " ("));
    const Exit up = run({"upgrade"});
    INFO(up.text());
    CHECK(up.code == 0);
    CHECK(value(url, "select f()") == "1");
    CHECK(value(url, "select indisvalid from pg_index where indexrelid = 'i'::regclass") == "t");
    CHECK(value(url, "select count(*) from information_schema.columns where table_name = 't'") ==
          "2");
    CHECK(has(run({"current"}).out, example.head));
    CHECK(run({"check"}).code == 0);
    const Exit down = run({"downgrade", "base", "--yes"});
    INFO(down.text());
    CHECK(down.code == (example.ways_back ? 0 : 26));
    if (example.ways_back) CHECK(value(url, "select to_regclass('t') is null") == "t");
  }
}

TEST_CASE("two tools in one directory are not guessed between, and a flag decides") {
  const MigrationsDir dir{{"1_a.sql", "-- +goose Up\nselect 1;\n"},
                          {"2_b.sql", "-- migrate:up\nselect 1;\n-- migrate:down\n"}};
  const Headway headway{"", dir.path()};
  const Exit exit = headway({"validate"});
  CHECK(exit.code == 2);
  CHECK(has(exit.err, "unknown-format"));
  const Exit chosen = headway({"validate", "--format=goose"});
  CHECK(chosen.code == 2);
  CHECK(has(chosen.err, "2_b.sql"));
}

TEST_CASE("code waits for its own tool, and is stamped by hand") {
  const MigrationsDir dir{{"1_a.sql", "-- +goose Up\ncreate table a ();\n"},
                          {"2_b.go", "package main\n"},
                          {"3_c.sql", "-- +goose Up\ncreate table c ();\n"}};
  const std::string url = TempCluster::shared().create_database();
  const Headway headway{url, dir.path()};
  const Exit refused = headway({"upgrade"});
  CHECK(refused.code == 2);
  CHECK(has(refused.err, "foreign-code"));
  CHECK(has(refused.err, "2_b.go"));
  const std::string skip = "--skip-foreign-code";
  CHECK(headway({"upgrade", skip, "1"}).code == 0);
  CHECK(headway({"upgrade", skip}).code == 2);
  CHECK(headway({"stamp", skip, "2"}).code == 0);
  const Exit exit = headway({"upgrade", skip});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select to_regclass('c') is not null") == "t");
}

TEST_CASE("what stands in front of a file's COMMIT is one transaction, as with its tool") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, "create schema app");
  const MigrationsDir dir{{"1_a.up.sql",
                           "set local search_path to app;\ncreate table x ();\nselect 1 / 0;\n"
                           "commit;\ncreate table y ();\n"}};
  const Headway headway{url, dir.path()};
  const Exit failed = headway({"upgrade"});
  INFO(failed.text());
  CHECK(failed.code == 20);
  CHECK(failed.err.find("1_a.up.sql:3:1") != std::string::npos);
  CHECK(value(url, "select to_regclass('app.x') is null and to_regclass('x') is null") == "t");
  dir.write("1_a.up.sql",
            "set local search_path to app;\ncreate table x ();\ncommit;\ncreate table y ();\n");
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select to_regclass('app.x') is null") == "f");
  CHECK(value(url, "select to_regclass('public.y') is null") == "f");
}
