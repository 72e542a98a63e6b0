// golang-migrate and sqlx: a file for each way.
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Format;

TEST_CASE("golang-migrate: pairs by number, whatever the padding, and other files aside") {
  const auto source = read(Format::GolangMigrate, {{"10_c.up.sql"},
                                                   {"2_b.up.sql"},
                                                   {"2_b.down.sql"},
                                                   {"0001_a.b.up.sql"},
                                                   {"3_.up.sql"},
                                                   {"seed.sql"},
                                                   {"README.md"},
                                                   {"4_only.down.sql"}});
  CHECK(versions_of(source) == Texts{"0001", "2", "3", "4", "10"});
  CHECK(names_of(source) == Texts{"a.b", "b", "", "only", "c"});
  CHECK(source.migrations()[1].down->path == "m/2_b.down.sql");
  CHECK_FALSE(source.migrations()[0].down);
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/4_only.down.sql: there is no up file of version 4"));
  CHECK(source.migrations()[3].up.text.empty());
  CHECK(source.migrations()[3].down->path == "m/4_only.down.sql");
}

TEST_CASE("golang-migrate: any ending will do, but a program's") {
  const auto source = read(Format::GolangMigrate, {{"1_a.up.pgsql", "SELECT 1;\n"},
                                                   {"1_a.down.txt", "SELECT 2;\n"},
                                                   {"2_b.up.sql", "SELECT 3;\n"},
                                                   {"x_c.up.pgsql", "SELECT 4;\n"},
                                                   {"3_d.sql", "SELECT 5;\n"}});
  CHECK(versions_of(source) == Texts{"1", "2"});
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/3_d.sql: golang-migrate leaves aside"));
  CHECK(source.migrations()[0].up.text == "SELECT 1;\n");
  CHECK(source.migrations()[0].down->text == "SELECT 2;\n");
  CHECK(error_of([] {
          return read(Format::GolangMigrate, {{"1_a.up.sql"}, {"1_a.up.sql.bak"}});
        }).id == ErrorId::DuplicateVersion);
  const ErrorInfo code = error_of([] {
    return read(Format::GolangMigrate, {{"1_a.up.sql"}, {"2_b.up.go"}, {"2_b.down.go"}});
  });
  CHECK(code.id == ErrorId::ForeignCode);
  CHECK(code.where.file == "m/2_b.up.go");
}

TEST_CASE("golang-migrate: two files of one version and way are refused") {
  const ErrorInfo error = error_of([] {
    return read(Format::GolangMigrate, {{"1_a.up.sql"}, {"01_b.up.sql"}});
  });
  CHECK(error.id == ErrorId::DuplicateVersion);
  CHECK(contains(error.message, "m/01_b.up.sql and m/1_a.up.sql"));
}

TEST_CASE("sqlx: with and without a way back") {
  const auto source = read(Format::Sqlx, {{"2_b.sql", "-- no-transaction\nVACUUM;\n"},
                                          {"1_create_it.up.sql"},
                                          {"1_create_it.down.sql"},
                                          {"3_c.sql", " -- no-transaction\nVACUUM;\n"}});
  CHECK(versions_of(source) == Texts{"1", "2", "3"});
  CHECK(names_of(source) == Texts{"create_it", "b", "c"});
  CHECK(in_transaction(source.migrations()[0].up));
  CHECK_FALSE(in_transaction(source.migrations()[1].up));
  CHECK(in_transaction(source.migrations()[2].up));
  const auto without_up = read(Format::Sqlx, {{"1_a.down.sql"}, {"2_b.sql"}});
  CHECK(versions_of(without_up) == Texts{"2"});
  CHECK(without_up.warnings().size() == 1);
  const ErrorInfo error = error_of([] { return read(Format::Sqlx, {{"one_a.sql"}}); });
  CHECK(error.id == ErrorId::BadFileName);
}
