#include "migration/history.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "unit/migration/sources.hpp"

using headway::ErrorId;
using headway::migration::History;
using headway::migration::HistoryRow;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::Texts;
using headway::testing::v;

namespace {

HistoryRow row(const std::string& version, const std::string& previous) {
  HistoryRow made;
  made.version = v(version);
  made.previous = v(previous);
  return made;
}

Texts chain(const History& history) {
  Texts texts;
  for (const auto& each : history.rows()) texts.push_back(each.version.text());
  return texts;
}

headway::ErrorInfo refused(std::vector<HistoryRow> rows) {
  return error_of([&] { return History(std::move(rows), {}); });
}

}  // namespace

TEST_CASE("an empty history ends at base") {
  const History history;
  CHECK(history.empty());
  CHECK(history.last().text() == "base");
  CHECK(history.find(v("1")) == nullptr);
  CHECK(History({}, {}).last().text() == "base");
}

TEST_CASE("rows find their places out of every order") {
  const Texts versions{"base", "1", "2", "3", "4", "5"};
  std::vector<std::size_t> order{1, 2, 3, 4, 5};
  do {
    std::vector<HistoryRow> rows;
    for (const std::size_t i : order) {
      rows.push_back(row(versions[i], versions[i - 1]));
      rows.back().name = "named " + versions[i];
    }
    const History history(std::move(rows), {});
    CHECK(chain(history) == Texts{"1", "2", "3", "4", "5"});
    for (const auto& each : history.rows()) CHECK(each.name == "named " + each.version.text());
    CHECK(history.find(v("4")) == &history.rows()[3]);
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("rows are ordered along the chain, however they come and whatever their versions") {
  const History history({row("2", "7"), row("7", "base"), row("5", "2")}, {});
  CHECK(chain(history) == Texts{"7", "2", "5"});
  CHECK(history.last().text() == "5");
  REQUIRE(history.find(v("02")) != nullptr);
  CHECK(history.find(v("02"))->previous.text() == "7");
  CHECK(history.find(v("3")) == nullptr);
}

TEST_CASE("previous may be written with other zeros than the version it names") {
  CHECK(chain(History({row("0002", "1"), row("0001", "base")}, {})) == Texts{"0001", "0002"});
}

TEST_CASE("a row that follows nothing is corrupt and named") {
  const auto error = refused({row("1", "base"), row("3", "2")});
  CHECK(error.id == ErrorId::HistoryCorrupt);
  CHECK(error.version == "3");
  CHECK(contains(error.message, "3 follows 2"));
}

TEST_CASE("a circle, a fork, a twin, a lost beginning and a second base are corrupt") {
  CHECK(refused({row("1", "base"), row("2", "3"), row("3", "2")}).id == ErrorId::HistoryCorrupt);
  CHECK(refused({row("1", "1")}).id == ErrorId::HistoryCorrupt);
  CHECK(refused({row("1", "base"), row("2", "1"), row("3", "1")}).version == "3");
  CHECK(refused({row("1", "base"), row("2", "base")}).version == "2");
  CHECK(refused({row("1", "base"), row("01", "1")}).version == "01");
  CHECK(refused({row("2", "1")}).version == "2");
  CHECK(refused({row("1", "base"), row("base", "1")}).version == "base");
  CHECK(contains(refused({row("1", "")}).message, "follows nothing"));
}
