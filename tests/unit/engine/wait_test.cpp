#include "unit/engine/world.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

engine::WaitRequest to_head(Milliseconds timeout = std::chrono::minutes{15}) {
  return {migration::parse_target("head"), timeout};
}

ErrorInfo wait_error(World& world, const migration::Source& source,
                     Milliseconds timeout = std::chrono::minutes{1}) {
  return error_of([&] { return engine::wait(world.context, source, to_head(timeout)); });
}

}  // namespace

TEST_CASE("wait only reads, on one connection, when there is nothing to wait for") {
  World world;
  const auto source = tables(1);
  world.database.apply(source.migrations()[0]);
  const auto report = engine::wait(world.context, source, to_head());
  CHECK(report.current == "1");
  CHECK(report.target == "1");
  CHECK(report.waited == Milliseconds::zero());
  CHECK(world.database.calls == Texts{"connect", "read_history", "disconnect"});
}

TEST_CASE("wait looks again until everything is applied, and holds nothing in between") {
  World world;
  world.database.exists = false;
  const auto source = tables(2);
  world.clock.on_sleep = [&](std::size_t sleeps) {
    CHECK(world.database.connections == 0);
    if (sleeps == 1) world.database.exists = true;
    if (sleeps == 2) world.database.apply(source.migrations()[0]);
    if (sleeps == 3) world.database.apply(source.migrations()[1]);
  };
  const auto report = engine::wait(world.context, source, to_head());
  CHECK(report.current == "2");
  CHECK(report.waited > Milliseconds::zero());
  REQUIRE(world.observer.reasons.size() == 3);
  CHECK(world.observer.reasons[0] == "the database has no history of migrations yet");
  CHECK(world.observer.reasons[1] ==
        "the schema is at base; not applied yet, or not wholly: 2 migrations, the first is 1_t");
  CHECK(world.observer.reasons[2] ==
        "the schema is at 1; not applied yet, or not wholly: 1 migration, the first is 2_t");
  CHECK(world.database.count("lock") == 0);
  for (const Milliseconds pause : world.clock.sleeps) {
    CHECK(pause >= std::chrono::milliseconds{500});
    CHECK(pause <= std::chrono::seconds{5});
  }
}

TEST_CASE("wait ends with what it saw last when its time is over") {
  World world;
  const auto source = tables(1);
  const ErrorInfo error = wait_error(world, source, std::chrono::seconds{30});
  CHECK(error.id == ErrorId::WaitTimeout);
  CHECK(error.message ==
        "waited 30 s for the schema to reach 1: the schema is at base; not applied yet, or not "
        "wholly: 1 migration, the first is 1_t");
  Milliseconds slept{};
  for (const Milliseconds pause : world.clock.sleeps) slept += pause;
  CHECK(slept == std::chrono::seconds{30});
}

TEST_CASE("a time of zero looks once") {
  World world;
  CHECK(wait_error(world, tables(1), Milliseconds::zero()).id == ErrorId::WaitTimeout);
  CHECK(world.database.calls == Texts{"connect", "read_history", "disconnect"});
}

TEST_CASE("a right that is missing is waited for, and named in the end") {
  World world;
  const auto source = tables(1);
  world.database.apply(source.migrations()[0]);
  world.database.fail_on("read_history", "42501", 2);
  CHECK(engine::wait(world.context, source, to_head()).current == "1");
  CHECK(world.observer.reasons.size() == 2);

  World hopeless;
  hopeless.database.fail_on("read_history", "42501", 1000);
  const ErrorInfo error = wait_error(hopeless, source);
  CHECK(error.id == ErrorId::WaitTimeout);
  CHECK(error.sqlstate == "42501");
}

TEST_CASE("a server that is away is waited for, longer than an upgrade would") {
  World world;
  const auto source = tables(1);
  world.database.apply(source.migrations()[0]);
  world.context.settings.connect_timeout = std::chrono::seconds{1};
  world.database.refuse_connections(5);
  world.database.lose_connection_on("read_history");
  CHECK(engine::wait(world.context, source, to_head()).current == "1");
  CHECK(world.observer.reasons.size() == 6);
}

TEST_CASE("credentials that stay wrong end the wait after --auth-retry") {
  World world;
  world.context.settings.auth_retry = std::chrono::seconds{20};
  world.database.refuse_connections(1000, ErrorId::AuthenticationFailed, "28P01");
  const ErrorInfo error = wait_error(world, tables(1), std::chrono::hours{1});
  CHECK(error.id == ErrorId::AuthenticationFailed);
  Milliseconds slept{};
  for (const Milliseconds pause : world.clock.sleeps) slept += pause;
  CHECK(slept >= std::chrono::seconds{20});
  CHECK(slept < std::chrono::seconds{30});
}

TEST_CASE("what no wait cures ends it at once") {
  World world;
  world.database.refuse_connections(1, ErrorId::UnsupportedServer);
  CHECK(wait_error(world, tables(1)).id == ErrorId::UnsupportedServer);
  CHECK(world.clock.sleeps.empty());
}

TEST_CASE("a signal ends the wait") {
  World world;
  world.clock.on_sleep = [&](std::size_t) { world.soon.request_stop(); };
  CHECK(wait_error(world, tables(1)).id == ErrorId::Interrupted);
}

TEST_CASE("wait reads from a standby") {
  World world;
  world.database.in_recovery = true;
  const auto source = tables(1);
  world.database.apply(source.migrations()[0]);
  CHECK(engine::wait(world.context, source, to_head()).current == "1");
}

TEST_CASE("a watch looks once and tells the observer") {
  World world;
  const auto source = tables(2);
  world.database.apply(source.migrations()[0]);
  const engine::SchemaStatus schema = engine::watch(world.context, source);
  CHECK(schema.pending == 1);
  CHECK(world.observer.schema.current_version == "1");
  CHECK(world.observer.histories == 1);
  CHECK(world.database.calls == Texts{"connect", "read_history", "disconnect"});
}

TEST_CASE("a watch that finds no server says so and does not try again") {
  World world;
  world.database.refuse_connections(1);
  CHECK(error_of([&] { return engine::watch(world.context, tables(1)); }).id ==
        ErrorId::Unreachable);
  CHECK(world.observer.up == std::vector<bool>{false});
}
