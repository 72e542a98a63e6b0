// Which tool a directory was made for.
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("a tool is known by its names and its marks") {
  struct Example {
    std::string format;
    std::vector<File> files;
  };
  const std::string up = "CREATE TABLE t ();\n";
  for (const Example& example : std::vector<Example>{
           {"headway", {{"1_a.sql"}, {"1_a.down.sql"}, {"R__views.sql"}}},
           {"headway", {}},
           {"headway", {{"README.md"}, {"1_a.sql", "-- not +goose Up\nSELECT 1;\n"}}},
           {"golang-migrate", {{"1_a.up.sql"}, {"1_a.down.sql"}}},
           {"golang-migrate", {{"atlas.sum"}, {"1_a.up.sql"}, {"1_a.down.sql"}}},
           {"golang-migrate", {{"1_a.up.psql"}, {"1_a.down.psql"}}},
           {"golang-migrate", {{"1_a.up.sql"}, {"2_b.up.go"}}},
           {"sqlx", {{"1_a.up.sql", "-- no-transaction\nVACUUM;\n"}, {"1_a.down.sql"}}},
           {"goose", {{"1_a.sql", "-- comment\n-- +goose Up\n" + up}}},
           {"goose", {{"00001_a.go"}}},
           {"goose", {{"1_a.sql", "-- +GOOSE up\n" + up}}},
           {"goose", {{"1_a.sql", "---- +goose Up\n" + up}}},
           {"sqlx", {{"1_a.sql", "-- no-transaction\nVACUUM;\n"}}},
           {"sqlx", {{"1_a.sql", "-- Add migration script here\n" + up}}},
           {"sqlx", {{"1_a.up.sql", "-- Add up migration script here\n"}, {"1_a.down.sql"}}},
           {"goose", {{"1_a.sql", "-- +goose Up\n"}, {"dump/structure.sql"}}},
           {"goose", {{"1_a.sql", "-- +goose Up\n"}, {"prisma/migration_lock.toml"}}},
           {"golang-migrate", {{"1_a.up.sql"}, {"changelog.json"}}},
           {"prisma", {{"init/migration.sql"}, {"migration_lock.toml"}}},
           {"dbmate", {{"1_a.sql", "-- migrate:up\n" + up + "-- migrate:down\n"}}},
           {"dbmate", {{"1_a.sql", "--migrate:up transaction:false\n" + up}}},
           {"sql-migrate", {{"1_a.sql", "-- +migrate Up\n" + up}}},
           {"flyway", {{"V1__a.sql"}}},
           {"flyway", {{"sql/V1.2__a.sql"}, {"sql/R__v.sql"}}},
           {"flyway", {{"V1__a.sql"}, {"V2__b.sql"}, {"U2__b.sql"}}},
           {"flyway", {{"B3__a.sql"}, {"V4__b.sql"}, {"U2__b.sql"}}},
           {"refinery", {{"V1__a.sql"}, {"V2__b.rs"}}},
           {"refinery", {{"V1__a.rs"}, {"V2__a.sql"}, {"U3__b.sql"}}},
           {"flyway", {{"V1_0__a.sql"}, {"V2__b.sql"}, {"U1.0__b.sql"}, {"U3__c.sql"}}},
           {"flyway", {{"V01__a.sql"}, {"U1__a.sql"}}},
           {"atlas", {{"atlas.sum"}, {"20230101_a.sql"}}},
           {"tern", {{"001_a.sql", up + "---- create above / drop below ----\nDROP TABLE t;\n"}}},
           {"tern", {{"001_a.sql", up + "  ---- create above / drop below ----\n"}}},
           {"tern", {{"001_a.sql"}, {"tern.conf"}}},
           {"prisma", {{"20210101000000_a/migration.sql"}, {"migration_lock.toml"}}},
           {"diesel", {{"2021-01-01-000000_a/up.sql"}, {"2021-01-01-000000_a/down.sql"}}},
           {"diesel", {{"00000000000000_diesel_initial_setup/up.sql"}}},
           {"alembic", {{"env.py"}, {"script.py.mako"}, {"versions/1_a.py"}}},
           {"alembic", {{"1_a.py", "revision = '1'\ndown_revision = None\n"}}},
           {"headway", {{"1_a.sql"}, {"tool.py", "revision = 1\n"}}},
           {"alembic", {{"core/env.py"}, {"core/versions/2024/a.py"}}},
           {"rails", {{"20210101000000_a.rb"}}},
           {"rails", {{"structure.sql"}}},
           {"sqitch", {{"sqitch.plan"}, {"deploy/a.sql"}}},
           {"liquibase", {{"a.sql", "--liquibase formatted sql\n"}}},
           {"liquibase", {{"db.changelog-master.xml"}}},
           {"graphile-migrate", {{"committed/000001.sql"}, {"current.sql"}}},
           {"liquibase", {{"V1__a.sql", "\n--liquibase formatted sql\n"}}},
           {"sqitch", {{"1_a.sql", "-- Deploy p:1_a to pg\n"}}},
           {"golang-migrate", {{"1_a.up.sql", "-- Up migration for t\n"}, {"1_a.down.sql"}}},
           {"golang-migrate", {{"1_a.up.sql"}, {"1_a.test.ts"}}},
           {"node-pg-migrate", {{"1_a.js"}}},
           {"node-pg-migrate", {{"1_a.sql", "-- Up Migration\n" + up}}},
       }) {
    CAPTURE(example.format);
    CAPTURE(example.files.size());
    CHECK(detected(example.files) == example.format);
  }
}

TEST_CASE("what speaks for a tool is told") {
  CHECK(formats::detect(listing_of({{"1_a.sql", "SELECT 1;\n-- +goose Up\n"}})).because ==
        "1_a.sql:2 says \"-- +goose Up\"");
  CHECK(formats::detect(listing_of({{"atlas.sum"}, {"1_a.sql"}})).because ==
        "atlas.sum lies there");
  CHECK(formats::detect(listing_of({{"1_a.sql"}})).because.empty());
}

TEST_CASE("between two tools nothing is guessed") {
  const ErrorInfo error = error_of([] {
    return formats::detect(listing_of({{"1_a.sql", "-- +goose Up\nSELECT 1;\n"},
                                       {"2_b.sql", "-- migrate:up\n-- migrate:down\n"}}));
  });
  CHECK(error_of([] {
          return formats::detect(listing_of({{"1_a.up.sql"}, {"2_seed.js"}}));
        }).id == ErrorId::UnknownFormat);
  CHECK(error.id == ErrorId::UnknownFormat);
  CHECK(contains(error.message, "goose (1_a.sql:1 says"));
  CHECK(contains(error.message, "dbmate (2_b.sql:1 says"));
  CHECK(contains(error.next, "--format=goose or --format=dbmate"));
}

TEST_CASE("a single file among pairs would run with sqlx and not with golang-migrate") {
  const ErrorInfo error = error_of([] {
    return formats::detect(listing_of({{"1_a.up.sql"}, {"1_a.down.sql"}, {"2_b.sql"}}));
  });
  CHECK(error.id == ErrorId::UnknownFormat);
  CHECK(contains(error.next, "--format=golang-migrate or --format=sqlx"));
  CHECK(contains(error.message, "2_b.sql is neither an up nor a down file"));
}

TEST_CASE("an undo file without its migration could be refinery's own") {
  const ErrorInfo error = error_of([] {
    return formats::detect(listing_of({{"V1__a.sql"}, {"U3__b.sql"}}));
  });
  CHECK(error.id == ErrorId::UnknownFormat);
  CHECK(contains(error.message, "U3__b.sql takes no V file back"));
}

TEST_CASE("a mark that only one of many files needs is found") {
  std::vector<File> files;
  for (int i = 100; i < 300; ++i) files.push_back({std::to_string(i) + "_a.sql"});
  files[77].text = "-- no-transaction\nVACUUM;\n";
  CHECK(detected(files) == "sqlx");
}

TEST_CASE("a mark is found wherever in a long list its file stands") {
  std::vector<File> files;
  for (int i = 100; i < 300; ++i) {
    files.push_back({std::to_string(i) + "_a.sql", "-- +goose Up\nSELECT 1;\n"});
  }
  CHECK(detected(files) == "goose");
}

TEST_CASE("a tool whose files can't be run is refused by name, with the reason") {
  for (const auto format :
       {formats::Format::Graphile, formats::Format::NodePgMigrate, formats::Format::Rails,
        formats::Format::Sqitch, formats::Format::Liquibase}) {
    const ErrorInfo error = error_of([format] { return read(format, {{"1_a.sql"}}); });
    CHECK(error.id == ErrorId::ForeignFormat);
    CHECK(contains(error.message, formats::format_info(format).title));
  }
}
