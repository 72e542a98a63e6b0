// A dry run that runs: in a scratch database that is gone afterwards, however it ends.
#include <doctest/doctest.h>

#include <string>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

std::string scratch_pattern(const std::string& url) {
  return "'^headway_scratch_" +
         value(url, "select oid from pg_database where datname = current_database()") + "_'";
}

std::string scratch_databases(const std::string& url) {
  return value(url, "select count(*) from pg_database where datname ~ " + scratch_pattern(url));
}

struct Live {
  Live() : url(TempCluster::shared().create_database()) {
    const MigrationsDir applied({{"0001_users.sql", kUsers}});
    const Exit exit = Headway{.url = url, .migrations = applied.path()}({"upgrade"});
    REQUIRE_MESSAGE(exit.code == 0, exit.text());
    exec(url, "insert into users select g, 'u' from generate_series(1, 1000) as g; analyze users");
  }
  static constexpr const char* kUsers =
      "create table users (id int primary key, name text);\n"
      "create table posts (id int primary key, author int);\n"
      "insert into users values (0, 'root');\n"
      // An index over it takes as long as it says, so that it can be looked at meanwhile; what the
      // live table got later it passes by.
      "create function slow(name text) returns text immutable language plpgsql as $$ begin\n"
      "if name = 'x' then perform pg_sleep(0.5); end if; return name; end $$;\n";
  std::string url;
};

}  // namespace

TEST_CASE("plan --execute tells what the statements really did, and leaves nothing behind") {
  const Live live;
  const MigrationsDir dir(
      {{"0001_users.sql", Live::kUsers},
       {"0002_change.sql",
        "alter table users alter column id type bigint;\n"
        "alter table posts add constraint author foreign key (author) references users (id);\n"
        "create table fresh (id int);\nlock table fresh;\n"
        "update users set name = 'x' where id = 0;\n"
        "alter table users add constraint positive check (id >= 0);\n"
        "drop table posts;\n"},
       {"0003_index.sql",
        "-- headway: transaction=none\ncreate index concurrently users_name on users "
        "(slow(name));\n"}});
  const Headway headway{.url = live.url, .migrations = dir.path()};
  const std::string before = dump_with_data(live.url, {});
  const Exit text = headway({"plan", "--execute"});
  INFO(text.text());
  CHECK(text.code == 0);
  check_golden("plan-execute", text.out);
  check_golden("plan-execute-json", headway({"plan", "--execute", "--output=json"}).out);
  CHECK(headway({"plan", "--execute", "--exit-code"}).code == 30);
  CHECK(scratch_databases(live.url) == "0");
  CHECK(dump_with_data(live.url, {}) == before);
  REQUIRE(headway({"upgrade"}).code == 0);
  const Exit nothing = headway({"plan", "--execute"});
  CHECK(nothing.code == 0);
}

TEST_CASE("a migration that would fail fails the dry run with its place and exit code") {
  const Live live;
  const MigrationsDir dir({{"0001_users.sql", Live::kUsers},
                           {"0002_bad.sql", "select 1;\nalter table users drop column nope;\n"}});
  const Headway headway{.url = live.url, .migrations = dir.path()};
  const Exit text = headway({"plan", "--execute"});
  INFO(text.text());
  CHECK(text.code == 20);
  CHECK(text.err.find("0002_bad.sql") != std::string::npos);
  CHECK(text.err.find("\"line\":2") != std::string::npos);
  const Exit json = headway({"plan", "--execute", "--output=json"});
  CHECK(json.code == 20);
  CHECK(json.out.find(R"("sqlstate":"42703")") != std::string::npos);
  CHECK(json.out.find(R"("failed":true)") != std::string::npos);
  CHECK(scratch_databases(live.url) == "0");
}

TEST_CASE("a signal ends a dry run, and the scratch database with it") {
  const Live live;
  const MigrationsDir dir(
      {{"0001_users.sql", Live::kUsers}, {"0002_slow.sql", "select pg_sleep(600);\n"}});
  Process process(
      Headway{.url = live.url, .migrations = dir.path()}.command({"plan", "--execute"}));
  await("the slow statement runs in the scratch database", [&] {
    return value(live.url,
                 "select count(*) from pg_stat_activity where state = 'active' and wait_event = "
                 "'PgSleep' and datname ~ " +
                     scratch_pattern(live.url)) == "1";
  });
  const Exit exit = process.stop();
  INFO(exit.text());
  CHECK(exit.code == 13);
  CHECK(scratch_databases(live.url) == "0");
}

TEST_CASE("what a killed dry run left behind is dropped by the next one") {
  const Live live;
  const MigrationsDir slow(
      {{"0001_users.sql", Live::kUsers}, {"0002_slow.sql", "select pg_sleep(600);\n"}});
  Process process(
      Headway{.url = live.url, .migrations = slow.path()}.command({"plan", "--execute"}));
  const std::string sleeps =
      "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname ~ " +
      scratch_pattern(live.url);
  await("the slow statement runs", [&] { return value(live.url, sleeps) == "1"; });
  const MigrationsDir quick({{"0001_users.sql", Live::kUsers}, {"0002_quick.sql", "select 1;"}});
  const Headway next{.url = live.url, .migrations = quick.path()};
  CHECK(next({"plan", "--execute"}).code == 0);
  CHECK(scratch_databases(live.url) == "1");  // it is in use
  process.stop(SIGKILL);
  Exit exit;
  await("its lock is free", [&] {
    exit = next({"plan", "--execute"});
    return scratch_databases(live.url) == "0";
  });
  CHECK(exit.code == 0);
  CHECK(exit.err.find("left behind") != std::string::npos);
}

TEST_CASE("--scratch-url takes an empty database, and leaves it") {
  const Live live;
  const MigrationsDir dir({{"0001_users.sql", Live::kUsers},
                           {"0002_more.sql", "alter table users add column more int;"}});
  const Headway headway{.url = live.url, .migrations = dir.path()};
  const std::string scratch = TempCluster::shared().create_database();
  const Exit exit = headway({"plan", "--execute", "--scratch-url=" + scratch});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(scratch, "select count(*) from headway.history") == "3");
  const Exit again = headway({"plan", "--execute", "--scratch-url=" + scratch});
  CHECK(again.code == 2);
  CHECK(again.err.find("not empty") != std::string::npos);
  const std::string empty = TempCluster::shared().create_database();
  const Exit same = Headway{
      .url = empty, .migrations = dir.path()}({"plan", "--execute", "--scratch-url=" + empty});
  CHECK(same.code == 2);
  CHECK(headway({"plan", "--scratch-url=" + empty}).code == 2);
  CHECK(value(empty, "select to_regnamespace('headway') is null") == "t");
}

TEST_CASE("the scratch database has the settings of the live one, and is the role's") {
  const Live live;
  const std::string role = unique_name("role");
  exec(live.url, "create role " + role + "; grant all on schema public, headway to " + role +
                     "; grant all on all tables in schema headway to " + role +
                     "; alter database " + database_of(live.url) + " set my.flag = 'a, \"b\"'");
  const MigrationsDir dir(
      {{"0001_users.sql", Live::kUsers},
       {"0002_look.sql",
        "select 1 / (current_setting('my.flag') = 'a, \"b\"' and current_user = '" + role +
            "')::int;\ncreate table more (id int);\n"}});
  const Exit exit =
      Headway{.url = live.url, .migrations = dir.path()}({"plan", "--execute", "--role=" + role});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(scratch_databases(live.url) == "0");
}

TEST_CASE("what keeps a dry run from its scratch database is named") {
  const Live live;
  const MigrationsDir dir({{"0002_more.sql", "select 1;"}});
  const Exit missing =
      Headway{.url = live.url, .migrations = dir.path()}({"plan", "--execute", "--order=any"});
  INFO(missing.text());
  CHECK(missing.code == 23);
  const std::string role = unique_name("role");
  exec(live.url, "create role " + role + " login; grant usage on schema headway to " + role +
                     "; grant select on all tables in schema headway to " + role);
  const MigrationsDir more({{"0001_users.sql", Live::kUsers}, {"0002_more.sql", "select 1;"}});
  const Exit denied = Headway{.url = TempCluster::shared().url(database_of(live.url), role),
                              .migrations = more.path()}({"plan", "--execute"});
  INFO(denied.text());
  CHECK(denied.code == 24);
  CHECK(denied.err.find("CREATEDB") != std::string::npos);
  CHECK(scratch_databases(live.url) == "0");
}
