#include "engine/connecting.hpp"

#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;
using engine::Needs;

namespace {

ErrorInfo failure(World& world, Needs needs = Needs::Writing) {
  const engine::Stopping stopping(world.context.stop);
  return error_of([&] { return engine::connect(world.context, stopping, needs); });
}

Milliseconds slept(const World& world) {
  Milliseconds sum{};
  for (const auto pause : world.clock.sleeps) sum += pause;
  return sum;
}

}  // namespace

TEST_CASE("a server that is still starting is tried again with growing pauses") {
  World world;
  world.database.refuse_connections(12, ErrorId::Unreachable, "57P03");
  const engine::Stopping stopping(world.context.stop);
  const auto connection = engine::connect(world.context, stopping, Needs::Writing);
  CHECK(connection->server().backend_pid == 100);
  CHECK(world.database.count("connect") == 13);
  REQUIRE(world.clock.sleeps.size() == 12);
  for (const auto pause : world.clock.sleeps) {
    CHECK(pause >= Milliseconds{100});
    CHECK(pause <= Milliseconds{3000});
  }
}

TEST_CASE("the connect budget ends it, with the last error and the effort") {
  World world;
  world.context.settings.connect_timeout = Milliseconds{20'000};
  world.database.refuse_connections(1000);
  const ErrorInfo info = failure(world);
  CHECK(info.id == ErrorId::Unreachable);
  CHECK(info.exit_code() == 10);
  CHECK(contains(info.message, "gave up after"));
  CHECK(contains(info.message, "20 s"));
  CHECK(slept(world) == Milliseconds{20'000});
}

TEST_CASE("credentials are given only the time that a Secret needs") {
  World world;
  world.database.refuse_connections(1000, ErrorId::AuthenticationFailed, "28P01");
  const ErrorInfo info = failure(world);
  CHECK(info.exit_code() == 24);
  CHECK(slept(world) == world.context.settings.auth_retry);
}

TEST_CASE("a refusal that nothing can cure is not tried again") {
  World world;
  world.database.refuse_connections(5, ErrorId::PermissionDenied, "42501");
  CHECK(failure(world).id == ErrorId::PermissionDenied);
  CHECK(world.database.count("connect") == 1);
  CHECK(world.clock.sleeps.empty());
}

TEST_CASE("a standby is waited for when writing, and read from when reading") {
  World world;
  world.database.in_recovery = true;
  world.context.settings.connect_timeout = Milliseconds{1000};
  CHECK(failure(world).id == ErrorId::ReadOnly);
  const engine::Stopping stopping(world.context.stop);
  CHECK(engine::connect(world.context, stopping, Needs::Reading)->server().in_recovery);
}

TEST_CASE("a stop ends the pauses between attempts") {
  World world;
  world.database.refuse_connections(1000);
  world.clock.on_sleep = [&](std::size_t n) {
    if (n == 3) world.soon.request_stop();
  };
  CHECK(failure(world).id == ErrorId::Interrupted);
  CHECK(world.database.count("connect") == 3);
}
