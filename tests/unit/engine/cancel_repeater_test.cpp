#include "engine/cancel_repeater.hpp"

#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

engine::PreparedStatement sleeping() {
  engine::PreparedStatement statement;
  statement.text = "SELECT pg_sleep(1000)";
  return statement;
}

}  // namespace

TEST_CASE("a stop request cancels again and again, because one cancel can be lost") {
  World world;
  world.database.cancels_to_stop = 3;
  FakeConnection connection(world.database, "run");
  const engine::CancelRepeater repeater(world.now.get_token(), connection, Milliseconds{1});
  world.database.before("pg_sleep", [&] { world.now.request_stop(); });
  CHECK(error_of([&] {
          connection.run(sleeping(), "a.sql");
          return 0;
        }).id == ErrorId::Interrupted);
}

TEST_CASE("a stop that was requested before cancels as well") {
  World world;
  FakeConnection connection(world.database, "run");
  world.now.request_stop();
  const engine::CancelRepeater repeater(world.now.get_token(), connection, Milliseconds{1});
  CHECK_THROWS_AS(connection.run(sleeping(), "a.sql"), Error);
}
