// What holds for every plan: executed, it leaves one chain, and it reaches what it says.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "migration/plan.hpp"
#include "unit/migration/scene.hpp"

using headway::migration::Plan;
using headway::migration::Source;
using headway::testing::File;
using headway::testing::kAny;
using headway::testing::Scene;
using headway::testing::source_of;
using headway::testing::steps_of;
using headway::testing::Texts;
using headway::testing::versions_of;

namespace {

void add_files(std::vector<File>& files, int number, const std::string& directive = "") {
  const std::string name = std::to_string(number) + "_m";
  files.push_back({name + ".sql", directive + "SELECT " + std::to_string(number) + ";\n"});
  files.push_back({name + ".down.sql"});
}

/// Applies 1 .. 4 in this order: each becomes known only when its turn has come.
void apply_in_order(Scene& scene, const std::array<int, 4>& order) {
  std::vector<File> files;
  for (const int number : order) {
    add_files(files, number);
    scene.deploy(files);
    const Plan& plan = scene.upgrade("head", kAny);
    REQUIRE(steps_of(plan) == Texts{"apply " + std::to_string(number)});
    scene.run();
  }
}

/// Up to nine migrations, each with up to two parents among those before it.
Source random_source(std::mt19937& random) {
  std::vector<File> files;
  const int count = 1 + static_cast<int>(random() % 9);
  for (int number = 1; number <= count; ++number) {
    std::vector<int> parents;
    for (std::size_t tries = random() % 3; number > 1 && tries > 0; --tries) {
      const int parent = 1 + static_cast<int>(random() % static_cast<unsigned>(number - 1));
      if (std::ranges::find(parents, parent) == parents.end()) parents.push_back(parent);
    }
    std::string list;
    for (const int parent : parents) list += (list.empty() ? "" : ",") + std::to_string(parent);
    add_files(files, number, "-- headway: after=" + (list.empty() ? "base" : list) + "\n");
  }
  return source_of(files);
}

Texts sorted(Texts texts) {
  std::ranges::sort(texts);
  return texts;
}

Texts expected_after(const Source& source, const std::string& target) {
  Texts texts;
  const headway::migration::Version version(target);
  for (const auto* migration : source.with_ancestors({&version, 1})) {
    texts.push_back(migration->version.text());
  }
  return sorted(texts);
}

}  // namespace

TEST_CASE("four migrations applied in any order can be taken back row by row") {
  std::array<int, 4> order{1, 2, 3, 4};
  do {
    Scene scene(std::vector<File>{});
    apply_in_order(scene, order);
    for (std::size_t left = order.size(); left > 0; --left) {
      Texts expected;
      for (std::size_t i = 0; i < left; ++i) expected.push_back(std::to_string(order[i]));
      REQUIRE(scene.applied() == expected);
      REQUIRE(steps_of(scene.downgrade("-1")) == Texts{"revert " + expected.back()});
      scene.run();
    }
    CHECK(scene.applied().empty());
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("applied in any order, each version can be gone back to, and all comes up again") {
  std::array<int, 4> order{1, 2, 3, 4};
  do {
    for (const char* target : {"1", "2", "3", "4"}) {
      Scene scene(std::vector<File>{});
      apply_in_order(scene, order);
      scene.downgrade(target);
      scene.run();  // takes rows out of the middle
      REQUIRE(sorted(scene.applied()) == expected_after(scene.source(), target));
      scene.upgrade();
      scene.run();
      REQUIRE(sorted(scene.applied()) == Texts{"1", "2", "3", "4"});
      CHECK(scene.upgrade().empty());
    }
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("applied in any order, rows can be removed from any place of the chain") {
  // Four roots: a stamp keeps exactly one row, wherever it stands.
  std::vector<File> files;
  for (int number = 1; number <= 4; ++number) {
    add_files(files, number, "-- headway: after=base\n");
  }
  std::array<int, 4> order{1, 2, 3, 4};
  do {
    for (const int kept : order) {
      Scene scene(files);
      for (const int number : order) {
        scene.upgrade(std::to_string(number));
        scene.run();
      }
      scene.stamp(std::to_string(kept));
      scene.run();
      REQUIRE(scene.applied() == Texts{std::to_string(kept)});
    }
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE(
    "in any graph an upgrade reaches its target, respects parents and then has no more to do") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 300; ++round) {
    Scene scene(random_source(random));
    const Texts versions = versions_of(scene.source());
    const std::string& target = versions[random() % versions.size()];
    scene.upgrade(target);
    scene.run();
    REQUIRE(sorted(scene.applied()) == expected_after(scene.source(), target));
    REQUIRE(scene.upgrade(target).empty());

    scene.upgrade("heads");
    scene.run();
    REQUIRE(sorted(scene.applied()) == sorted(versions));
    REQUIRE(scene.upgrade("heads").empty());
    const headway::migration::History history = scene.database.history();
    for (const auto& row : history.rows()) {
      for (const auto& parent : scene.source().find(row.version)->parents) {
        CHECK(history.find(parent) < &row);
      }
    }
  }
}

TEST_CASE("in any graph +1 as often as it goes is the same as heads") {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    Scene scene(random_source(random));
    for (std::size_t i = scene.source().migrations().size(); i > 0; --i) {
      REQUIRE(steps_of(scene.upgrade("+1")).size() == 1);
      scene.run();
    }
    CHECK(scene.applied() == versions_of(scene.source()));
  }
}

TEST_CASE("in any graph a downgrade leaves its target with its ancestors, and a stamp agrees") {
  std::mt19937 random(42);
  for (int round = 0; round < 300; ++round) {
    Scene scene(random_source(random));
    scene.upgrade("heads");
    scene.run();
    Scene stamped = scene;
    const Texts versions = versions_of(scene.source());
    const std::string& target = versions[random() % versions.size()];

    scene.downgrade(target);
    scene.run();
    REQUIRE(sorted(scene.applied()) == expected_after(scene.source(), target));
    stamped.stamp(target);
    stamped.run();
    CHECK(stamped.applied() == scene.applied());

    scene.downgrade("base");
    scene.run();
    CHECK(scene.applied().empty());
  }
}

TEST_CASE("an older image's downgrade head leaves what it knows, and the newer one goes on") {
  std::mt19937 random(99);
  for (int round = 0; round < 100; ++round) {
    const int total = 2 + static_cast<int>(random() % 8);
    const int known = 1 + static_cast<int>(random() % static_cast<unsigned>(total - 1));
    Scene scene(headway::testing::line_of(total));
    scene.upgrade();
    scene.run();
    scene.deploy(headway::testing::line_of(known));
    scene.downgrade("head");
    scene.run();
    REQUIRE(scene.applied().size() == static_cast<std::size_t>(known));
    REQUIRE(scene.upgrade().empty());
    scene.deploy(headway::testing::line_of(total));
    scene.upgrade();
    scene.run();
    CHECK(scene.applied().size() == static_cast<std::size_t>(total));
  }
}
