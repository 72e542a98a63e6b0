#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/await.hpp"
#include "support/migrations_dir.hpp"
#include "support/pgbouncer.hpp"
#include "support/process.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;
using std::chrono::milliseconds;

TEST_CASE("a child's exit code, output and input are its own") {
  const Exit exit = run({.args = {"sh", "-c", "cat; echo err >&2; exit 3"}, .input = "hello"});
  CHECK(exit.code == 3);
  CHECK(exit.signal == 0);
  CHECK(exit.out == "hello");
  CHECK(exit.err == "err\n");
  CHECK(exit.peak_rss_kib() > 0);
}

TEST_CASE("a child writes more than a pipe holds without blocking") {
  const Exit exit = run({.args = {"sh", "-c", "head -c 3000000 /dev/zero"}});
  CHECK(exit.code == 0);
  CHECK(exit.out.size() == 3'000'000);
}

TEST_CASE("a child sees a clean environment") {
  setenv("HEADWAY_LEAKED", "1", 1);
  const std::string clean = run({.args = {"env"}, .environment = {{"GIVEN", "2"}}}).out;
  CHECK(clean.find("HEADWAY_LEAKED") == std::string::npos);
  CHECK(clean.find("GIVEN=2\n") != std::string::npos);
  const std::string inherited = run({.args = {"env"}, .inherit_environment = true}).out;
  CHECK(inherited.find("HEADWAY_LEAKED=1\n") != std::string::npos);
  unsetenv("HEADWAY_LEAKED");
}

TEST_CASE("a child that takes too long is killed with its own children") {
  const Exit exit =
      run({.args = {"sh", "-c", "sleep 100 & sleep 100"}, .timeout = milliseconds{50}});
  CHECK(exit.timed_out);
  CHECK(exit.signal == SIGKILL);
}

TEST_CASE("a program that is not there is an exception") {
  CHECK_THROWS_WITH_AS(run({.args = {"/no/such/program"}}),
                       "cannot start /no/such/program: No such file or directory",
                       std::runtime_error);
}

TEST_CASE("a background process is awaited, signalled and reaped") {
  Process process(
      {.args = {"sh", "-c",
                "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.01; done"}});
  process.wait_for_output("ready");
  CHECK(process.running());
  const Exit exit = process.stop(SIGTERM);
  CHECK(exit.code == 4);
  CHECK(exit.out == "ready\nbye\n");
  CHECK_FALSE(process.running());
  CHECK_THROWS_AS(process.wait_for_output("never"), std::runtime_error);
}

TEST_CASE("a destroyed process is gone") {
  pid_t pid = 0;
  {
    const Process process({.args = {"sleep", "100"}});
    pid = process.pid();
    CHECK(kill(pid, 0) == 0);
  }
  CHECK(kill(pid, 0) != 0);
}

TEST_CASE("a child runs as the user asked for when we are root") {
  if (geteuid() != 0) return;
  CHECK(run({.args = {"id", "-un"}, .user = "postgres"}).out == "postgres\n");
}

TEST_CASE("a temp dir is readable by others and gone afterwards") {
  std::filesystem::path path;
  {
    const TempDir dir;
    path = dir.path();
    struct stat info {};
    REQUIRE(stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0755U);
    CHECK(read_file(dir.write("a/b.txt", "text")) == "text");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("awaiting in vain names the condition") {
  CHECK_THROWS_WITH_AS(await(
                           "the sky falls", [] { return false; }, milliseconds{5}),
                       "awaited in vain: the sky falls", std::runtime_error);
  int calls = 0;
  await("three calls", [&] { return ++calls == 3; });
  CHECK(calls == 3);
}

TEST_CASE("every database is new") {
  const std::string one = TempCluster::shared().create_database();
  const std::string two = TempCluster::shared().create_database();
  CHECK(one != two);
  exec(one, "create table t (a int, b text); insert into t values (1, null), (2, 'x')");
  CHECK(rows(one, "select * from t order by a") == Rows{{"1", std::string(kNull)}, {"2", "x"}});
  CHECK(value(one, "select count(*) from t") == "2");
  CHECK(value(two, "select to_regclass('t')") == kNull);
}

TEST_CASE("an SQL error carries its SQLSTATE") {
  const std::string url = TempCluster::shared().create_database();
  try {
    exec(url, "select 1/0");
    FAIL("must throw");
  } catch (const SqlError& error) {
    CHECK(error.sqlstate() == "22012");
  }
}

TEST_CASE("a session can wait while the test goes on") {
  const std::string url = TempCluster::shared().create_database();
  SqlSession holder(url);
  SqlSession waiter(url);
  holder.exec("select pg_advisory_lock(1)");
  waiter.send("select pg_advisory_lock(1), 7");
  await("the waiter waits", [&] {
    return value(url,
                 "select count(*) from pg_locks where locktype = 'advisory' and not granted and "
                 "pid = " +
                     std::to_string(waiter.backend_pid())) == "1";
  });
  holder.exec("select pg_advisory_unlock(1)");
  CHECK(waiter.receive()[0][1] == "7");
}

TEST_CASE("a dump is the same for the same schema and tells differences") {
  const std::string one = TempCluster::shared().create_database();
  const std::string two = TempCluster::shared().create_database();
  for (const auto& url : {one, two}) {
    exec(url,
         "create table t (a int primary key); create schema headway; create table headway.history "
         "()");
  }
  CHECK(dump(one) == dump(two));
  CHECK(dump(one).find("CREATE TABLE public.t") != std::string::npos);
  CHECK(dump(one).find("headway") == std::string::npos);
  CHECK(dump(one, {}).find("headway") != std::string::npos);
  exec(two, "alter table t add b text");
  CHECK(dump(one) != dump(two));
}

TEST_CASE("a cluster listens on TCP with a password, restarts and crashes") {
  TempCluster cluster(
      {.tcp = true, .password = "p@ss:w/rd", .settings = {{"max_connections", "7"}}});
  CHECK(value(cluster.tcp_url(), "show max_connections") == "7");
  CHECK_FALSE(can_connect(
      "postgresql://postgres:wrong@127.0.0.1:" + std::to_string(cluster.port()) + "/postgres"));
  cluster.configure("work_mem", "1MB");
  cluster.restart();
  CHECK(value(cluster.url(), "show work_mem") == "1MB");
  SqlSession busy(cluster.url());
  busy.send("select pg_sleep(100)");
  cluster.crash();
  CHECK_FALSE(cluster.running());
  CHECK_FALSE(can_connect(cluster.url()));
  cluster.start();
  CHECK(can_connect(cluster.tcp_url()));
}

TEST_CASE("PgBouncer stands between, in each mode") {
  if (!Pgbouncer::available()) return;
  TempCluster cluster;
  exec(cluster.url(), "create role someone login");
  const std::string direct = cluster.create_database();
  for (const PoolMode mode : {PoolMode::Session, PoolMode::Transaction, PoolMode::Statement}) {
    const Pgbouncer pooler(cluster, mode);
    SqlSession session(pooler.through(direct));
    CHECK(session.value("select current_database()") == value(direct, "select current_database()"));
    CHECK(session.value("select pg_backend_pid()") != std::to_string(session.backend_pid()));
    CHECK(value(pooler.url("postgres", "someone"), "select current_user") == "someone");
  }
}

TEST_CASE("a migrations directory holds what was written") {
  const MigrationsDir dir{{"0001_a.sql", "select 1;"}, {"0002_b.sql", "select 2;"}};
  CHECK(read_file(dir.path() + "/0002_b.sql") == "select 2;");
  dir.remove("0001_a.sql");
  CHECK_FALSE(std::filesystem::exists(dir.path() + "/0001_a.sql"));
}
