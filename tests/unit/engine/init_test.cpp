#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("init makes the tables under the lock, and says whether something was missing") {
  World world;
  world.database.exists = false;
  CHECK(engine::init(world.context));
  CHECK(world.database.calls_like({"try_lock", "ensure_tables", "unlock"}) ==
        Texts{"try_lock", "ensure_tables", "unlock"});
  CHECK_FALSE(engine::init(world.context));
  world.database.complete = false;
  CHECK(engine::init(world.context));
}

TEST_CASE("init waits for the lock no longer than its budget") {
  World world;
  world.database.held_elsewhere = true;
  world.context.settings.lock_wait = Milliseconds{1000};
  CHECK(error_of([&] { return engine::init(world.context); }).id == ErrorId::LockBusy);
  CHECK(world.database.count("ensure_tables") == 0);
}
