// What can't run in a transaction block runs with transaction=none, on every version: newer servers
// also refuse it in a pipeline.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

TEST_CASE("statements that can't run in a transaction block run in a file without one") {
  TempCluster cluster({.settings = {{"allow_in_place_tablespaces", "on"}}});
  const std::string url = cluster.create_database();
  const MigrationsDir dir{
      {"1_tables.sql",
       "create table t (a int primary key, b text);\n"
       "insert into t select i, 'x' from generate_series(1, 100) as i;\n"
       "create table p (a int) partition by range (a);\n"
       "create table c partition of p for values from (1) to (10);\n"
       "create index pi on p (a);\n"
       "create type mood as enum ('sad');\n"
       "create procedure twice() language plpgsql as "
       "'begin insert into t values (101); commit; insert into t values (102); commit; end';\n"},
      {"2_everything.sql",
       "-- headway: transaction=none\n"
       "create index concurrently i on t (b);\n"
       "reindex table concurrently t;\n"
       "reindex (verbose) table p;\n"
       "reindex schema public;\n"
       "drop index concurrently i;\n"
       "vacuum (analyze) t;\n"
       "cluster t using t_pkey;\n"
       "cluster;\n"
       "alter table p detach partition c concurrently;\n"
       "alter type mood add value 'happy';\n"
       "create table moods as select 'happy'::mood as m;\n"
       "call twice();\n"
       "do $$ begin insert into t values (103); commit; end $$;\n"
       "create tablespace space location '';\n"
       "create database aside;\n"
       "alter database aside set tablespace space;\n"
       "drop database aside;\n"
       "drop tablespace space;\n"
       "alter system set log_min_duration_statement = '1h';\n"
       "alter system reset log_min_duration_statement;\n"}};
  const Headway headway{url, dir.path()};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  REQUIRE(exit.code == 0);
  CHECK(value(url, "select count(*) from t where a > 100") == "3");
  CHECK(value(url, "select array_length(journal, 1) from headway.history where version = '2'") ==
        "20");
  CHECK(value(url, "select not relispartition from pg_class where relname = 'c'") == "t");
  CHECK(headway({"check"}).code == 0);
}
