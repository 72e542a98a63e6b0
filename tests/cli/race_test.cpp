// Many processes at once: each migration is applied exactly once, whoever wins.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

/// Every run of a migration leaves a row, so a second run would show.
MigrationsDir counted_migrations(int count) {
  MigrationsDir dir{{"0001_create.sql", "create table ran (version int);"}};
  for (int i = 2; i <= count; ++i) {
    dir.write(fmt::format("{:04}_step.sql", i), fmt::format("insert into ran values ({});", i));
  }
  return dir;
}

std::vector<Process> start(const Headway& headway, int count, const Variables& more = {}) {
  std::vector<Process> processes;
  for (int i = 0; i < count; ++i) {
    Variables variables = more;
    variables.emplace_back("HEADWAY_POD", fmt::format("pod-{}", i));
    processes.emplace_back(headway.command({"upgrade"}, variables));
  }
  return processes;
}

void check_all_succeed(std::vector<Process>& processes) {
  for (Process& process : processes) {
    const Exit exit = process.wait(std::chrono::seconds{120});
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
}

}  // namespace

TEST_CASE("eight processes race on an empty database and each migration is applied once") {
  const MigrationsDir dir = counted_migrations(30);
  const Headway headway{TempCluster::shared().create_database(), dir.path()};
  auto processes = start(headway, 8);
  check_all_succeed(processes);
  CHECK(value(headway.url, "select count(*) from ran") == "29");
  CHECK(value(headway.url, "select count(distinct version) from ran") == "29");
  CHECK(value(headway.url, "select count(*) from headway.history") == "31");
  CHECK(value(headway.url, "select count(*) from headway.events where event = 'applied'") == "30");
}

TEST_CASE("forty processes against a server with few slots all exit 0") {
  TempCluster cluster(
      {.settings = {{"max_connections", "10"}, {"superuser_reserved_connections", "1"}}});
  const MigrationsDir dir = counted_migrations(5);
  dir.write("0006_slow.sql", "select pg_catalog.pg_sleep(1);");
  const std::string url = cluster.create_database();
  exec(url, "create role app login; grant create on database " +
                value(url, "select current_database()") +
                " to app; grant all on schema public to app");
  Headway headway{cluster.url(value(url, "select current_database()"), "app"), dir.path()};
  auto processes = start(headway, 40);
  check_all_succeed(processes);
  CHECK(value(url, "select count(*) from ran") == "4");
  CHECK(value(url, "select count(*) from headway.history") == "7");
}

TEST_CASE("waiters hold no connection while they wait, and name the holder") {
  const MigrationsDir dir{{"1_wait.sql", "select pg_catalog.pg_advisory_xact_lock(4711);"}};
  const std::string url = TempCluster::shared().create_database();
  SqlSession gate(url);
  gate.exec("select pg_advisory_lock(4711)");
  const Headway headway{url, dir.path()};
  Process holder(headway.command({"upgrade"}, {{"HEADWAY_POD", "the-holder"}}));
  await("the holder runs its migration", [&] {
    return value(url,
                 "select count(*) from pg_locks where locktype = 'advisory' and not granted") ==
           "1";
  });
  auto waiters = start(headway, 6);
  for (const Process& waiter : waiters) waiter.wait_for_output("the-holder");
  // Between their polls they are gone: one moment with nobody but the holder and the gate comes
  // soon.
  await("no waiter is connected", [&] {
    return value(url,
                 "select count(*) from pg_stat_activity where datname = current_database() and "
                 "application_name like 'headway pod-%'") == "0";
  });
  gate.exec("select pg_advisory_unlock(4711)");
  CHECK(holder.wait().code == 0);
  check_all_succeed(waiters);
  CHECK(value(url, "select count(*) from headway.events where event = 'applied'") == "1");
}

TEST_CASE("CREATE INDEX CONCURRENTLY finishes while others wait for the lock") {
  const MigrationsDir dir{
      {"1_table.sql", "create table t as select g from generate_series(1, 20000) g;"},
      {"2_index.sql", "-- headway: transaction=none\ncreate index concurrently t_g on t (g);"},
      {"3_again.sql", "-- headway: transaction=none\nreindex index concurrently t_g;"}};
  const Headway headway{TempCluster::shared().create_database(), dir.path()};
  auto processes = start(headway, 12);
  check_all_succeed(processes);
  CHECK(value(headway.url, "select indisvalid from pg_index where indexrelid = 't_g'::regclass") ==
        "t");
}

TEST_CASE("down and up race without a step done twice or lost") {
  const MigrationsDir dir{{"1_a.sql", "create table a ();"},
                          {"1_a.down.sql", "drop table a;"},
                          {"2_b.sql", "create table b ();"},
                          {"2_b.down.sql", "drop table b;"}};
  const Headway headway{TempCluster::shared().create_database(), dir.path()};
  REQUIRE(headway({"upgrade"}).code == 0);
  std::vector<Process> downs;
  std::vector<Process> ups;
  for (int i = 0; i < 3; ++i) {
    downs.emplace_back(headway.command({"downgrade", "base", "--yes"}));
    ups.emplace_back(headway.command({"upgrade"}));
  }
  check_all_succeed(ups);
  for (Process& down : downs) {
    const Exit exit = down.wait(std::chrono::seconds{120});
    INFO(exit.text());
    // What an upgrade has applied since it looked is not its to take back.
    if (exit.code != 0) {
      CHECK(exit.code == 22);
      CHECK(exit.err.find("stale-plan") != std::string::npos);
    }
  }
  const std::string tables =
      value(headway.url, "select count(*) from pg_tables where tablename in ('a', 'b')");
  CHECK(value(headway.url, "select count(*) - 1 from headway.history") == tables);
  REQUIRE(headway({"upgrade"}).code == 0);
  CHECK(value(headway.url, "select count(*) from headway.history") == "3");
}
