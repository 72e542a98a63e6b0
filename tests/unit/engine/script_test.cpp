#include "engine/script.hpp"

#include <doctest/doctest.h>

#include "unit/migration/sources.hpp"

using namespace headway;
using namespace headway::testing;
using engine::prepare;

namespace {

migration::Script script(std::string text,
                         migration::Transaction transaction = migration::Transaction::Each) {
  migration::Script out;
  out.path = "m/1_a.sql";
  out.text = std::move(text);
  out.transaction = transaction;
  return out;
}

std::vector<std::string> texts(const engine::PreparedScript& prepared) {
  std::vector<std::string> out;
  for (const auto& statement : prepared.statements) out.emplace_back(statement.text);
  return out;
}

ErrorInfo refusal(const std::string& text,
                  migration::Transaction transaction = migration::Transaction::Each) {
  const migration::Script made = script(text, transaction);
  return error_of([&] { return prepare(made); });
}

}  // namespace

TEST_CASE("statements keep their text, place and facts") {
  const auto source = script("-- first\nCREATE TABLE a();\n  DROP TABLE b;");
  const auto prepared = prepare(source);
  REQUIRE(texts(prepared) == Texts{"CREATE TABLE a()", "DROP TABLE b"});
  CHECK(prepared.path == "m/1_a.sql");
  CHECK(prepared.statements[1].position.line == 3);
  CHECK(prepared.statements[1].position.column == 3);
  CHECK(prepared.statements[0].facts().command == "CREATE TABLE");
  CHECK(prepared.begin_modes.empty());
}

TEST_CASE("the directives' timeouts come along") {
  auto source = script("SELECT 1");
  source.lock_timeout = Milliseconds{3000};
  source.statement_timeout = Milliseconds{60000};
  const auto prepared = prepare(source);
  CHECK(prepared.lock_timeout == Milliseconds{3000});
  CHECK(prepared.statement_timeout == Milliseconds{60000});
}

TEST_CASE("an outer BEGIN .. COMMIT folds into the migration's transaction") {
  for (const std::string text : {"BEGIN;\nSELECT 1;\nCOMMIT;\n", "begin work; SELECT 1; end;",
                                 "START TRANSACTION; SELECT 1;"
                                 " COMMIT;\n-- the end\n"}) {
    CAPTURE(text);
    const auto source = script(text);
    const auto prepared = prepare(source);
    CHECK(texts(prepared) == Texts{"SELECT 1"});
    CHECK(prepared.begin_modes.empty());
  }
}

TEST_CASE("BEGIN and COMMIT around nothing leave nothing") {
  const auto source = script("BEGIN; COMMIT;");
  CHECK(prepare(source).statements.empty());
}

TEST_CASE("the modes of BEGIN and of a leading SET TRANSACTION move into our own BEGIN") {
  const auto begin = script("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT;");
  CHECK(prepare(begin).begin_modes == "ISOLATION LEVEL SERIALIZABLE");

  const auto set = script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1;");
  CHECK(prepare(set).begin_modes == "ISOLATION LEVEL REPEATABLE READ");
  CHECK(texts(prepare(set)) == Texts{"SELECT 1"});

  const auto both =
      script("BEGIN ISOLATION LEVEL SERIALIZABLE; SET TRANSACTION DEFERRABLE; SELECT 1; COMMIT;");
  CHECK(prepare(both).begin_modes == "ISOLATION LEVEL SERIALIZABLE, DEFERRABLE");
}

TEST_CASE("savepoints are at home in a migration's transaction") {
  const auto source = script("SAVEPOINT a; SELECT 1; ROLLBACK TO a; RELEASE a;");
  CHECK(prepare(source).statements.size() == 4);
}

TEST_CASE("any other transaction control is refused where it stands") {
  struct Case {
    std::string text;
    std::size_t line;
  };
  for (const Case& wrong : {
           Case{"SELECT 1;\nCOMMIT;", 2},
           Case{"BEGIN;\nSELECT 1;", 1},
           Case{"BEGIN;", 1},
           Case{"SELECT 1;\nBEGIN;\nSELECT 2;\nCOMMIT;", 2},
           Case{"BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;", 1},
           Case{"BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;", 3},
           Case{"BEGIN;\nSELECT 1;\nROLLBACK;", 1},
           Case{"BEGIN;\nSELECT 1;\nROLLBACK;\nSELECT 2;\nCOMMIT;", 3},
           Case{"BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;", 1},
           Case{"BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;\nSELECT 2;\nCOMMIT;", 3},
           Case{"SELECT 1;\nPREPARE TRANSACTION 'x';", 2},
           Case{"SELECT 1;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;", 2},
           Case{"BEGIN;\nBEGIN;\nSELECT 1;\nCOMMIT;", 2},
       }) {
    CAPTURE(wrong.text);
    const ErrorInfo info = refusal(wrong.text);
    CHECK(info.id_text() == "transaction-control");
    CHECK(info.where.file == "m/1_a.sql");
    CHECK(info.where.line == wrong.line);
    CHECK_FALSE(info.statement.empty());
  }
}

TEST_CASE("a read-only transaction is refused, because nothing could be recorded in it") {
  CHECK(refusal("BEGIN READ ONLY; SELECT 1; COMMIT;").id == ErrorId::TransactionControl);
  CHECK(refusal("SET TRANSACTION read\n only; SELECT 1;").id == ErrorId::TransactionControl);
}

TEST_CASE("a statement that can't run in a transaction names the directive to add") {
  const ErrorInfo info = refusal("SELECT 1;\n\n  CREATE INDEX CONCURRENTLY i ON t (a);\n");
  CHECK(info.id == ErrorId::NeedsNoTransaction);
  CHECK(info.where == Location{"m/1_a.sql", 3, 3});
  CHECK(contains(info.message, "CREATE INDEX CONCURRENTLY"));
  CHECK(contains(std::string(info.next_step()), "transaction=none"));
}

TEST_CASE("transaction=none takes statements as they stand") {
  const auto source =
      script("BEGIN; SELECT 1; COMMIT; VACUUM; CREATE INDEX CONCURRENTLY i ON t (a);",
             migration::Transaction::None);
  CHECK(prepare(source).statements.size() == 5);
}

TEST_CASE("a BEGIN that is never closed is refused, also with transaction=none") {
  const ErrorInfo info = refusal("VACUUM;\nBEGIN;\nSELECT 1;", migration::Transaction::None);
  CHECK(info.id == ErrorId::TransactionControl);
  CHECK(info.where.line == 2);
}

TEST_CASE("validation looks at every script and warns of files without a statement") {
  const auto good = source_of({{"1_a.sql", "SELECT 1;"},
                               {"2_b.sql", "-- nothing yet\n"},
                               {"2_b.down.sql", ""},
                               {"R__v.sql", "SELECT 2;"}});
  const auto warnings = engine::validate_scripts(good);
  REQUIRE(warnings.size() == 2);
  CHECK(contains(warnings[0], "m/2_b.sql"));
  CHECK(contains(warnings[1], "m/2_b.down.sql"));

  const auto bad_down = source_of({{"1_a.sql"}, {"1_a.down.sql", "VACUUM;"}});
  CHECK(error_of([&] { return engine::validate_scripts(bad_down); }).id ==
        ErrorId::NeedsNoTransaction);
  const auto bad_repeatable = source_of({{"1_a.sql"}, {"R__v.sql", "ROLLBACK;"}});
  CHECK(error_of([&] { return engine::validate_scripts(bad_repeatable); }).where.file ==
        "m/R__v.sql");
}

TEST_CASE("a journal hash holds the words and the data, not the blanks between them") {
  const auto hash = [](const std::string& text) {
    const auto source = script(text);
    return engine::journal_hash(prepare(source).statements.front());
  };
  CHECK(hash("CREATE  TABLE\n a();") == hash("CREATE TABLE a();"));
  CHECK(hash("CREATE TABLE a();") != hash("CREATE TABLE b();"));
  CHECK(hash("COPY a FROM stdin;\n1\n\\.\n") != hash("COPY a FROM stdin;\n2\n\\.\n"));
  CHECK(hash("SELECT 1;").size() == 64);
  const std::string padding(200'000, 'x');
  CHECK(hash("SELECT '" + padding + "1'") != hash("SELECT '" + padding + "2'"));
}
