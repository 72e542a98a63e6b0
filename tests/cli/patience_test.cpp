// What is not there yet is waited for; what is wrong for good is not.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/silent_server.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

const MigrationsDir& one_table() {
  static const MigrationsDir dir{{"1_t.sql", "create table t ();"}};
  return dir;
}

void check_migrates(Process& process, const std::string& url) {
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from pg_tables where tablename = 't'") == "1");
}

}  // namespace

TEST_CASE("a server that is still down, then starting, is waited for") {
  TempCluster cluster({.tcp = true});
  const std::string url = cluster.create_database();
  const std::string database = value(url, "select current_database()");
  cluster.stop();
  const Headway headway{cluster.tcp_url(database), one_table().path()};
  Process process(headway.command({"upgrade"}));
  process.wait_for_output("refused");
  cluster.start();
  check_migrates(process, url);
}

TEST_CASE("a server in recovery is waited for until it is promoted to take writes") {
  TempCluster cluster({.settings = {{"wal_level", "replica"}}});
  const std::string url = cluster.create_database();
  cluster.stop();
  write_file(cluster.data_directory() / "standby.signal", "");
  cluster.start();
  REQUIRE(value(url, "select pg_is_in_recovery()") == "t");
  const Headway headway{url, one_table().path()};
  Process process(headway.command({"upgrade"}));
  process.wait_for_output("read-only");
  exec(url, "select pg_promote()");
  check_migrates(process, url);
}

TEST_CASE("a role and a database that appear late are waited for") {
  TempCluster& cluster = TempCluster::shared();
  const std::string role = unique_name("late");
  const std::string database = unique_name("late");
  const std::string admin = cluster.url();
  const Headway headway{cluster.url(database, role), one_table().path()};
  Process process(headway.command({"upgrade"}));
  process.wait_for_output(role);
  exec(admin, "create role " + role + " login superuser");
  process.wait_for_output("\"" + std::string("no-such-database"));
  exec(admin, "create database " + database + " owner " + role);
  check_migrates(process, cluster.url(database));
  exec(admin, "drop database " + database);
  exec(admin, "drop role " + role);
}

TEST_CASE("credentials that stay wrong are 24 after --auth-retry, not after --connect-timeout") {
  TempCluster cluster({.tcp = true, .password = "right"});
  const std::string url = cluster.tcp_url();
  const auto at = url.find("right");
  REQUIRE(at != std::string::npos);
  const std::string wrong = std::string(url).replace(at, 5, "wrong");
  const Headway headway{wrong, one_table().path()};
  const Exit exit = headway({"upgrade", "--auth-retry=1s", "--connect-timeout=10m"});
  INFO(exit.text());
  CHECK(exit.code == 24);
  CHECK(exit.err.find("28P01") != std::string::npos);
  CHECK(exit.duration < std::chrono::seconds{30});
}

TEST_CASE("a Secret that appears late is waited for, and one that rotates is read again") {
  TempCluster cluster({.tcp = true, .password = "right"});
  const std::string direct = cluster.create_database();
  const std::string database = value(direct, "select current_database()");
  TempDir secret{"hw-secret"};
  const Headway headway{"", one_table().path(), {{"HEADWAY_DATABASE_DIR", secret.path().string()}}};
  Process process(headway.command({"upgrade"}));
  process.wait_for_output(secret.path().string());  // it says what it waits for
  secret.write("host", "127.0.0.1\n");
  secret.write("port", std::to_string(cluster.port()));
  secret.write("dbname", database);
  secret.write("username", "postgres");
  secret.write("password", "stale");
  process.wait_for_output("28P01");
  secret.write("password", "right\n");
  check_migrates(process, direct);
}

TEST_CASE("a database that never answers is 10 within its budget") {
  TempCluster cluster({.tcp = true});
  const std::string url = cluster.tcp_url();
  cluster.stop();
  const Headway headway{url, one_table().path()};
  const Exit exit = headway({"upgrade", "--connect-timeout=1s"});
  INFO(exit.text());
  CHECK(exit.code == 10);
  CHECK(exit.duration < std::chrono::seconds{20});
}

TEST_CASE("SIGTERM does not wait for a database that never answers") {
  const SilentServer server;
  const Headway headway{server.url(), one_table().path()};
  Process process(headway.command({"upgrade", "--connect-timeout=10m"}));
  server.await_client();
  const Exit exit = process.stop(SIGTERM);
  INFO(exit.text());
  CHECK(exit.code == 13);
  CHECK(exit.duration < std::chrono::seconds{10});  // which an attempt may last
}
