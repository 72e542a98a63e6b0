// Every exit code of the design's section 8, provoked from outside.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

namespace headway::testing {
namespace {

std::string fresh() { return TempCluster::shared().create_database(); }

const std::vector<std::pair<std::string, std::string>> kTwo = {
    {"0001_a.sql", "create table a ();\n"},
    {"0001_a.down.sql", "drop table a;\n"},
    {"0002_b.sql", "create table b ();\n"},
    {"0002_b.down.sql", "drop table b;\n"}};

constexpr const char* kTakeLock =
    "select pg_advisory_lock(1212438361, ('x' || encode(substr(sha256('headway.history'), 1, 4), "
    "'hex'))::bit(32)::int)";

/// The three lines at the end of standard error name the id and what to do.
void check_error(const Exit& exit, int code, const std::string& id) {
  INFO(exit.text());
  CHECK(exit.code == code);
  CHECK(exit.err.find("\"error_id\":\"" + id + "\"") != std::string::npos);
  CHECK(exit.err.find("\"why\":\"") != std::string::npos);
  CHECK(exit.err.find("\"next\":\"") != std::string::npos);
}

}  // namespace

TEST_CASE("0: done, and nothing to do") {
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(headway({"upgrade"}).code == 0);
}

TEST_CASE("2: a source with a mistake") {
  const MigrationsDir dir{{"0001_a.sql", "select 'open;\n"}};
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  check_error(headway({"upgrade"}), 2, "unterminated-quote");
}

TEST_CASE("10: the database can't be reached in its budget") {
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = "postgresql://u@/d?host=/nonexistent", .migrations = dir.path()};
  const Exit exit = headway({"upgrade", "--connect-timeout=300ms"});
  check_error(exit, 10, "unreachable");
  CHECK(headway({"status", "--connect-timeout=0"}).code == 10);
}

TEST_CASE("11: another process holds the lock past the budget") {
  const std::string url = fresh();
  const MigrationsDir dir(kTwo);
  SqlSession holder(url);
  holder.exec(kTakeLock);
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit exit = headway({"upgrade", "--lock-wait=400ms"});
  check_error(exit, 11, "lock-busy");
  CHECK(exit.err.find("pid " + std::to_string(holder.backend_pid())) != std::string::npos);
  CHECK(value(url, "select to_regclass('a') is null") == "t");
}

TEST_CASE("12: a migration gives way to other sessions") {
  const std::string url = fresh();
  const MigrationsDir dir{{"0001_a.sql", "alter table busy add column x int;\n"}};
  exec(url, "create table busy ()");
  SqlSession other(url);
  other.exec("begin; lock table busy");
  const Headway headway{.url = url, .migrations = dir.path()};
  check_error(headway({"upgrade", "--lock-timeout=50ms", "--lock-wait=200ms"}), 12, "lock-timeout");
}

TEST_CASE("13: a signal stops the run, and the next one goes on") {
  const std::string url = fresh();
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"},
                          {"0002_b.sql", "create table b ();\nselect pg_sleep(600);\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  Process process(headway.command({"upgrade"}));
  await("the migration sleeps", [&] {
    return value(url,
                 "select count(*) from pg_stat_activity where query like '%pg_sleep(600)%' "
                 "and wait_event = 'PgSleep'") == "1";
  });
  check_error(process.stop(SIGTERM), 13, "interrupted");
  CHECK(value(url, "select to_regclass('b') is null") == "t");
  dir.write("0002_b.sql", "create table b ();\n");
  CHECK(headway({"upgrade"}).code == 0);
}

TEST_CASE("20: a migration fails, those before it stay") {
  const std::string url = fresh();
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"},
                          {"0002_b.sql", "create table b ();\n\n  create table a ();\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit exit = headway({"upgrade"});
  check_error(exit, 20, "migration-failed");
  CHECK(exit.err.find("0002_b.sql:3:3: relation \\\"a\\\" already exists") != std::string::npos);
  CHECK(exit.err.find("SQLSTATE 42P07") != std::string::npos);
  CHECK(value(url, "select to_regclass('a') is not null and to_regclass('b') is null") == "t");
  const Exit json = headway({"upgrade", "--output=json"});
  CHECK(json.code == 20);
  check_golden("upgrade-failed-json", json.out);
  check_golden("status-failed", headway({"status"}).out);
}

TEST_CASE("22: a file was edited after it was applied") {
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);
  dir.write("0001_a.sql", "create table a (i int);\n");
  check_error(headway({"upgrade"}), 22, "checksum-mismatch");
  check_error(headway({"check"}), 22, "checksum-mismatch");
  CHECK(headway({"status"}).out.find("Edited after it was applied") != std::string::npos);
}

TEST_CASE("23: missing, out of order, ambiguous, ahead") {
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);

  const MigrationsDir missing{{"0002_b.sql", "create table b ();\n"}};
  const Headway without{.url = headway.url, .migrations = missing.path()};
  check_error(without({"upgrade"}), 23, "missing-file");

  const MigrationsDir ahead{{"0001_a.sql", "create table a ();\n"}};
  const Headway older{.url = headway.url, .migrations = ahead.path()};
  CHECK(older({"upgrade"}).code == 0);
  check_error(older({"upgrade", "--if-ahead=fail"}), 23, "database-ahead");

  const MigrationsDir late(kTwo);
  late.write("0003_c.sql", "-- headway: after=0001\nselect 1;\n");
  late.write("0004_d.sql", "-- headway: after=0001\nselect 1;\n");
  const Headway forked{.url = fresh(), .migrations = late.path()};
  check_error(forked({"upgrade"}), 23, "ambiguous-head");
  CHECK(forked({"upgrade", "heads"}).code == 0);

  const MigrationsDir gap{{"1_a.sql", "select 1;"}, {"3_c.sql", "select 3;"}};
  const Headway order{.url = fresh(), .migrations = gap.path()};
  CHECK(order({"upgrade"}).code == 0);
  gap.write("2_b.sql", "select 2;");
  check_error(order({"upgrade"}), 23, "out-of-order");
  CHECK(order({"upgrade", "--order=skip"}).code == 0);
  CHECK(order({"upgrade", "--order=any"}).code == 0);
}

TEST_CASE("24: credentials, database, rights") {
  const MigrationsDir dir(kTwo);
  const std::string url = fresh();
  const std::string role = unique_name("app");
  exec(url, "create role " + role + " login");
  const std::string database = value(url, "select current_database()");
  TempCluster& cluster = TempCluster::shared();
  const Headway weak{.url = cluster.url(database, role), .migrations = dir.path()};
  check_error(weak({"upgrade"}), 24, "permission-denied");
  const Headway nowhere{.url = cluster.url("no_such_database"), .migrations = dir.path()};
  check_error(nowhere({"upgrade", "--auth-retry=0"}), 24, "no-such-database");
  const Headway nobody{.url = cluster.url(database, "no_such_role"), .migrations = dir.path()};
  check_error(nobody({"upgrade", "--auth-retry=0"}), 24, "authentication-failed");
}

TEST_CASE("25: a history of a newer layout") {
  const std::string url = fresh();
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = url, .migrations = dir.path()};
  CHECK(headway({"upgrade", "0001"}).code == 0);
  const std::string column =
      value(url,
            "select attname from pg_attribute where attrelid = 'headway.layout'::regclass and "
            "attnum = (select min(attnum) from pg_attribute where attrelid = "
            "'headway.layout'::regclass and attnum > 0 and atttypid in ('int'::regtype, "
            "'bigint'::regtype, 'smallint'::regtype))");
  exec(url, "update headway.layout set " + column + " = 9999");
  check_error(headway({"upgrade"}), 25, "unsupported-layout");
}

TEST_CASE("26: irreversible, unconfirmed, a history that others may write") {
  const std::string url = fresh();
  const MigrationsDir dir{{"0001_a.sql", "-- headway: irreversible\ncreate table a ();\n"},
                          {"0002_b.sql", "create table b ();\n"},
                          {"0002_b.down.sql", "drop table b;\n"},
                          {"0003_c.sql", "create table c ();\n"},
                          {"0003_c.down.sql", "drop table c;\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);
  const Exit down = headway({"downgrade", "0001"});
  check_error(down, 26, "unconfirmed");
  CHECK(
      down.err.find("downgrading to 0001 in the environment production needs --yes; it would take "
                    "back 0003 c, 0002 b\"") != std::string::npos);
  const Exit redo = headway({"redo"});
  check_error(redo, 26, "unconfirmed");
  CHECK(redo.err.find("it would take back 0003 c\"") != std::string::npos);
  check_error(headway({"downgrade", "head"}), 26, "unconfirmed");
  check_error(headway({"downgrade", "base"}), 26, "irreversible");
  check_error(headway({"downgrade", "base", "--yes"}), 26, "irreversible");
  const Headway nowhere{.url = "postgresql://u@/d?host=/nonexistent", .migrations = dir.path()};
  const Exit unknown = nowhere({"downgrade", "base", "--connect-timeout=100ms"});
  check_error(unknown, 26, "unconfirmed");
  CHECK(unknown.err.find("needs --yes\"") != std::string::npos);
}

TEST_CASE("30: migrations are pending") {
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  const Exit exit = headway({"check"});
  check_error(exit, 30, "pending");
  CHECK(exit.err.find("2 migrations pending, the first is 0001 a") != std::string::npos);
  CHECK(headway({"status"}).code == 0);
  CHECK(headway({"status", "--exit-code"}).code == 30);
  CHECK(headway({"plan", "--exit-code"}).code == 30);
  CHECK(headway({"upgrade", "--dry-run", "--exit-code"}).code == 30);
  CHECK(headway({"upgrade", "--dry-run"}).code == 0);
}

TEST_CASE("a password in the URL is in no output") {
  const MigrationsDir dir(kTwo);
  const Headway headway{.url = "postgresql://u:hunter2secret@/d?host=/nonexistent",
                        .migrations = dir.path(),
                        .variables = {{"HEADWAY_LOG_LEVEL", "debug"}}};
  for (const char* output : {"--output=text", "--output=json"}) {
    const Exit exit = headway({"upgrade", "--connect-timeout=100ms", output});
    CHECK(exit.code == 10);
    CHECK((exit.out + exit.err).find("hunter2") == std::string::npos);
  }
  const Headway bad{.url = "postgresql://u:hunter2secret@h:port/d", .migrations = dir.path()};
  const Exit exit = bad({"upgrade"});
  CHECK(exit.code == 2);
  CHECK((exit.out + exit.err).find("hunter2") == std::string::npos);
}

}  // namespace headway::testing
