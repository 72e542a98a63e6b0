// What the tool would run as one transaction runs as one here.
#include "formats/script.hpp"
#include "migration/source_builder.hpp"
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Running;

namespace {

struct Read {
  migration::Script script;
  std::size_t warnings = 0;
};

Read script_of(const std::string& text, Running running) {
  migration::SourceBuilder builder;
  migration::Migration migration;
  migration.version = v("1");
  migration.up =
      formats::read_section({"m/1.sql", text, running}, migration::FileRole::Up, builder).script;
  migration::Script script = migration.up;
  builder.add(std::move(migration), std::nullopt);
  return {std::move(script), std::move(builder).build().warnings().size()};
}

}  // namespace

TEST_CASE("what can't run in a transaction does so where its tool would") {
  const std::string index = "CREATE INDEX CONCURRENTLY i ON t (x);\n";
  const std::string mixed = "SELECT 1;\n" + index;
  for (const Running running : {Running::Transaction, Running::Message, Running::ByStatement,
                                Running::WithoutTransaction}) {
    CHECK(in_transaction(script_of("SELECT 1;\nSELECT 2;\n", running).script));
  }
  CHECK(in_transaction(script_of(index, Running::Transaction).script));
  CHECK_FALSE(in_transaction(script_of(index, Running::Message).script));
  CHECK(in_transaction(script_of(mixed, Running::Message).script));
  CHECK_FALSE(in_transaction(script_of(index + index, Running::ByStatement).script));
  CHECK(in_transaction(script_of(mixed, Running::ByStatement).script));
  CHECK_FALSE(in_transaction(script_of(mixed, Running::WithoutTransaction).script));
  CHECK_FALSE(in_transaction(script_of("SELECT 1;\n", Running::Statements).script));
}

TEST_CASE("a word in a comment or a body makes no difference") {
  const std::string text =
      "-- begin, commit, vacuum, concurrently\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "
      "$$ BEGIN COMMIT; RETURN 1; END $$;\n";
  const Read read = script_of(text, Running::Message);
  CHECK(in_transaction(read.script));
  CHECK(read.script.text == text);
  CHECK(read.warnings == 0);
}

TEST_CASE("transactions of the file's own stay what they are") {
  CHECK(in_transaction(script_of("BEGIN;\nSELECT 1;\nCOMMIT;\n", Running::Message).script));
  const Read read =
      script_of("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;\n", Running::Transaction);
  CHECK_FALSE(in_transaction(read.script));
  CHECK(read.warnings == 1);
  CHECK_FALSE(
      in_transaction(script_of("SELECT 1;\nCOMMIT;\nSELECT 2;\n", Running::Message).script));
}

TEST_CASE("what stands in front of a COMMIT is in the transaction that the tool has begun") {
  for (const Running running : {Running::Transaction, Running::Message, Running::ByStatement}) {
    const Read read = script_of("-- a\nSELECT 1;\nBEGIN;\nCOMMIT;\nSELECT 2;\n", running);
    CHECK_FALSE(in_transaction(read.script));
    CHECK(read.script.text == "-- a\nBEGIN; SELECT 1;\nBEGIN;\nCOMMIT;\nSELECT 2;\n");
    REQUIRE(read.script.original);
    CHECK(*read.script.original == "-- a\nSELECT 1;\nBEGIN;\nCOMMIT;\nSELECT 2;\n");
  }
  for (const std::string& text : Texts{"COMMIT;\nSELECT 1;\n", "VACUUM;\nCOMMIT;\nSELECT 1;\n",
                                       "BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;\n"}) {
    CHECK(script_of(text, Running::Transaction).script.text == text);
  }
  const std::string alone = "SELECT 1;\nCOMMIT;\nSELECT 2;\n";
  CHECK(script_of(alone, Running::Statements).script.text == alone);
}

TEST_CASE("what the tool's own COMMIT would end is ended by ours") {
  const Read open = script_of("BEGIN;\nSELECT 1;\n", Running::Message);
  CHECK(in_transaction(open.script));
  CHECK(open.script.text == "     ;\nSELECT 1;\n");
  CHECK(open.warnings == 0);
  const Read stray = script_of("SELECT 1;\nCOMMIT;\n", Running::Transaction);
  CHECK(in_transaction(stray.script));
  CHECK(stray.script.text == "SELECT 1;\n      ;\n");
}

TEST_CASE("Headway's own directives hold in other tools' files, but for order and identity") {
  const Read read =
      script_of("-- headway: transaction=none lock_timeout=3s\nSELECT 1;\n", Running::Transaction);
  CHECK_FALSE(in_transaction(read.script));
  CHECK(read.script.lock_timeout == std::chrono::milliseconds{3000});
  const ErrorInfo error =
      error_of([] { return script_of("-- headway: version=7\nSELECT 1;\n", Running::Message); });
  CHECK(error.id == ErrorId::BadDirective);
  CHECK(error.where.line == 1);
}

TEST_CASE("the checksum is that of the way forth alone") {
  const auto sum = [](const std::string& text) {
    return read(formats::Format::Goose, {{"1_a.sql", text}}).migrations()[0].up.checksum;
  };
  CHECK(sum("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n") ==
        sum("-- words\n\n-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 3;\n"));
  CHECK_FALSE(sum("-- +goose Up\nSELECT 1;\n") == sum("-- +goose Up\nSELECT 2;\n"));
}
