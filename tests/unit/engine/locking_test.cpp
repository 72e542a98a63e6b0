#include "engine/locking.hpp"

#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

TEST_CASE("a waiter lets go of its connection between polls") {
  World world;
  const auto source = tables(1);
  world.database.held_elsewhere = true;
  int open_while_sleeping = 0;
  world.clock.on_sleep = [&](std::size_t n) {
    open_while_sleeping += world.database.connections;
    if (n == 5) world.database.held_elsewhere = false;
  };
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1");
  CHECK(open_while_sleeping == 0);
  CHECK(world.database.most_connections == 1);
  CHECK(world.observer.holders.size() == 5);
  CHECK(contains(world.observer.holders.front(), "headway pod-1"));
  CHECK(report.lock_wait > Milliseconds{900});
  for (const auto pause : world.clock.sleeps) {
    CHECK(pause >= Milliseconds{200});
    CHECK(pause <= Milliseconds{5000});
  }
}

TEST_CASE("a waiter is done when another process has brought the database to the target") {
  World world;
  const auto source = tables(2);
  world.database.held_elsewhere = true;
  world.clock.on_sleep = [&](std::size_t n) {
    if (n == 2) world.database.apply(source.migrations()[0]);
    if (n == 3) world.database.apply(source.migrations()[1]);
  };
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK(report.waited_for_other);
  CHECK_FALSE(report.changed());
  CHECK(report.current == "2");
  CHECK(world.database.count("try_lock") == 3);
  CHECK(world.observer.locks == 0);
}

TEST_CASE("a waiter stays connected for as long as it hears of the release") {
  World world;
  const auto source = tables(1);
  world.database.held_elsewhere = true;
  std::vector<Milliseconds> waits;
  world.database.await_release = [&](Milliseconds longest) {
    waits.push_back(longest);
    if (waits.size() == 1) {
      world.clock.sleep(Milliseconds{500}, {});  // another one was faster
      return true;
    }
    world.clock.sleep(longest, {});
    return false;
  };
  std::vector<int> open_while_sleeping;
  world.clock.on_sleep = [&](std::size_t n) {
    open_while_sleeping.push_back(world.database.connections);
    if (n == 4) world.database.held_elsewhere = false;
  };
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1");
  CHECK(waits == std::vector{Milliseconds{2000}, Milliseconds{1500}});
  // Two waits connected, then polls.
  CHECK(open_while_sleeping == std::vector{1, 1, 0, 0});
}

TEST_CASE("who waits connected waits no longer than for the lock") {
  World world;
  const auto source = tables(1);
  world.database.held_elsewhere = true;
  world.context.settings.lock_wait = Milliseconds{700};
  std::vector<Milliseconds> waits;
  world.database.await_release = [&](Milliseconds longest) {
    waits.push_back(longest);
    world.clock.sleep(longest, {});
    return true;
  };
  CHECK(world.upgrade(source).exit_code() == 11);
  CHECK(waits == std::vector{Milliseconds{700}});
}

TEST_CASE("the lock budget ends the waiting and names the holder") {
  World world;
  const auto source = tables(1);
  world.database.held_elsewhere = true;
  world.context.settings.lock_wait = Milliseconds{60'000};
  const auto report = world.upgrade(source);
  REQUIRE(report.error);
  CHECK(report.error->id == ErrorId::LockBusy);
  CHECK(report.exit_code() == 11);
  CHECK(contains(report.error->message, "headway pod-1 (pid 4711, 10.0.0.7)"));
  CHECK(contains(report.error->message, "waited 60 s"));
  CHECK(report.lock_wait == Milliseconds{60'000});
  CHECK(world.database.tables.rows.empty());
  CHECK(remaining_of(report) == "1");
}

TEST_CASE("a server without a free slot is waited for as well") {
  World world;
  const auto source = tables(1);
  world.database.held_elsewhere = true;
  world.clock.on_sleep = [&](std::size_t n) {
    if (n != 1) return;
    world.database.refuse_connections(6, ErrorId::Unreachable, "53300");
    world.database.held_elsewhere = false;
  };
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK(done_of(report) == "1");
  CHECK(world.observer.connect_pauses.size() == 6);
}

TEST_CASE("a lock that is gone when it is checked again stops the migration") {
  World world;
  const auto source = tables(2);
  world.database.before("reset_session", [&] { world.database.drop_lock(); });
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 0);
  CHECK(world.observer.retries == Texts{"connection_lost"});
  CHECK(world.database.chain() == "1 2");
}

TEST_CASE("a stop ends the waiting for the lock") {
  World world;
  const auto source = tables(1);
  world.database.held_elsewhere = true;
  world.clock.on_sleep = [&](std::size_t n) {
    if (n == 2) world.soon.request_stop();
  };
  const auto report = world.upgrade(source);
  CHECK(report.exit_code() == 13);
  CHECK(world.database.tables.rows.empty());
}
