#include "sql/outlives_rollback.hpp"

#include <doctest/doctest.h>

#include <string>

using headway::sql::outlives_rollback;

TEST_CASE("what ends a transaction outlives a rollback, however it is written") {
  for (const char* const sql : {"COMMIT",
                                "commit work",
                                "  /* a /* b */ */ End",
                                "--x\rcommit",
                                "-- x\n\tCOMMIT AND CHAIN",
                                "rollback",
                                "ROLLBACK AND CHAIN",
                                "rollback prepared 'x'",
                                "abort",
                                "begin",
                                "start transaction",
                                "prepare transaction 'gid'",
                                "PREPARE /**/ TRANSACTION 'gid'",
                                "commit prepared 'gid'",
                                "(commit",
                                ";commit",
                                "\\g",
                                "\"commit\"",
                                "'x'",
                                "vacuum",
                                "1",
                                "checkpoint",
                                "frobnicate"}) {
    CAPTURE(sql);
    CHECK(outlives_rollback(sql));
  }
}

TEST_CASE("what a rollback undoes is let through") {
  for (const char* const sql : {"",
                                " -- commit\n",
                                "create table t (id int)",
                                "(select 1) union select 2",
                                "with x as (select 1) select * from x",
                                "savepoint commit",
                                "release savepoint a",
                                "rollback to savepoint a",
                                "rollback work to a",
                                "prepare p as select 1",
                                "prepare p (int) as select $1",
                                "do $$ begin commit; end $$",
                                "call p()",
                                "insert into t values ('commit')",
                                "copy t from stdin",
                                "copy (select 1) to stdout",
                                "copy t (\"to\") to stdout",
                                "alter table t add column b int -- setval",
                                "select nextval('s')",
                                "create extension dblink",
                                "drop extension if exists dblink",
                                "set constraints all immediate",
                                "merge into t using u on true"}) {
    CAPTURE(sql);
    CHECK_FALSE(outlives_rollback(sql));
  }
}

TEST_CASE("a function whose effect does not wait for COMMIT counts wherever its name stands") {
  for (const char* const sql :
       {"select setval('s', 1)",
        "SELECT pg_catalog.SetVal('s', 1)",
        "select \"setval\"('s', 1)",
        "do $$ begin perform setval('s', 1); end $$",
        "do 'begin perform setval(1); end'",
        "select dblink_exec('', 'drop table t')",
        "select * from dblink('', '') as t (a int)",
        "select pg_advisory_unlock_all()",
        "select run_command_on_workers('drop table t')",
        "select lo_export(1, '/tmp/x')",
        "select pg_terminate_backend(1)",
        "copy t to '/tmp/x'",
        "copy t to program 'x'",
        "copy t from program 'x'",
        "copy (select 1) to $$/tmp/x$$",
        "create function f() returns void language sql as $$ select setval('s', 1) $$",
        "select U&\"setva\\006c\"('s', 1)",
        "select u&\"setva!006c\" uescape '!' ('s', 1)",
        "select pg_stat_statements_reset()",
        "select pg_replication_origin_advance('o', '0/1')"}) {
    CAPTURE(sql);
    CHECK(outlives_rollback(sql));
  }
  CHECK(outlives_rollback("select setval('s', 1)") == "names setval, which no rollback undoes");
  CHECK_FALSE(outlives_rollback("select 1 -- setval\n /* dblink */"));
}
