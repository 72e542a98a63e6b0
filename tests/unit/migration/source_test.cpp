#include "migration/source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "migration/source_builder.hpp"
#include "unit/migration/sources.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::Location;
using headway::migration::Migration;
using headway::migration::Source;
using headway::migration::SourceBuilder;
using headway::migration::Version;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::source_of;
using headway::testing::Texts;
using headway::testing::texts_of;
using headway::testing::v;
using headway::testing::versions_of;

namespace {

File after(const std::string& name, const std::string& parents, const std::string& more = "") {
  return {name, "-- headway: after=" + parents + " " + more + "\n"};
}

Texts with_ancestors(const Source& source, const std::vector<Version>& versions) {
  Texts texts;
  for (const Migration* migration : source.with_ancestors(versions)) {
    texts.push_back(migration->version.text());
  }
  return texts;
}

ErrorInfo refused(const std::vector<File>& files) {
  return error_of([&] { return source_of(files); });
}

/// 1 <- 2 <- 4 (merge), 1 <- 3 <- 4
Source diamond() {
  return source_of({{"1_a.sql"}, {"2_b.sql"}, after("3_c.sql", "1"), after("4_d.sql", "2,3")});
}

}  // namespace

TEST_CASE("branches and merges make one head again") {
  const Source source = diamond();
  CHECK(versions_of(source) == Texts{"1", "2", "3", "4"});
  CHECK(texts_of(source.find(v("4"))->parents) == Texts{"2", "3"});
  CHECK(texts_of(source.heads()) == Texts{"4"});
}

TEST_CASE("a branch that is not merged is a head of its own") {
  const Source source = source_of({{"1_a.sql"}, {"2_b.sql"}, after("3_c.sql", "1")});
  CHECK(texts_of(source.heads()) == Texts{"2", "3"});
}

TEST_CASE("after=base begins anew") {
  const Source source = source_of({{"1_a.sql"}, after("2_b.sql", "base"), {"3_c.sql"}});
  CHECK(source.find(v("2"))->parents.empty());
  CHECK(texts_of(source.heads()) == Texts{"1", "3"});
}

TEST_CASE("a migration comes after its parents even if its number is lower") {
  const Source source = source_of({{"1_a.sql"}, after("2_b.sql", "3"), after("3_c.sql", "1")});
  CHECK(versions_of(source) == Texts{"1", "3", "2"});
}

TEST_CASE("after= names versions, so version= counts and zeros do not") {
  const Source source = source_of({{"1_a.sql", "-- headway: version=ae10\n"},
                                   {"0002_b.sql"},
                                   after("3_c.sql", "ae10"),
                                   after("4_d.sql", "2,3")});
  CHECK(texts_of(source.find(v("3"))->parents) == Texts{"ae10"});
  CHECK(texts_of(source.find(v("4"))->parents) == Texts{"0002", "3"});
}

TEST_CASE("an unknown parent is an error at the directive") {
  const ErrorInfo error = refused({{"1_a.sql"}, after("2_b.sql", "7")});
  CHECK(error.id == ErrorId::UnknownParent);
  CHECK(error.where == Location{"m/2_b.sql", 1, 13});
  CHECK(error.version == "2");
  CHECK(contains(error.message, "7"));
}

TEST_CASE("a circle is an error that names all of it and nothing else") {
  const ErrorInfo error =
      refused({{"1_a.sql"}, after("2_b.sql", "4"), {"3_c.sql"}, {"4_d.sql"}, {"5_below.sql"}});
  CHECK(error.id == ErrorId::Cycle);
  for (const char* path : {"m/2_b.sql", "m/3_c.sql", "m/4_d.sql"}) {
    CHECK(contains(error.message, path));
  }
  CHECK_FALSE(contains(error.message, "m/1_a.sql"));
  CHECK_FALSE(contains(error.message, "m/5_below.sql"));
  CHECK(error.where == Location{"m/2_b.sql", 1, 13});
}

TEST_CASE("a migration that follows itself is a circle") {
  CHECK(refused({after("1_a.sql", "1")}).id == ErrorId::Cycle);
}

TEST_CASE("a circle through what this environment leaves out is still a circle") {
  CHECK(refused({after("1_a.sql", "2"), after("2_b.sql", "1", "environments=dev")}).id ==
        ErrorId::Cycle);
}

TEST_CASE("the children of what is left out take its parents, however many in a row") {
  const Source source = source_of({{"1_a.sql"},
                                   {"2_b.sql"},
                                   after("3_c.sql", "1,2", "environments=dev"),
                                   {"4_d.sql", "-- headway: environments=dev\n"},
                                   {"5_e.sql"},
                                   after("6_f.sql", "2,4")});
  CHECK(versions_of(source) == Texts{"1", "2", "5", "6"});
  CHECK(texts_of(source.find(v("5"))->parents) == Texts{"1", "2"});
  CHECK(texts_of(source.find(v("6"))->parents) == Texts{"2", "1"});
  CHECK(texts_of(source.heads()) == Texts{"5", "6"});
}

TEST_CASE("what is left out at the top leaves its children at base") {
  const Source source =
      source_of({{"1_a.sql", "-- headway: environments=dev\n"}, {"2_b.sql"}, {"3_c.sql"}});
  CHECK(source.find(v("2"))->parents.empty());
  CHECK(texts_of(source.heads()) == Texts{"3"});
}

TEST_CASE("a head that is left out leaves its parent as the head") {
  const Source source = source_of({{"1_a.sql"}, {"2_b.sql", "-- headway: environments=dev\n"}});
  CHECK(texts_of(source.heads()) == Texts{"1"});
}

TEST_CASE("ancestors come with what they are ancestors of, in order") {
  const Source source = diamond();
  CHECK(with_ancestors(source, {v("3")}) == Texts{"1", "3"});
  CHECK(with_ancestors(source, {v("4")}) == Texts{"1", "2", "3", "4"});
  CHECK(with_ancestors(source, {v("3"), v("2")}) == Texts{"1", "2", "3"});
  CHECK(with_ancestors(source, {v("9")}).empty());
  CHECK(with_ancestors(source, {}).empty());
}

TEST_CASE("is_ancestor tells who depends on whom") {
  const Source source = diamond();
  CHECK(source.is_ancestor(v("1"), v("4")));
  CHECK(source.is_ancestor(v("01"), v("2")));
  CHECK_FALSE(source.is_ancestor(v("2"), v("3")));
  CHECK_FALSE(source.is_ancestor(v("4"), v("1")));
  CHECK_FALSE(source.is_ancestor(v("2"), v("2")));
  CHECK_FALSE(source.is_ancestor(v("9"), v("2")));
  CHECK_FALSE(source.is_ancestor(v("2"), v("9")));
}

TEST_CASE("other layouts bring their order by adding in it") {
  SourceBuilder builder;
  const auto named = [](const char* version) {
    Migration migration;
    migration.version = v(version);
    return migration;
  };
  builder.add(named("zz"), std::nullopt);
  builder.add(named("aa"), std::nullopt);
  builder.add(named("mm"), std::vector<Version>{});
  builder.warn("a warning");
  const Source source = std::move(builder).build();
  CHECK(versions_of(source) == Texts{"zz", "aa", "mm"});
  CHECK(texts_of(source.find(v("aa"))->parents) == Texts{"zz"});
  CHECK(source.find(v("mm"))->parents.empty());
  CHECK(source.warnings() == Texts{"a warning"});
}

TEST_CASE("in any graph parents come first, and heads are those without a child") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 200; ++round) {
    const int count = 1 + static_cast<int>(random() % 12);
    // A hidden order without cycles; file numbers know nothing of it.
    std::vector<int> hidden(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) hidden[static_cast<std::size_t>(i)] = i + 1;
    std::ranges::shuffle(hidden, random);
    std::vector<File> files;
    std::set<int> parents_of_some;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
      std::set<int> parents;
      for (std::size_t tries = random() % 3; i > 0 && tries > 0; --tries) {
        parents.insert(hidden[random() % i]);
      }
      parents_of_some.insert(parents.begin(), parents.end());
      std::string list;
      for (const int parent : parents) list += (list.empty() ? "" : ",") + std::to_string(parent);
      files.push_back(after(std::to_string(hidden[i]) + "_m.sql", list.empty() ? "base" : list));
    }
    const Source source = source_of(files);
    REQUIRE(source.migrations().size() == hidden.size());
    std::set<std::string> seen;
    for (const Migration& migration : source.migrations()) {
      for (const Version& parent : migration.parents) CHECK(seen.contains(parent.text()));
      seen.insert(migration.version.text());
      const bool head =
          std::ranges::find(source.heads(), migration.version) != source.heads().end();
      CHECK(head != parents_of_some.contains(std::stoi(migration.version.text())));
    }
  }
}
