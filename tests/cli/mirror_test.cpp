// --mirror-history: the other tool's table says what Headway has done, whatever ends the run.
// tests/interop asks the real tools.
#include <doctest/doctest.h>

#include <string>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string goose(const std::string& up, const std::string& down = "SELECT 1;") {
  return "-- +goose Up\n" + up + "\n-- +goose Down\n" + down + "\n";
}

MigrationsDir three() {
  return MigrationsDir{
      {"1_a.sql", goose("CREATE TABLE a ();", "DROP TABLE a;")},
      {"2_b.sql", goose("CREATE TABLE b ();", "DROP TABLE b;")},
      {"3_i.sql", "-- +goose NO TRANSACTION\n" + goose("CREATE TABLE c (id int);\n"
                                                       "CREATE INDEX CONCURRENTLY i ON c (id);",
                                                       "DROP TABLE c;")}};
}

std::string versions(const std::string& url, const std::string& table = "goose_db_version") {
  return value(url,
               "select coalesce(string_agg(version_id::text, ' ' order by version_id), '') "
               "from " +
                   table);
}

std::string own(const std::string& url) {
  return value(url,
               "select coalesce(string_agg(version, ' ' order by version), '') from "
               "headway.history where version <> 'base' and state = 'applied'");
}

}  // namespace

TEST_CASE("what is done, and what is taken back, stands in both histories") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir = three();
  const Headway headway{url, dir.path(), {{"HEADWAY_MIRROR_HISTORY", "true"}}};
  const Exit up = headway({"upgrade", "2"});
  INFO(up.text());
  REQUIRE(up.code == 0);
  CHECK(versions(url) == "0 1 2");
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(versions(url) == "0 1 2 3");
  const Exit again = headway({"upgrade"});
  CHECK(again.code == 0);
  CHECK_FALSE(has(again.err, "foreign-rows"));
  CHECK(headway({"downgrade", "1", "--yes"}).code == 0);
  CHECK(versions(url) == "0 1");
  CHECK(headway({"stamp", "3"}).code == 0);
  CHECK(versions(url) == "0 1 2 3");
  CHECK(headway({"stamp", "base"}).code == 0);
  CHECK(versions(url) == "0");
}

TEST_CASE("in one transaction, and with a table that was there before") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create schema old; create table old.goose_db_version (id serial primary key, version_id "
       "bigint not null, is_applied boolean not null, tstamp timestamp default now()); insert into "
       "old.goose_db_version (version_id, is_applied) values (0, true), (1, true); create table a "
       "()");
  const MigrationsDir dir = three();
  const Headway headway{url, dir.path()};
  const std::string table = "--foreign-table=old.goose_db_version";
  const Exit exit = headway({"upgrade", "--mirror-history", "--transaction=each", table});
  INFO(exit.text());
  REQUIRE(exit.code == 0);
  CHECK(versions(url, "old.goose_db_version") == "0 1 2 3");
  CHECK(value(url, "select to_regclass('goose_db_version') is null") == "t");

  // What can't be told there is not done either.
  dir.write("4_d.sql", goose("CREATE TABLE d ();"));
  exec(url, "alter table old.goose_db_version add check (version_id < 4)");
  const Exit refused = headway({"upgrade", "--mirror-history", table});
  INFO(refused.text());
  CHECK(refused.code == 20);
  CHECK(has(refused.err, "old.goose_db_version"));
  CHECK(value(url, "select to_regclass('d') is null") == "t");
  CHECK(own(url) == "1 2 3");
}

TEST_CASE("whatever ends the run, both histories say the same") {
  const std::string url = TempCluster::shared().create_database();
  MigrationsDir dir{{"100_t.sql", goose("SELECT 1;")}};
  for (int i = 1; i <= 60; ++i) {
    dir.write(std::to_string(100 + i) + "_t.sql",
              goose("CREATE TABLE t" + std::to_string(i) + " (); SELECT pg_sleep(0.005);"));
  }
  const Headway headway{url, dir.path(), {{"HEADWAY_MIRROR_HISTORY", "true"}}};
  for (int round = 0; round < 5; ++round) {
    Process run(headway.command({"upgrade"}));
    const std::string wanted = std::to_string(100 + 10 * (round + 1));
    await("it is on its way", [&] {
      return value(url, "select to_regclass('headway.history') is not null") == "t" &&
             value(url,
                   "select count(*) > 0 from headway.history where version <> 'base' and "
                   "version >= '" +
                       wanted + "'") == "t";
    });
    run.stop(SIGKILL);
    await("its session has ended", [&] {
      return value(url,
                   "select count(*) from pg_stat_activity where datname = current_database() and "
                   "application_name like 'headway%'") == "0";
    });
    CHECK(versions(url) == "0 " + own(url));
  }
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(versions(url) == "0 " + own(url));
}

TEST_CASE("files of Headway's own have no other table") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir{{"1_a.sql", "CREATE TABLE a ();\n"}};
  const Headway headway{url, dir.path()};
  const Exit exit = headway({"upgrade", "--mirror-history"});
  CHECK(exit.code == 2);
  CHECK(has(exit.err, "no other tool's table is here"));
  CHECK(value(url, "select to_regclass('a') is null") == "t");
}
