#include "sql/batch_statement.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace headway::sql;
using Kind = BatchStatement::Kind;

namespace {

std::string ranged(std::string_view text) { return with_range(text, "F", "L"); }

}  // namespace

TEST_CASE("placeholders are replaced where an expression stands") {
  CHECK(ranged("a BETWEEN :batch_first AND :batch_last") == "a BETWEEN F AND L");
  CHECK(ranged(":batch_last>=a AND a>=:batch_first") == "L>=a AND a>=F");
  CHECK(ranged("x[:batch_first::int]::text = f(:BATCH_LAST)") == "x[F::int]::text = f(L)");
  CHECK(ranged("").empty());
}

TEST_CASE("a place in what is run is found in what is written") {
  const std::string_view written = "a = :batch_first + b - :batch_last * c";
  const std::string run = with_range(written, "FFFFFFFFFFFFFFFFFFFF", "L");
  for (const std::string_view word : {"a", "=", "+", "b", "-", "*", "c"}) {
    CAPTURE(word);
    const std::size_t at = run.find(std::string(word));
    CHECK(written.substr(offset_as_written(written, "FFFFFFFFFFFFFFFFFFFF", "L", at)).front() ==
          run[at]);
  }
  CHECK(offset_as_written(written, "FFFFFFFFFFFFFFFFFFFF", "L", run.find("FFF") + 7) == 4);
  CHECK(offset_as_written(written, "FFFFFFFFFFFFFFFFFFFF", "L", run.find('L')) == 23);
}

TEST_CASE("texts, comments, casts and other names stay as they are") {
  for (const std::string text :
       {"':batch_first'", "E'\\':batch_first'", "$$ :batch_first $$", "\":batch_first\"",
        "-- :batch_first", "/* /* */ :batch_first */ a", "a::batch_first", "a : batch_first",
        "a::  :: batch_first", ":first", ":batch", "batch_first"}) {
    CAPTURE(text);
    CHECK(ranged(text) == text);
  }
  const auto unknown = batch_placeholders("a > :batch_start");
  REQUIRE(unknown.size() == 1);
  CHECK(unknown.front().kind == BatchPlaceholder::Kind::Unknown);
  CHECK(unknown.front().begin == 4);
}

TEST_CASE("a batch's statement is told by its first words, or those behind its WITH") {
  const auto told = [](std::string_view text, Kind kind, std::string_view target) {
    CAPTURE(text);
    const BatchStatement statement = batch_statement(text);
    CHECK(statement.kind == kind);
    CHECK(statement.target == target);
  };
  told("update only public.\"T t\" as x set a = 1", Kind::Update, "public.\"T t\"");
  told("DELETE FROM /* from */ t USING u", Kind::Delete, "t");
  told("insert into a . b select 1", Kind::Insert, "a.b");
  told("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", Kind::Merge, "t");
  told(
      "with a as (delete from x returning *), b (c) as (update y set z = 1) insert into t select 1",
      Kind::Insert, "t");
  told("select 1", Kind::Other, "");
  told("with a as (update t set b = 1) select 1", Kind::Other, "");
  told("", Kind::Other, "");
  CHECK(batch_statement("insert into t (a) select 1").selects);
  CHECK_FALSE(batch_statement("insert into t values ('select')").selects);
}

TEST_CASE("the columns that an update assigns are found, and no others") {
  const auto assigned = [](std::string_view text) { return batch_statement(text).assigned; };
  using Names = std::vector<std::string>;
  CHECK(assigned("update t set a = 1, \"B\" = f(c, d), e[1] = g where h = 2") ==
        Names{"a", "\"B\"", "e"});
  CHECK(
      assigned("update t as x set (a, b) = (select c, d from u), e = (1, 2) from f where g = 1") ==
      Names{"a", "b", "e"});
  CHECK(assigned("update t set a = case when b = 1 then 2 end") == Names{"a"});
  CHECK(assigned("delete from t").empty());
}
