#include "engine/replica_lag.hpp"

#include <doctest/doctest.h>

using namespace headway;
using namespace headway::engine;

namespace {

class Scene {
 public:
  /// The lag in seconds, -1 if nobody is behind.
  long at(int second, std::uint64_t written, std::vector<Replication::Replica> replicas) {
    const Clock::Steady now{std::chrono::seconds{second}};
    const auto behind = lag_.saw(now, {written, std::move(replicas), false});
    if (behind) name = behind->name;
    return behind ? behind->lag.count() / 1000 : -1;
  }
  std::string name;

 private:
  ReplicaLag lag_;
};

}  // namespace

TEST_CASE("without replicas nobody is behind, and so it is where all is replayed") {
  Scene scene;
  CHECK(scene.at(0, 100, {}) == -1);
  CHECK(scene.at(1, 200, {{"a", 200}}) == -1);
  CHECK(scene.at(1, 200, {{"a", 200, Milliseconds{9000}}}) == -1);
}

TEST_CASE("a replica that has stopped falls behind as time goes on, whatever the server reports") {
  Scene scene;
  CHECK(scene.at(0, 100, {{"a", 50, Milliseconds{1}}}) == 0);
  CHECK(scene.at(5, 200, {{"a", 50, Milliseconds{1}}}) == 5);
  CHECK(scene.at(9, 200, {{"a", 50, Milliseconds{1}}}) == 9);
  CHECK(scene.at(10, 300, {{"a", 150}}) == 5);
  CHECK(scene.at(11, 300, {{"a", 250}}) == 1);
  CHECK(scene.at(12, 300, {{"a", 300}}) == -1);
  CHECK(scene.at(60, 400, {{"a", 300}}) == 0);
}

TEST_CASE("what the server reports counts where it is longer, and the worst replica of several") {
  Scene scene;
  CHECK(scene.at(0, 100, {{"a", 99, Milliseconds{7000}}, {"b", 10}}) == 7);
  CHECK(scene.name == "a");
  CHECK(scene.at(9, 200, {{"a", 199, Milliseconds{7000}}, {"b", 10}}) == 9);
  CHECK(scene.name == "b");
}
