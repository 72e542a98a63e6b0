// goose, dbmate, sql-migrate, tern: files that hold both ways.
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Format;

namespace {

migration::Migration only(Format format, const std::string& text,
                          const formats::Reading& reading = {.environment = "production"}) {
  const auto source = read(format, {{"1_a.sql", text}}, reading);
  REQUIRE(source.migrations().size() == 1);
  return source.migrations()[0];
}

ErrorInfo refused(Format format, const std::string& text) {
  return error_of([&] { return read(format, {{"1_a.sql", text}}); });
}

}  // namespace

TEST_CASE("goose: lines keep their numbers in both ways") {
  const auto migration = only(Format::Goose,
                              "-- about\n\n-- +goose Up\nSELECT 1;\n-- +goose StatementBegin\n"
                              "SELECT 2\n-- +goose StatementEnd\nSELECT 3;\n-- +goose Down\n"
                              "SELECT 4;\n");
  CHECK(migration.up.text == "\n\n\nSELECT 1;\n\nSELECT 2\n;\nSELECT 3;\n\n\n");
  REQUIRE(migration.down);
  CHECK(migration.down->text == "\n\n\n\n\n\n\n\n\nSELECT 4;\n");
  CHECK(migration.up.path == "m/1_a.sql");
  CHECK(in_transaction(migration.up));
}

TEST_CASE("goose: without a transaction, without a way back, with variables") {
  CHECK_FALSE(in_transaction(
      only(Format::Goose, "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;\n").up));
  CHECK_FALSE(only(Format::Goose, "-- +goose Up\nSELECT 1;\n").down);
  formats::Reading reading{.environment = "production"};
  reading.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SET") return "value";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  const std::string uses = "$SET ${SET} ${NO:-d} ${EMPTY:-d} ${EMPTY-d} ${NO-d} [$NO] $$ \\$ $1";
  CHECK(only(Format::Goose,
             "-- +goose Up\n" + uses + "\n-- +goose ENVSUB ON\n" + uses +
                 "\n-- +goose ENVSUB OFF\n" + uses + "\n",
             reading)
            .up.text == "\n" + uses + "\n\nvalue value d d  d [] $ $ $1\n\n" + uses + "\n");
}

TEST_CASE("goose: more dashes make no comment of an annotation") {
  for (const std::string& down :
       Texts{"-- -- +goose Down", "---- +goose Down", "--+goose down", "-- +goose Down --"}) {
    CAPTURE(down);
    const auto migration =
        only(Format::Goose, "-- +goose Up\nSELECT 1;\n" + down + "\nSELECT 2;\n");
    CHECK(migration.up.text == "\nSELECT 1;\n\n\n");
    REQUIRE(migration.down);
    CHECK(migration.down->text == "\n\n\nSELECT 2;\n");
  }
}

TEST_CASE("goose: what it would refuse is refused with its line") {
  CHECK(refused(Format::Goose, "SELECT 1;\n").id == ErrorId::BadDirective);
  CHECK(refused(Format::Goose, "-- +goose Up\n -- +goose Down\n").where.line == 2);
  CHECK(refused(Format::Goose, "-- +goose Up\n-- +goose Up\n").where.line == 2);
  CHECK(refused(Format::Goose, "-- +goose Down\n").where.line == 1);
  CHECK(refused(Format::Goose, "-- +goose Up\n-- +goose StatementBegin\n").where.line == 2);
  CHECK(refused(Format::Goose, "-- +goose Up\n-- +goose StatementEnd\n").where.line == 2);
  CHECK(refused(Format::Goose, "-- +goose Up\n\n-- +goose Sideways\n").where.line == 3);
  CHECK(refused(Format::Goose, "SELECT 0;\n-- +goose Up\n").where.line == 1);
  CHECK(refused(Format::Goose, "-- +goose Up\n-- see +goose Down\n").where.line == 2);
  CHECK(refused(Format::Goose, "-- +goose Up -- +goose Down\n").where.line == 1);
}

TEST_CASE("goose: code stops the source, or waits for its own tool") {
  const std::vector<File> files{{"1_a.sql", "-- +goose Up\nSELECT 1;\n"},
                                {"00002_b.go"},
                                {"2_b_test.go"},
                                {"main.go"},
                                {"3_c.sql", "-- +goose Up\nSELECT 3;\n"}};
  const ErrorInfo error = error_of([&] { return read(Format::Goose, files); });
  CHECK(error.id == ErrorId::ForeignCode);
  CHECK(error.where.file == "m/00002_b.go");
  const auto source =
      read(Format::Goose, files, {.environment = "production", .skip_foreign_code = true});
  CHECK(versions_of(source) == Texts{"1", "00002", "3"});
  REQUIRE(source.migrations()[1].up.refusal);
  CHECK(contains(source.migrations()[1].up.refusal->next, "headway stamp 00002"));
}

TEST_CASE("dbmate: two blocks, their options, and the order of names") {
  const auto migration = only(
      Format::Dbmate, "-- migrate:up transaction:false\nVACUUM;\n-- migrate:down\nSELECT 2;\n");
  CHECK(migration.up.text == "-- migrate:up transaction:false\nVACUUM;\n\n\n");
  CHECK_FALSE(in_transaction(migration.up));
  REQUIRE(migration.down);
  CHECK(in_transaction(*migration.down));
  const std::string text = "-- migrate:up\n-- migrate:down\n";
  const auto source =
      read(Format::Dbmate, {{"2_b.sql", text}, {"10_a.sql", text}, {"x.sql", text}});
  CHECK(versions_of(source) == Texts{"10", "2"});
  CHECK(refused(Format::Dbmate, "SELECT 1;\n-- migrate:up\n").where.line == 1);
  CHECK(refused(Format::Dbmate, "-- migrate:up\n-- migrate:up\n").where.line == 2);
  CHECK(refused(Format::Dbmate, "-- migrate:down\n").where.line == 1);
}

TEST_CASE("dbmate: an indented marker is a comment, and one is told so") {
  const auto source = read(
      Format::Dbmate, {{"1_a.sql", "-- migrate:up\nSELECT 1;\n  -- migrate:down\nSELECT 2;\n"}});
  CHECK(contains(source.migrations()[0].up.text, "SELECT 2;"));
  CHECK_FALSE(source.migrations()[0].down);
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/1_a.sql:3: "));
}

TEST_CASE("sql-migrate: ways that take turns, names as ids, numbers in front") {
  const auto migration = only(Format::SqlMigrate,
                              "-- +migrate Up\nSELECT 1;\n-- +migrate Down\nSELECT 2;\n"
                              "-- +migrate Up\n-- +migrate StatementBegin\nSELECT 3\n"
                              "-- +migrate StatementEnd\nSELECT 4;\n");
  CHECK(migration.version.text() == "1_a.sql");
  CHECK(migration.up.text == "\nSELECT 1;\n\n\n\n\nSELECT 3\n;\nSELECT 4;\n");
  CHECK(migration.down->text == "\n\n\nSELECT 2;\n\n\n\n\n\n");
  const std::string text = "-- +migrate Up notransaction\nSELECT 1;\n";
  const auto source =
      read(Format::SqlMigrate, {{"b.sql", text}, {"10_a.sql", text}, {"9_b.sql", text}});
  CHECK(versions_of(source) == Texts{"9_b.sql", "10_a.sql", "b.sql"});
  CHECK_FALSE(in_transaction(source.migrations()[0].up));
}

TEST_CASE("sql-migrate: what it passes over is passed over, with a warning") {
  const auto source =
      read(Format::SqlMigrate, {{"1_a.sql",
                                 "-- +migrate StatementBegin\n-- +migrate Up\nSELECT 1\n"
                                 "-- +migrate StatementEnd\n + 1;\n-- +migrate StatementsBegin\n"
                                 "  -- +migrate Down\nSELECT 2;\n"},
                                {"2_b.SQL", "-- +migrate Up\n"}});
  CHECK(versions_of(source) == Texts{"1_a.sql"});
  CHECK(source.migrations()[0].up.text ==
        "\n\nSELECT 1\n\n + 1;\n\n  -- +migrate Down\nSELECT 2;\n");
  CHECK_FALSE(source.migrations()[0].down);
  REQUIRE(source.warnings().size() == 2);
  CHECK(contains(source.warnings()[0], "m/1_a.sql:6: sql-migrate knows no command"));
  CHECK(contains(source.warnings()[1], "m/1_a.sql:7: "));
}

TEST_CASE("sql-migrate: it takes comments out, and lines keep their numbers behind a block") {
  const auto migration =
      only(Format::SqlMigrate,
           "-- +migrate Up\n-- +migrate StatementBegin\nCREATE FUNCTION f\n-- why\n -- kept\n"
           "-- because\nEND\n-- +migrate StatementEnd\nSELECT 9;\n-- done\nSELECT 11;\n");
  CHECK(migration.up.text ==
        "\n\nCREATE FUNCTION f\n -- kept\nEND\n\n\n;\nSELECT 9;\n\nSELECT 11;\n");
}

TEST_CASE("tern: a dividing line wherever it begins, data and other files put in") {
  const std::vector<File> files{
      {"001_a.sql",
       "CREATE {{.name}};\n{{ template \"shared/x.sql\" . }}\n"
       " ---- create above / drop below ----\nDROP {{ .name }};\n"},
      {"002_b.sql", "---- tern: disable-tx ----\nVACUUM;\n"},
      {"shared/x.sql", "SELECT '{{.other}}';"},
      {"tern.conf", "[database]\nhost = h\n[data]\nother = o\nname = n\n"}};
  const auto source = read(Format::Tern, files);
  CHECK(versions_of(source) == Texts{"001", "002"});
  CHECK(source.migrations()[0].up.text == "CREATE n;\nSELECT 'o';\n ");
  REQUIRE(source.migrations()[0].down);
  CHECK(contains(source.migrations()[0].down->text, "\nDROP n;\n"));
  CHECK_FALSE(source.migrations()[1].down);
  CHECK_FALSE(in_transaction(source.migrations()[1].up));
  CHECK(error_of([] {
          return read(Format::Tern, {{"1_a.sql"}, {"3_c.sql"}});
        }).id == ErrorId::BadFileName);
  const ErrorInfo error = error_of([] {
    return read(Format::Tern, {{"1_a.sql", "{{ if .x }}SELECT 1{{ end }};"}});
  });
  CHECK(error.id == ErrorId::ForeignCode);
  CHECK(contains(error.message, "{{if .x}}"));
}

TEST_CASE("tern: values of the environment, defaults, and what is handed to another file") {
  formats::Reading reading{.environment = "production", .placeholders = {{"given", "g"}}};
  reading.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SET") return "value";
    return std::nullopt;
  };
  const auto filled = [&reading](const std::string& text) {
    const auto source = read(
        Format::Tern,
        {{"1_a.sql", text},
         {"p/plain.sql", "plain"},
         {"p/dot.sql", "<{{.}}>"},
         {"tern.conf", "[database]\npassword = {{env \"NO\"}}\n[data]\na = {{env \"SET\"}}\n"}},
        reading);
    return source.migrations()[0].up.text;
  };
  CHECK(filled("{{.a}} {{.given}}") == "value g");
  CHECK(filled("{{env \"SET\"}}{{ env \"NO\" }}") == "value");
  CHECK(filled("{{.b | default \"d\"}} {{default `d` .a}} {{env \"NO\"|default \"d\"}}") ==
        "d value d");
  CHECK(filled("{{template \"p/plain.sql\"}} {{template \"p/dot.sql\" \"x\"}}"
               "{{template \"p/dot.sql\" .a}}") == "plain <x><value>");
  CHECK(filled("a {{- /* nothing */ -}} b") == "ab");
  for (const std::string& text :
       Texts{"{{.b}}", "{{template \"p/dot.sql\"}}", "{{template \"p/dot.sql\" .}}", "{{upper .a}}",
             "{{.a | upper}}", "{{|}}", "{{\"a}}", "{{template \"no.sql\"}}", "{{.a",
             "{{default .a}}", "{{\"\\n\"}}"}) {
    CAPTURE(text);
    CHECK(error_of([&] { return filled(text); }).id == ErrorId::ForeignCode);
  }
}

TEST_CASE("tern: its configuration names the table of its history") {
  const auto table = [](const std::string& configuration) {
    return read(Format::Tern, {{"1_a.sql"}, {"tern.conf", configuration}}).history_table();
  };
  CHECK(table("[database]\n# version_table = no\nversion_table = Own.Versions\n") ==
        "own.versions");
  CHECK(table("[data]\nversion_table = no\n").empty());
  const ErrorInfo error = error_of([&] { return table("[data]\na = {{range .x}}\n"); });
  CHECK(error.id == ErrorId::ForeignCode);
  CHECK(error.where.file == "m/tern.conf");
}
