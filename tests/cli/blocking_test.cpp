// Who blocks whom: a migration gives way instead of taking a site down, and says to whom.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

std::string as_application(const std::string& url, std::string_view name) {
  return with_parameter(url, "application_name", name);
}

/// A database with a table t of two rows, and another one, u.
std::string with_tables() {
  std::string url = TempCluster::shared().create_database();
  exec(url, "create table t (id int primary key, v int); insert into t values (1, 1), (2, 2)");
  exec(url, "create table u (id int)");
  return url;
}

bool waits_for_lock(const std::string& url) {
  return value(url,
               "select count(*) from pg_locks l join pg_stat_activity a using (pid) "
               "where not l.granted and a.application_name like 'headway%'") != "0";
}

/// A text of the HTTP endpoint of a process, empty while it does not answer.
std::string get(int port, const std::string& path) {
  return run({.args = {"curl", "-s", "http://127.0.0.1:" + std::to_string(port) + path}}).out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a table in use is waited for in short attempts, and its user is named") {
  const std::string url = with_tables();
  SqlSession reader(as_application(url, "reporting"));
  reader.exec("begin; select * from t");
  const MigrationsDir dir{{"1_v.sql", "alter table t add column w int;"},
                          {"2_x.sql", "create table x ();"}};
  Process process(Headway{url, dir.path()}.command({"upgrade", "--lock-timeout=1500ms"}));
  process.wait_for_output("\"event\":\"retrying\"");
  // Nobody queues behind it meanwhile.
  CHECK(value(url, "select count(*) from t") == "2");
  const std::string log = process.err();
  INFO(log);
  CHECK(has(log, "it waited for process " + std::to_string(reader.backend_pid()) + " (reporting)"));
  CHECK(has(log, "idle in transaction"));
  CHECK(has(log, "\"reason\":\"lock_timeout\""));
  reader.exec("commit");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from headway.history where version in ('1', '2')") == "2");
}

TEST_CASE("a migration gives way to those who have waited for it for too long") {
  const std::string url = with_tables();
  const MigrationsDir dir{
      {"1_slow.sql", "lock table t in access exclusive mode;\nselect pg_sleep(60);"}};
  Process process(
      Headway{url, dir.path()}.command({"upgrade", "--abort-if-blocking=1s", "--lock-wait=100ms"}));
  await("the migration has its lock", [&] {
    return value(url,
                 "select count(*) from pg_locks where relation = 't'::regclass and granted "
                 "and mode = 'AccessExclusiveLock'") == "1";
  });
  SqlSession shop(as_application(url, "shop"));
  while (process.running()) CHECK(shop.value("select count(*) from t") == "2");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 12);
  CHECK(has(exit.err, "gave up after 2 attempts"));
  CHECK(has(exit.err, "gave way to process " + std::to_string(shop.backend_pid()) + " (shop)"));
  CHECK_FALSE(has(exit.err, "57014"));
  CHECK(value(url, "select count(*) from headway.history") == "1");
}

TEST_CASE("a transaction that holds locks others need does not wait for further ones for long") {
  const std::string url = with_tables();
  SqlSession other(as_application(url, "nightly"));
  other.exec("begin; lock table u in access exclusive mode");
  // Its own lock_timeout would let it wait for ever.
  const MigrationsDir dir{{"1_both.sql",
                           "set lock_timeout = 0;\nlock table t in access exclusive mode;\n"
                           "insert into u values (1);"}};
  Process process(
      Headway{url, dir.path()}.command({"upgrade", "--max-blocked-wait=1s", "--lock-wait=1m"}));
  process.wait_for_output("--max-blocked-wait");
  CHECK(value(url, "select count(*) from t") == "2");
  other.exec("commit");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from u") == "1");
}

TEST_CASE("waiting for a row blocks nobody, and is not given up") {
  const std::string url = with_tables();
  SqlSession writer(url);
  writer.exec("begin; update t set v = 0 where id = 1");
  const MigrationsDir dir{{"1_fill.sql", "update t set v = v + 10;"},
                          {"2_more.sql", "insert into t values (3, 3);"}};
  Process process(Headway{url, dir.path()}.command({"upgrade", "--lock-timeout=200ms"}));
  await("it has waited for much longer than a table's lock is waited for", [&] {
    return value(url,
                 "select coalesce(max(clock_timestamp() - waitstart) > '800ms', false) "
                 "from pg_locks where not granted") == "t";
  });
  writer.exec("commit");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK_FALSE(has(exit.err, "retrying"));
  CHECK(value(url, "select string_agg(v::text, ' ' order by id) from t") == "10 12 3");
}

TEST_CASE("while it goes on, who waits for whom is on /status, the page and in the metrics") {
  const std::string url = with_tables();
  const int port = free_port();
  SqlSession old(as_application(url, "analytics"));
  old.exec("begin isolation level repeatable read; select * from u");
  const MigrationsDir dir{{"1_index.sql",
                           "-- headway: transaction=none\n"
                           "create index concurrently t_v on t (v);"}};
  Process process(Headway{url, dir.path()}.command(
      {"upgrade", "--http=127.0.0.1:" + std::to_string(port), "--linger=0"}));
  await("the index build waits for the old transaction, and says so", [&] {
    const std::string status = get(port, "/status");
    return has(status, "\"application\":\"analytics\"") && has(status, "waiting for");
  });
  const std::string status = get(port, "/status");
  INFO(status);
  CHECK(has(status, "\"command\":\"CREATE INDEX CONCURRENTLY\""));
  CHECK(has(status, "\"pid\":" + std::to_string(old.backend_pid())));
  CHECK_FALSE(has(status, "select"));
  CHECK(has(get(port, "/metrics"), "headway_blocking_sessions{database=\"default\"} 1"));
  CHECK(has(get(port, "/"), "It waits for analytics (process "));
  process.wait_for_output("\"event\":\"waiting_for_sessions\"");
  old.exec("commit");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "the statement has waited"));
}

TEST_CASE("a role that has no connection to spare migrates all the same") {
  const std::string url = TempCluster::shared().create_database();
  const std::string role = unique_name("lonely");
  exec(url, "create role " + role + " login connection limit 1; grant create on database " +
                database_of(url) + " to " + role + "; grant create on schema public to " + role);
  const MigrationsDir dir{{"1_slow.sql", "select pg_sleep(2.5);\ncreate table x ();"}};
  const Exit exit =
      Headway{TempCluster::shared().url(value(url, "select current_database()"), role),
              dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  const auto first = exit.err.find("nobody looks at whom the migrations wait for");
  CHECK(first != std::string::npos);
  CHECK(exit.err.find("nobody looks", first + 1) == std::string::npos);
}

TEST_CASE("a role that may not see other sessions' queries still learns who they are") {
  const std::string url = with_tables();
  const std::string role = unique_name("modest");
  exec(url, "create role " + role + " login; grant create on database " + database_of(url) +
                " to " + role + "; alter table t owner to " + role +
                "; grant create on schema public to " + role);
  SqlSession reader(as_application(url, "secretive"));
  reader.exec("begin; select 'a secret' from t");
  const MigrationsDir dir{{"1_v.sql", "alter table t add column w int;"}};
  Process process(
      Headway{TempCluster::shared().url(value(url, "select current_database()"), role), dir.path()}
          .command({"upgrade", "--lock-timeout=1500ms"}));
  process.wait_for_output("it waited for process " + std::to_string(reader.backend_pid()) +
                          " (secretive)");
  reader.exec("commit");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK_FALSE(has(exit.text(), "a secret"));
  CHECK_FALSE(has(exit.text(), "insufficient"));
}

TEST_CASE("twenty others wait for the lock while an index is built concurrently on a busy table") {
  const std::string url = with_tables();
  SqlSession holder(url);
  holder.exec("begin; update t set v = 5 where id = 2");
  const MigrationsDir dir{{"1_index.sql",
                           "-- headway: transaction=none\n"
                           "create index concurrently t_v on t (v);"}};
  const Headway headway{url, dir.path()};
  std::vector<Process> processes;
  for (int i = 0; i < 21; ++i) processes.emplace_back(headway.command({"upgrade"}));
  await("the build waits for the writer", [&] { return waits_for_lock(url); });
  await("others wait for the migration lock", [&] {
    int waiting = 0;
    for (const Process& process : processes) waiting += has(process.err(), "lock_waiting") ? 1 : 0;
    return waiting >= 15;
  });
  holder.exec("commit");
  for (Process& process : processes) {
    const Exit exit = process.wait();
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
  CHECK(value(url, "select indisvalid from pg_index where indexrelid = 't_v'::regclass") == "t");
  CHECK(value(url, "select count(*) from headway.events where event = 'applied'") == "1");
}

TEST_CASE("a lock timeout that no autovacuum would give way to is warned of") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir{{"1_t.sql", "create table t ();"},
                          {"2_u.sql", "-- headway: lock_timeout=50ms\ncreate table u ();"}};
  const Headway headway{url, dir.path()};
  const Exit patient = headway({"upgrade", "1"});
  CHECK(patient.code == 0);
  CHECK_FALSE(has(patient.err, "deadlock_timeout"));
  const Exit late = headway({"upgrade", "2", "--lock-timeout=1s"});
  INFO(late.text());
  CHECK(late.code == 0);
  CHECK(has(late.err, "2_u.sql (50 ms) is not longer than the server's deadlock_timeout (1 s)"));
  CHECK_FALSE(has(late.err, "this run"));
  exec(url, "drop table u; delete from headway.history where version = '2'");
  exec(url, "alter database " + value(url, "select current_database()") +
                " set deadlock_timeout = '30ms'");
  const Exit quick = headway({"upgrade"});
  CHECK(quick.code == 0);
  CHECK_FALSE(has(quick.err, "deadlock_timeout"));
}
