#include "migration/batch.hpp"

#include <doctest/doctest.h>

#include <string>

#include "migration/directives.hpp"
#include "unit/migration/sources.hpp"

using namespace headway;
using namespace headway::migration;

namespace {

std::optional<Batch> directive(const std::string& text) {
  return batch_directive(text, "1_a.sql", 0, text.size());
}

BatchProgress halfway(std::string key) { return {"abc123", 37, 36'990, 12, std::move(key)}; }

}  // namespace

TEST_CASE("a batch's line says what its ranges are cut from, and how") {
  const auto batch =
      directive("-- why\n  -- headway: batch=shop.orders key=id size=5000 pause=50ms\n");
  REQUIRE(batch);
  CHECK(batch->table == "shop.orders");
  CHECK(batch->key == "id");
  CHECK(batch->size == 5000);
  CHECK(batch->pause == std::chrono::milliseconds{50});
  CHECK(batch->table_at == Location{"1_a.sql", 2, 21});
  CHECK(batch->key_at == Location{"1_a.sql", 2, 37});
  const auto plain = directive("/* headway: batch=x key=y */ ; -- headway: key=id batch=t");
  REQUIRE(plain);
  CHECK(plain->size == 1000);
  CHECK(plain->pause.count() == 0);
  CHECK_FALSE(directive("-- batch=t key=id\n-- headway: lock_timeout=2s\n"));
}

TEST_CASE("names are written as in SQL") {
  const auto batch = directive(R"(-- headway: batch="My ""own"" schema"."a b.c" key="Key" size=1)");
  REQUIRE(batch);
  CHECK(batch->table == R"("My ""own"" schema"."a b.c")");
  CHECK(batch->key == R"("Key")");
  for (const char* name : {"1t", "t.", ".t", "a.b.c", "\"", "\"t", "\"\"", "t\"x\"", "t;"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(directive(std::string("-- headway: key=id batch=") + name), Error);
  }
}

TEST_CASE("only the block of comments directly above the statement counts") {
  const std::string text =
      "-- headway: batch=a key=x\nSELECT 1;\n-- headway: batch=b key=y\nSELECT 2";
  const auto second = batch_directive(text, "f", text.find("1;") + 1, text.find("SELECT 2"));
  REQUIRE(second);
  CHECK(second->table == "b");
  CHECK(second->table_at == Location{"f", 3, 19});
  CHECK_FALSE(batch_directive(text, "f", text.find("1;") + 1, text.find("-- headway: batch=b")));
}

TEST_CASE("a batch above the first statement takes the file out of one transaction") {
  CHECK(parse_directives("-- headway: batch=t key=id\nUPDATE t", "f").transaction ==
        Transaction::None);
  CHECK(parse_directives("-- headway: lock_timeout=1s\nUPDATE t;\n-- headway: batch=t key=id", "f")
            .transaction == Transaction::Each);
  CHECK_FALSE(late_directive("SELECT 1;\n-- headway: batch=t key=id\nUPDATE t", "f"));
  CHECK(late_directive("SELECT 1;\n-- headway: batch=t key=id\n-- headway: phase=expand\n", "f") ==
        Location{"f", 3, 1});
}

TEST_CASE("the journal tells how far a batch has come, whatever its key holds") {
  for (const char* key : {"42", "", "it's {a},\"b\"\\ \n:x", "\xC3\xA4"}) {
    const BatchProgress progress = halfway(key);
    const std::string entry = journal_entry(progress);
    CHECK(entry.find_first_of(",{}\"\\ \n'") == std::string::npos);
    CHECK(batch_progress(entry) == progress);
  }
  CHECK_FALSE(batch_progress(std::string(64, 'a')));
  for (const char* bad :
       {"batch:", "batch:a:1:2:3:4", "batch:a:1:2:x:", "batch:a:1:2:3:zz", "batch:a:1:2:3:61:62"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(static_cast<void>(batch_progress(bad)), Error);
  }
}

TEST_CASE("behind the finished statements a journal may hold a batch") {
  HistoryRow row;
  set_journal(row, {"h1", "h2", journal_entry(halfway("7"))});
  CHECK(row.journal == std::vector<std::string>{"h1", "h2"});
  CHECK(row.batch == halfway("7"));
  set_journal(row, {"h1", "h2", "h3"});
  CHECK(row.journal.size() == 3);
  CHECK_FALSE(row.batch);
}

TEST_CASE("how far it has come is told in words") {
  CHECK(words(halfway("7")) == "37 ranges of keys with 36990 rows, up to the key 7");
  CHECK(words(BatchProgress{"h", 1, 1, 1, "7"}) == "1 range of keys with 1 row, up to the key 7");
  CHECK(words(BatchProgress{}) == "0 ranges of keys");
}
