// Every command on a real database, whole outputs.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

namespace headway::testing {
namespace {

std::string fresh() { return TempCluster::shared().create_database(); }

const std::vector<std::pair<std::string, std::string>> kThree = {
    {"0001_create_metrics.sql", "create table metrics (id int primary key);\n"},
    {"0001_create_metrics.down.sql", "drop table metrics;\n"},
    {"0002_add_value.sql", "alter table metrics add value float8;\n"},
    {"0002_add_value.down.sql", "alter table metrics drop value;\n"},
    {"R__views.sql", "create or replace view v as select 1 as id;\n"}};

}  // namespace

TEST_CASE("up, look, down") {
  const std::string url = fresh();
  const MigrationsDir dir(kThree);
  const Headway headway{.url = url, .migrations = dir.path()};
  const auto golden = [&headway](const std::string& name, std::vector<std::string> args,
                                 int code = 0) {
    CAPTURE(name);
    const Exit exit = headway(std::move(args));
    INFO(exit.text());
    CHECK(exit.code == code);
    check_golden(name, exit.out);
  };

  golden("status-empty", {"status"});
  golden("status-empty-exit-code", {"status", "--exit-code", "--output=json"}, 30);
  golden("current-empty", {"current"});
  golden("plan", {"plan"});
  golden("plan-json", {"plan", "--output=json"});
  golden("plan-sql", {"plan", "--sql"});
  golden("plan-one", {"upgrade", "0001", "--dry-run", "--exit-code"}, 30);
  CHECK(value(url, "select to_regclass('headway.history') is null") == "t");

  golden("upgrade-one", {"upgrade", "+1"});
  golden("status-behind", {"status"});
  golden("current-behind", {"current"});
  golden("upgrade", {"up"});
  golden("upgrade-again", {"upgrade"});
  golden("upgrade-again-json", {"upgrade", "--output=json"});
  golden("status", {"status", "--exit-code"});
  golden("status-json", {"status", "--output=json"});
  golden("current", {"current"});
  golden("current-json", {"current", "--output=json"});
  golden("history", {"history"});
  golden("history-verbose", {"history", "--verbose"});
  golden("history-json", {"history", "--output=json"});
  golden("check", {"check"});
  golden("plan-nothing", {"plan", "--exit-code"});

  golden("redo", {"redo", "--yes"});
  golden("downgrade", {"downgrade", "-1", "--yes"});
  golden("downgrade-base-json", {"downgrade", "base", "--yes", "--output=json"});
  CHECK(value(url, "select to_regclass('metrics') is null") == "t");
}

TEST_CASE("stamp records and runs nothing") {
  const std::string url = fresh();
  const MigrationsDir dir(kThree);
  const Headway headway{.url = url, .migrations = dir.path()};
  check_golden("stamp", headway({"stamp", "0002"}).out);
  CHECK(value(url, "select to_regclass('metrics') is null") == "t");
  check_golden("history-stamped", headway({"history"}).out);
  CHECK(headway({"stamp", "0009"}).code == 2);
}

TEST_CASE("the last run is taken back as one") {
  const std::string url = fresh();
  const MigrationsDir dir(kThree);
  const Headway headway{.url = url, .migrations = dir.path()};
  CHECK(headway({"upgrade", "0001"}).code == 0);
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(headway({"downgrade", "--last-run", "--yes"}).code == 0);
  CHECK(headway({"current"}).out == "0001 create_metrics\n");
}

TEST_CASE("init makes the tables once, and readers may read them") {
  const std::string url = fresh();
  const std::string role = unique_name("reader");
  exec(url, "create role " + role);
  const Headway headway{.url = url, .migrations = ""};
  CHECK(headway({"init", "--history-readers", role}).out ==
        "Made headway.history and what belongs to it.\n");
  CHECK(headway({"init"}).out == "headway.history and what belongs to it are there.\n");
  CHECK(value(url, "select has_table_privilege('" + role + "', 'headway.history', 'select')") ==
        "t");
}

TEST_CASE("the script of init --sql makes what init makes") {
  const std::string by_script = fresh();
  const std::string by_command = fresh();
  const Headway headway{.url = by_command, .migrations = ""};
  exec(by_script, headway({"init", "--sql"}).out);
  CHECK(headway({"init"}).code == 0);
  CHECK(dump(by_script, {}) == dump(by_command, {}));
}

TEST_CASE("a merge that runs nothing stands in nobody's way back, its file there or not") {
  const std::string url = fresh();
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"},
                          {"0001_a.down.sql", "drop table a;\n"},
                          {"0002_b.sql", "-- headway: after=0001\ncreate table b ();\n"},
                          {"0002_b.down.sql", "drop table b;\n"},
                          {"0003_c.sql", "-- headway: after=0001\ncreate table c ();\n"},
                          {"0003_c.down.sql", "drop table c;\n"},
                          {"0004_merge.sql", "-- headway: after=0002,0003\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);
  const Exit down = headway({"downgrade", "base", "--yes"});
  INFO(down.text());
  CHECK(down.code == 0);
  CHECK(down.err.find("no statement") == std::string::npos);
  const Exit up = headway({"upgrade"});
  CHECK(up.code == 0);
  CHECK(up.err.find("0004_merge.sql: the file holds no statement") != std::string::npos);
  CHECK(up.err.find("no statement") == up.err.rfind("no statement"));
  dir.remove("0004_merge.sql");
  CHECK(headway({"downgrade", "-3", "--yes"}).code == 0);
  CHECK(headway({"current"}).out.find("0001") == 0);
  dir.write("0001_a.down.sql", "-- to be written\n");
  const Exit forgotten = headway({"downgrade", "base", "--yes"});
  CHECK(
      forgotten.err.find("0001_a.down.sql: the file holds no statement; taking the migration back "
                         "undoes nothing") != std::string::npos);
}

TEST_CASE("a way back that a repeatable stands in names it, and the repeatable comes back") {
  const std::string url = fresh();
  const MigrationsDir dir{
      {"0001_a.sql", "create table a (i int);\n"},
      {"0001_a.down.sql", "drop table a;\n"},
      {"R__sums.sql", "create or replace view sums as select sum(i) from a;\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);
  const Exit refused = headway({"downgrade", "base", "--yes", "--log-format=text"});
  CHECK(refused.code == 20);
  CHECK(refused.err.find("view sums depends on table a") != std::string::npos);
  CHECK(refused.err.find("next: Drop what depends on it first") != std::string::npos);

  dir.write("0001_a.down.sql", "drop view if exists sums;\ndrop table a;\n");
  CHECK(headway({"downgrade", "base", "--yes"}).code == 0);
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(value(url, "select to_regclass('sums')::text") == "sums");
  CHECK(headway({"redo", "--yes"}).code == 0);
  CHECK(value(url, "select to_regclass('sums')::text") == "sums");
}

TEST_CASE("repair says what it will do, and does it with --yes") {
  const std::string url = fresh();
  const MigrationsDir dir(kThree);
  const Headway headway{.url = url, .migrations = dir.path()};
  CHECK(headway({"upgrade"}).code == 0);
  check_golden("repair-nothing", headway({"repair"}).out);
  dir.write("0001_create_metrics.sql", "create table metrics (id int primary key); -- edited\n");
  CHECK(headway({"check"}).code == 22);
  check_golden("repair", headway({"repair"}).out);
  CHECK(headway({"check"}).code == 22);
  check_golden("repair-yes", headway({"repair", "--yes"}).out);
  CHECK(headway({"check"}).code == 0);
}

TEST_CASE("repair takes the user's word on a half-applied migration") {
  const std::string url = fresh();
  const MigrationsDir dir{
      {"0001_a.sql",
       "-- headway: transaction=none\ncreate table a (i int);\n"
       "insert into a values (1), (1);\ncreate unique index concurrently on a (i);\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit failed = headway({"upgrade", "--log-level=error", "--log-format=text"});
  INFO(failed.text());
  CHECK((failed.code == 20 || failed.code == 21));
  CHECK(headway({"status"}).out.find("Half applied") != std::string::npos);
  for (const char* flag : {"--yes", "--yes=false"}) {
    check_golden("repair-undecided", headway({"repair", flag}).out);
  }
  check_golden("repair-undecided-json", headway({"repair", "--yes", "--output=json"}).out);
  CHECK(headway({"repair", "--undone", "0001", "--done", "0001"}).code == 2);
  CHECK(headway({"repair", "--undone", "0001", "--statement-done", "0001"}).code == 2);
  const Exit said = headway({"repair", "--done", "0001"});
  CHECK(said.out.find("pass --yes") != std::string::npos);
  CHECK(headway({"status"}).out.find("Half applied") != std::string::npos);
  CHECK(headway({"repair", "--done", "0001", "--yes"}).code == 0);
  CHECK(headway({"check"}).code == 0);
}

TEST_CASE("what plan --sql prints is what upgrade does") {
  const std::string by_psql = fresh();
  const std::string by_headway = fresh();
  const MigrationsDir dir(kThree);
  const Headway headway{.url = by_headway, .migrations = dir.path()};
  exec(by_psql, headway({"plan", "--sql"}).out);
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(dump(by_psql) == dump(by_headway));
}

}  // namespace headway::testing
