// What dies half-way leaves nothing in the way of the next run.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "cli/gate.hpp"
#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

/// The second migration waits at the gate.
const MigrationsDir& gated_migrations() {
  static const MigrationsDir dir{
      {"1_before.sql", "create table before ();"},
      {"2_gate.sql", std::string("create table inside ();\n") + Gate::kPass},
      {"3_after.sql", "create table after ();"}};
  return dir;
}

void check_complete(const std::string& url) {
  CHECK(value(url,
              "select string_agg(tablename, ',' order by tablename) from pg_tables "
              "where schemaname = 'public'") == "after,before,inside");
  CHECK(value(url,
              "select string_agg(version, ',' order by version) from headway.history "
              "where state = 'applied'") == "1,2,3,base");
}

/// Sent to the process, and not yet taken by it.
bool is_pending(const Process& process, int signal) {
  const std::string status = read_file("/proc/" + std::to_string(process.pid()) + "/status");
  static constexpr std::string_view kField = "\nShdPnd:\t";
  const std::string mask = status.substr(status.find(kField) + kField.size(), 16);
  return (std::stoull(mask, nullptr, 16) >> static_cast<unsigned>(signal - 1) & 1U) != 0;
}

std::string applied(const std::string& url) {
  return value(url, "select string_agg(version, ',' order by version) from headway.history");
}

}  // namespace

TEST_CASE(
    "a client killed with -9 leaves no lock and no dirty state, and the next run succeeds at "
    "once") {
  const Headway headway{TempCluster::shared().create_database(), gated_migrations().path()};
  Gate gate(headway.url);
  Process first(headway.command({"upgrade"}));
  const std::string pid = gate.waiting_backend();
  first.send_signal(SIGKILL);
  CHECK(first.wait().signal == SIGKILL);
  // The backend still waits at the gate; client_connection_check_interval makes it notice.  To keep
  // the test quick the server is told so at once.
  exec(headway.url, "select pg_terminate_backend(" + pid + ")");
  await("the dead client's backend is gone", [&] {
    return value(headway.url, "select count(*) from pg_stat_activity where pid = " + pid) == "0";
  });
  CHECK(applied(headway.url) == "1,base");
  gate.open();
  const Exit second = headway({"upgrade"});
  INFO(second.text());
  CHECK(second.code == 0);
  check_complete(headway.url);
}

TEST_CASE("the server notices a dead client by itself and frees the lock") {
  const Headway headway{TempCluster::shared().create_database(), gated_migrations().path()};
  Gate gate(headway.url);
  Process first(headway.command({"upgrade"}));
  static_cast<void>(gate.waiting_backend());
  first.stop(SIGKILL);
  // Nobody terminates the backend: the next run waits until the server has noticed, then migrates.
  Process second(headway.command({"upgrade"}));
  await(
      "the server has noticed",
      [&] {
        return value(headway.url,
                     "select count(*) from pg_locks where locktype = 'advisory' and not granted") ==
                   "1" &&
               second.err().find("took the migration lock") != std::string::npos;
      },
      std::chrono::seconds{40});
  gate.open();
  const Exit exit = second.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  check_complete(headway.url);
}

TEST_CASE("a backend terminated mid-migration is rolled back, and the same run goes on") {
  const Headway headway{TempCluster::shared().create_database(), gated_migrations().path()};
  Gate gate(headway.url);
  Process process(headway.command({"upgrade"}));
  const std::string pid = gate.waiting_backend();
  exec(headway.url, "select pg_terminate_backend(" + pid + ")");
  await("the run stands at the gate again", [&] { return gate.waiting_backend() != pid; });
  CHECK(applied(headway.url) == "1,base");
  gate.open();
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  check_complete(headway.url);
}

TEST_CASE("a server that crashes and comes back mid-migration is met again") {
  TempCluster cluster;
  const Headway headway{cluster.create_database(), gated_migrations().path()};
  {
    Gate gate(headway.url);
    Process process(headway.command({"upgrade"}));
    static_cast<void>(gate.waiting_backend());
    cluster.crash();
    cluster.start();
    const Exit exit = process.wait();  // the gate died with the server
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
  check_complete(headway.url);
}

TEST_CASE("SIGTERM during a long statement: cancelled, rolled back, 13, and the lock is free") {
  const MigrationsDir dir{
      {"1_before.sql", "create table before ();"},
      {"2_sleep.sql", "create table inside (); select pg_catalog.pg_sleep(600);"}};
  const Headway headway{TempCluster::shared().create_database(), dir.path()};
  Process process(headway.command({"upgrade"}));
  await("the migration sleeps", [&] {
    return value(headway.url,
                 "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and "
                 "datname = current_database()") == "1";
  });
  const Exit exit = process.stop(SIGTERM);
  INFO(exit.text());
  CHECK(exit.code == 13);
  CHECK(applied(headway.url) == "1,base");
  CHECK(value(headway.url, "select count(*) from pg_tables where tablename = 'inside'") == "0");
  CHECK(value(headway.url,
              "select count(*) from pg_locks where locktype = 'advisory' and database = "
              "(select oid from pg_database where datname = current_database())") == "0");
  CHECK(value(headway.url, "select count(*) from headway.events where event = 'interrupted'") ==
        "1");
  dir.write("2_sleep.sql", "create table inside ();");
  CHECK(headway({"upgrade"}).code == 0);
}

TEST_CASE("with --drain a running migration may finish after SIGTERM, and nothing new begins") {
  const Headway headway{TempCluster::shared().create_database(), gated_migrations().path()};
  Gate gate(headway.url);
  Process process(headway.command({"upgrade", "--drain=60s", Gate::kPatience}));
  static_cast<void>(gate.waiting_backend());
  process.send_signal(SIGTERM);
  await("the signal has arrived", [&] { return !is_pending(process, SIGTERM); });
  gate.open();
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 13);
  CHECK(applied(headway.url) == "1,2,base");
  CHECK(headway({"upgrade"}).code == 0);
  check_complete(headway.url);
}

TEST_CASE("a second signal ends the process at once") {
  const Headway headway{TempCluster::shared().create_database(), gated_migrations().path()};
  Gate gate(headway.url);
  Process process(headway.command({"upgrade", "--drain=600s", Gate::kPatience}));
  static_cast<void>(gate.waiting_backend());
  process.send_signal(SIGTERM);
  // Standard signals that are pending merge, so the second must not be sent before.
  await("the first signal has arrived", [&] { return !is_pending(process, SIGTERM); });
  process.send_signal(SIGTERM);
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 13);
}

TEST_CASE("a non-transactional migration killed half-way resumes where it can be told") {
  const MigrationsDir dir{{"1_steps.sql", std::string("-- headway: transaction=none\n"
                                                      "create table one ();\n"
                                                      "create table two ();\n") +
                                              Gate::kPassInSession + "\ncreate table three ();\n"}};
  const Headway headway{TempCluster::shared().create_database(), dir.path()};
  Gate gate(headway.url);
  Process process(headway.command({"upgrade"}));
  const std::string pid = gate.waiting_backend();
  process.send_signal(SIGKILL);
  process.wait();
  exec(headway.url, "select pg_terminate_backend(" + pid + ")");
  gate.open();
  CHECK(value(headway.url, "select state from headway.history where version = '1'") == "running");
  const Exit second = headway({"upgrade"});
  INFO(second.text());
  CHECK(second.code == 0);
  CHECK(value(headway.url, "select state from headway.history where version = '1'") == "applied");
  CHECK(value(headway.url, "select attempt from headway.history where version = '1'") == "2");
  CHECK(value(headway.url,
              "select count(*) from pg_tables where tablename in ('one', 'two', 'three')") == "3");
}
