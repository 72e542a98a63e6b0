// What can't run in a transaction survives anything: a run that follows looks at what is there,
// takes away what is half done, and goes on.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <string_view>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string none(const std::string& statements) {
  return "-- headway: transaction=none\n" + statements;
}

std::string with_table() {
  std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table t (a int, b int); insert into t select i, i from generate_series(1, 9) i");
  return url;
}

std::string indexes(const std::string& url) {
  return value(url,
               "select coalesce(string_agg(c.relname || case when i.indisvalid then '' else "
               "' invalid' end, ', ' order by c.relname), '') from pg_index i join pg_class c on "
               "c.oid = i.indexrelid where i.indrelid = 't'::regclass");
}

/// Holds up whoever waits for old transactions on t, until it is destroyed.
class OldTransaction {
 public:
  explicit OldTransaction(const std::string& url) : session_(url) {
    session_.exec("begin; lock table t in row exclusive mode");
  }
  void end() { session_.exec("commit"); }

 private:
  SqlSession session_;
};

std::string migrator(const std::string& url) {
  return value(url,
               "select coalesce(min(pid), 0) from pg_stat_activity where datname = "
               "current_database() and wait_event_type = 'Lock' and application_name like "
               "'headway%'");
}

/// Kills, or stops, the process while its statement waits for an old transaction.
void kill_while_waiting(const std::string& url, const Headway& headway, int signal = SIGKILL) {
  OldTransaction old(url);
  Process process(headway.command({"upgrade"}));
  await("the statement waits", [&] { return migrator(url) != "0"; });
  process.stop(signal);
  await("its backend has noticed", [&] { return migrator(url) == "0"; });
  old.end();
}

void check_upgrades(const Headway& headway, std::string_view told) {
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, told));
  CHECK(headway({"check"}).code == 0);
}

}  // namespace

TEST_CASE("an index build that fails leaves no invalid index behind") {
  const std::string url = with_table();
  exec(url, "insert into t values (1, 1)");
  const MigrationsDir dir{{"1_i.sql", none("create unique index concurrently i on t (a);")}};
  const Headway headway{url, dir.path()};
  const Exit failed = headway({"upgrade"});
  INFO(failed.text());
  CHECK(failed.code == 20);
  CHECK(has(failed.err, "the invalid index public.i that the failed statement left behind"));
  CHECK(indexes(url).empty());
  exec(url, "delete from t where ctid = (select max(ctid) from t)");
  check_upgrades(headway, "migration_applied");
  CHECK(indexes(url) == "i");
}

TEST_CASE(
    "after kill -9 in the middle the invalid index is built again, which IF NOT EXISTS hides") {
  const std::string url = with_table();
  const MigrationsDir dir{
      {"1_i.sql", none("create index concurrently if not exists i on t (a) where b > 0;\n"
                       "create index concurrently if not exists j on t (b);")}};
  const Headway headway{url, dir.path()};
  kill_while_waiting(url, headway);
  CHECK(indexes(url) == "i invalid");
  check_upgrades(headway, "statement 1 of 2 had not ended; taking away the invalid index public.i");
  CHECK(indexes(url) == "i, j");
}

TEST_CASE("after its backend was terminated the same process goes on") {
  const std::string url = with_table();
  const MigrationsDir dir{{"1_i.sql", none("create index concurrently i on t (a);")}};
  OldTransaction old(url);
  Process process(Headway{url, dir.path()}.command({"upgrade"}));
  await("the statement waits", [&] { return migrator(url) != "0"; });
  exec(url, "select pg_terminate_backend(" + migrator(url) + ")");
  process.wait_for_output("connection_lost");
  old.end();
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(indexes(url) == "i");
}

TEST_CASE("a statement that had taken effect is not run again") {
  const std::string url = with_table();
  const MigrationsDir dir{{"1_i.sql", none("create index concurrently i on t (a);\n"
                                           "create table last ();")}};
  const Headway headway{url, dir.path()};
  kill_while_waiting(url, headway);
  exec(url, "drop index i");
  exec(url, "create index i on t (a)");
  const std::string before = value(url, "select 'i'::regclass::oid");
  check_upgrades(headway, "statement 1 of 2 had taken effect");
  CHECK(value(url, "select 'i'::regclass::oid") == before);
}

TEST_CASE("an invalid index that is not the statement's is told, not touched") {
  const std::string url = with_table();
  const MigrationsDir dir{{"1_i.sql", none("create index concurrently if not exists i on t (b);")}};
  // Somebody else's attempt at another index of that name.
  {
    OldTransaction old(url);
    SqlSession other(with_parameter(url, "application_name", "headway of another kind"));
    other.send("create index concurrently i on t (a)");
    await("it waits", [&] { return migrator(url) != "0"; });
    exec(url, "select pg_cancel_backend(" + migrator(url) + ")");
    CHECK_THROWS_AS(other.receive(), SqlError);
    old.end();
  }
  REQUIRE(indexes(url) == "i invalid");
  const Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 20);
  CHECK(has(exit.err, "the index public.i is invalid, and defined in another way"));
  CHECK(indexes(url) == "i invalid");
}

TEST_CASE("what REINDEX CONCURRENTLY left behind goes, and it is done again") {
  const std::string url = with_table();
  exec(url, "create index i on t (a)");
  const MigrationsDir dir{{"1_r.sql", none("reindex table concurrently t;")}};
  const Headway headway{url, dir.path()};
  kill_while_waiting(url, headway);
  CHECK(indexes(url) == "i, i_ccnew invalid");
  check_upgrades(headway, "taking away the invalid index public.i_ccnew");
  CHECK(indexes(url) == "i");
}

TEST_CASE("a partition whose detaching is pending is detached for good") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table t (a int) partition by range (a); "
       "create table c partition of t for values from (1) to (9)");
  const MigrationsDir dir{{"1_d.sql", none("alter table t detach partition c concurrently;")}};
  const Headway headway{url, dir.path()};
  kill_while_waiting(url, headway);
  REQUIRE(value(url, "select inhdetachpending from pg_inherits") == "t");
  check_upgrades(headway, "finishing the detaching of c");
  CHECK(value(url, "select count(*) from pg_inherits") == "0");
}

TEST_CASE("what a stopped run left behind is taken away or finished by the next one") {
  const std::string url = with_table();
  exec(url,
       "create index i on t (a); create table p (a int) partition by range (a); create table c "
       "partition of p for values from (1) to (9)");
  const MigrationsDir reindex{{"1_r.sql", none("reindex table concurrently t;")}};
  const Headway headway{url, reindex.path()};
  kill_while_waiting(url, headway, SIGTERM);
  CHECK(indexes(url) == "i, i_ccnew invalid");
  check_upgrades(headway, "an earlier attempt left the invalid index public.i_ccnew");
  CHECK(indexes(url) == "i");
  const MigrationsDir detach{{"1_r.sql", none("reindex table concurrently t;")},
                             {"2_d.sql", none("alter table p detach partition c concurrently;")}};
  const Headway further{url, detach.path()};
  SqlSession old(url);
  old.exec("begin; select * from p");
  Process process(further.command({"upgrade"}));
  await("the statement waits", [&] { return migrator(url) != "0"; });
  CHECK(process.stop(SIGTERM).code == 13);
  old.exec("commit");
  REQUIRE(value(url, "select inhdetachpending from pg_inherits") == "t");
  check_upgrades(further,
                 "an earlier attempt left the detaching of c, which is pending: it is finished");
  CHECK(value(url, "select count(*) from pg_inherits") == "0");
}

TEST_CASE("an index that was being dropped is dropped") {
  const std::string url = with_table();
  exec(url, "create index i on t (a)");
  const MigrationsDir dir{{"1_d.sql", none("drop index concurrently i;\ncreate table last ();")}};
  const Headway headway{url, dir.path()};
  kill_while_waiting(url, headway);
  check_upgrades(headway, "migration_applied");
  CHECK(indexes(url).empty());
}

TEST_CASE("what nothing in the catalogue tells still asks for a decision") {
  const std::string url = with_table();
  exec(url,
       "create procedure p() language plpgsql as "
       "'begin update t set b = 1; commit; lock table t in access exclusive mode; end'");
  const MigrationsDir dir{{"1_p.sql", none("call p();")}};
  const Headway headway{url, dir.path()};
  {
    SqlSession old(url);
    old.exec("begin; select * from t");
    Process process(headway.command({"upgrade", "--lock-timeout=0"}));
    await("the statement waits", [&] { return migrator(url) != "0"; });
    process.stop(SIGKILL);
    await("its backend has noticed", [&] { return migrator(url) == "0"; });
    old.exec("commit");
  }
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 21);
  CHECK(has(exit.err, "can't be told"));
  CHECK(has(exit.err, "headway repair --statement-done 1"));
  // Whoever has looked decides, and the next upgrade goes on behind it.
  exec(url, "drop procedure p");
  CHECK(headway({"repair", "--statement-done", "1"}).code == 0);
  CHECK(headway({"upgrade"}).code == 21);
  CHECK(headway({"repair", "--statement-done", "1", "--yes"}).code == 0);
  const Exit next = headway({"upgrade"});
  INFO(next.text());
  CHECK(next.code == 0);
}
