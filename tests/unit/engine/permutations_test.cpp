// Four migrations that do not depend on each other, brought in by branches in every order there is,
// with --order=any, and taken back row by row.
#include <algorithm>
#include <array>

#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

std::vector<File> files_of(int number) {
  const std::string n = std::to_string(number);
  return {{n + "_t.sql", "CREATE TABLE t" + n + "();\n"},
          {n + "_t.down.sql", "DROP TABLE t" + n + ";\n"}};
}

migration::Source subset(const std::vector<int>& numbers) {
  std::vector<File> files;
  for (const int number : numbers) {
    for (auto& file : files_of(number)) files.push_back(std::move(file));
  }
  return source_of(files);
}

std::string words(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) {
    if (!text.empty()) text += ' ';
    text += std::to_string(number);
  }
  return text;
}

}  // namespace

TEST_CASE("every order in which four migrations can arrive is applied and taken back") {
  std::vector<int> order{1, 2, 3, 4};
  int permutations = 0;
  do {
    CAPTURE(words(order));
    ++permutations;
    World world;
    world.context.settings.policy.order = migration::Order::Any;
    std::vector<int> arrived;
    for (const int number : order) {
      arrived.push_back(number);
      const auto source = subset(arrived);
      const auto report = engine::upgrade(world.context, source, migration::parse_target("heads"));
      REQUIRE(error_id(report) == "none");
      CHECK(done_of(report) == std::to_string(number));
      CHECK(world.database.chain() == words(arrived));
    }
    const auto source = subset(order);
    while (!arrived.empty()) {
      const int last = arrived.back();
      arrived.pop_back();
      const auto report = world.downgrade(source, "-1");
      REQUIRE(error_id(report) == "none");
      CHECK(done_of(report) == std::to_string(last));
      CHECK(world.database.chain() == words(arrived));
    }
    CHECK(world.database.tables.effects.size() == 8);
  } while (std::ranges::next_permutation(order).found);
  CHECK(permutations == 24);
}

TEST_CASE("a row in the middle is taken out and its neighbours are linked") {
  for (int middle = 1; middle <= 4; ++middle) {
    World world;
    const auto source = subset({1, 2, 3, 4});
    for (const auto& migration : source.migrations()) world.database.apply(migration);
    FakeConnection connection(world.database, "run");
    connection.delete_row(world.database.row(std::to_string(middle)));
    std::vector<int> left{1, 2, 3, 4};
    left.erase(left.begin() + middle - 1);
    CHECK(world.database.chain() == words(left));
  }
}
