#include "sql/facts.hpp"

#include <doctest/doctest.h>

#include <string>

using headway::sql::Control;
using headway::sql::facts_of;

namespace {

std::string command(std::string_view statement) { return facts_of(statement).command; }

void check_control(std::string_view statement, Control control, std::string_view modes = "") {
  CAPTURE(std::string(statement));
  const auto facts = facts_of(statement);
  CHECK(facts.control == control);
  CHECK(facts.transaction_modes == modes);
}

}  // namespace

TEST_CASE("the command is what a statement begins with, up to the object's name") {
  CHECK(command("select 1") == "SELECT");
  CHECK(command("/* x */ insert into t values (1)") == "INSERT");
  CHECK(command("((SELECT 1)) UNION SELECT 2") == "SELECT");
  CHECK(command("with a as (select 1) select * from a") == "WITH");
  CHECK(command("create unique index concurrently if not exists i on t (a)") ==
        "CREATE UNIQUE INDEX CONCURRENTLY");
  CHECK(command("CREATE INDEX \"concurrently\" ON t (a)") == "CREATE INDEX");
  CHECK(command("CREATE TABLE table_of_tables (index int)") == "CREATE TABLE");
  CHECK(command("CREATE OR REPLACE TEMP VIEW v AS SELECT 1") == "CREATE OR REPLACE TEMP VIEW");
  CHECK(command("CREATE OR REPLACE FUNCTION index() RETURNS int") == "CREATE OR REPLACE FUNCTION");
  CHECK(command("CREATE TEXT SEARCH CONFIGURATION c (COPY = x)") ==
        "CREATE TEXT SEARCH CONFIGURATION");
  CHECK(command("CREATE FOREIGN DATA WRAPPER w") == "CREATE FOREIGN DATA WRAPPER");
  CHECK(command("CREATE CONSTRAINT TRIGGER t AFTER INSERT ON x") == "CREATE CONSTRAINT TRIGGER");
  CHECK(command("COMMENT ON CONSTRAINT c ON t IS 'x'") == "COMMENT ON CONSTRAINT");
  CHECK(command("COMMENT ON MATERIALIZED VIEW v IS 'x'") == "COMMENT ON MATERIALIZED VIEW");
  CHECK(command("ALTER TABLE IF EXISTS ONLY t ADD a int") == "ALTER TABLE");
  CHECK(command("ALTER USER MAPPING FOR u SERVER s") == "ALTER USER MAPPING");
  CHECK(command("ALTER USER mapping_user WITH LOGIN") == "ALTER USER");
  CHECK(command("CREATE OPERATOR CLASS c FOR TYPE t") == "CREATE OPERATOR CLASS");
  CHECK(command("refresh materialized view concurrently v") ==
        "REFRESH MATERIALIZED VIEW CONCURRENTLY");
  CHECK(command("REINDEX (VERBOSE) TABLE CONCURRENTLY t") == "REINDEX TABLE CONCURRENTLY");
  CHECK(command("DROP INDEX CONCURRENTLY IF EXISTS i") == "DROP INDEX CONCURRENTLY");
  CHECK(command("set session authorization bob") == "SET SESSION AUTHORIZATION");
  CHECK(command("set local work_mem = '1MB'") == "SET LOCAL");
  CHECK(command("set role bob") == "SET ROLE");
  CHECK(command("set work_mem to '1MB'") == "SET");
  CHECK(command("DISCARD ALL") == "DISCARD ALL");
  CHECK(command("").empty());
  CHECK(command("'x'").empty());
  CHECK(command(std::string(5000, 'x')).size() == 63);
}

TEST_CASE("beginnings of a transaction are recognised with their modes") {
  check_control("BEGIN", Control::Begin);
  check_control("begin work", Control::Begin);
  check_control("Begin Transaction isolation  level /* x */\n serializable , read only",
                Control::Begin, "isolation level serializable, read only");
  check_control("START TRANSACTION READ WRITE, NOT DEFERRABLE", Control::Begin,
                "READ WRITE, NOT DEFERRABLE");
  check_control("BEGIN ISOLATION LEVEL REPEATABLE READ", Control::Begin,
                "ISOLATION LEVEL REPEATABLE READ");
  check_control("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", Control::SetTransaction,
                "ISOLATION LEVEL SERIALIZABLE");
  check_control("set local transaction read only", Control::SetTransaction, "read only");
  check_control("SET SESSION TRANSACTION READ ONLY", Control::SetTransaction, "READ ONLY");
  check_control("SET TRANSACTION SNAPSHOT '00000003-1'", Control::None);
  check_control("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", Control::None);
}

TEST_CASE("ends of a transaction are recognised") {
  for (const std::string statement :
       {"COMMIT", "commit work", "COMMIT TRANSACTION", "END", "END WORK",
        "END TRANSACTION AND NO CHAIN", "COMMIT AND NO CHAIN"}) {
    check_control(statement, Control::Commit);
  }
  for (const std::string statement :
       {"ROLLBACK", "ABORT", "rollback work", "ABORT TRANSACTION", "ROLLBACK AND NO CHAIN"}) {
    check_control(statement, Control::Rollback);
  }
  for (const std::string statement : {"COMMIT AND CHAIN", "END WORK AND CHAIN",
                                      "ROLLBACK TRANSACTION AND CHAIN", "ABORT AND CHAIN"}) {
    check_control(statement, Control::Chain);
  }
  for (const std::string statement :
       {"PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "ROLLBACK PREPARED 'x'"}) {
    check_control(statement, Control::Prepared);
  }
  for (const std::string statement :
       {"SAVEPOINT s", "RELEASE s", "RELEASE SAVEPOINT s", "ROLLBACK TO s",
        "ROLLBACK WORK TO SAVEPOINT s", "ROLLBACK TRANSACTION TO s"}) {
    check_control(statement, Control::Savepoint);
  }
}

TEST_CASE("words of transaction control elsewhere are not transaction control") {
  for (const std::string statement :
       {"SELECT 1 AS commit", "CREATE TABLE begin (a int)", "\"commit\"",
        "PREPARE transaction AS SELECT 1", "PREPARE p AS SELECT 1", "DO $$ BEGIN COMMIT; END $$",
        "SET transaction_read_only = on", "LOCK TABLE t"}) {
    check_control(statement, Control::None);
  }
}

TEST_CASE("statements that PostgreSQL refuses in a transaction block are known") {
  for (const std::string statement : {
           "CREATE INDEX CONCURRENTLY ON t (a)",
           "create unique index concurrently if not exists i on t (a)",
           "CREATE /* x */ INDEX -- y\n CONCURRENTLY i ON t (a)",
           "DROP INDEX CONCURRENTLY i",
           "DROP INDEX CONCURRENTLY IF EXISTS s.i",
           "REINDEX TABLE CONCURRENTLY t",
           "REINDEX INDEX CONCURRENTLY i",
           "REINDEX (CONCURRENTLY) TABLE t",
           "REINDEX (VERBOSE, CONCURRENTLY true) INDEX i",
           "REINDEX (concurrently on, tablespace ts) TABLE t",
           "REINDEX (CONCURRENTLY 1) TABLE t",
           "REINDEX (CONCURRENTLY FALSE, CONCURRENTLY) TABLE t",
           "REINDEX SCHEMA s",
           "REINDEX DATABASE d",
           "REINDEX (VERBOSE) SYSTEM d",
           "ALTER TABLE p DETACH PARTITION c CONCURRENTLY",
           "ALTER TABLE IF EXISTS ONLY s.p * DETACH PARTITION \"x\".\"y\" concurrently",
           "VACUUM",
           "VACUUM (ANALYZE) t",
           "vacuum full verbose t",
           "ALTER SYSTEM SET work_mem = '1MB'",
           "ALTER SYSTEM RESET ALL",
           "CREATE DATABASE d",
           "DROP DATABASE IF EXISTS d",
           "ALTER DATABASE d SET TABLESPACE ts",
           "ALTER DATABASE d WITH TABLESPACE ts",
           "ALTER DATABASE d TABLESPACE ts",
           "CREATE TABLESPACE ts LOCATION '/x'",
           "DROP TABLESPACE ts",
           "CLUSTER",
           "CLUSTER VERBOSE",
           "CLUSTER (VERBOSE)",
           "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
           "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (enabled = false, create_slot)",
           "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
           "ALTER SUBSCRIPTION s SET PUBLICATION p",
           "ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (copy_data = false)",
           "ALTER SUBSCRIPTION s SET (failover)",
           "ALTER SUBSCRIPTION s SET (slot_name = 'x', failover = off)",
           "ALTER SUBSCRIPTION s SET (two_phase = false)",
           "DISCARD ALL",
       }) {
    CAPTURE(statement);
    CHECK(facts_of(statement).needs_no_transaction);
  }
}

TEST_CASE("statements that only look like them are not flagged") {
  for (const std::string statement : {
           "CREATE INDEX \"concurrently\" ON t (a)",
           "CREATE TABLE \"concurrently\" (a int)",
           "DROP INDEX \"concurrently\"",
           "SELECT 'CREATE INDEX CONCURRENTLY i ON t (a)'",
           "CREATE INDEX i ON t (\"concurrently\")",
           "-- CREATE INDEX CONCURRENTLY\nSELECT 1",
           "REINDEX TABLE t",
           "REINDEX (VERBOSE) INDEX i",
           "REINDEX (CONCURRENTLY FALSE) TABLE t",
           "REINDEX (CONCURRENTLY 'off') TABLE t",
           "REINDEX (CONCURRENTLY, CONCURRENTLY 0) TABLE t",
           "REINDEX TABLE \"concurrently\"",
           "ALTER TABLE p DETACH PARTITION c",
           "ALTER TABLE p DETACH PARTITION c FINALIZE",
           "ALTER TABLE p DETACH PARTITION \"concurrently\"",
           "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
           "ALTER TYPE e ADD VALUE 'x'",
           "ANALYZE t",
           "ALTER DATABASE d SET work_mem = '1MB'",
           "ALTER DATABASE tablespace RENAME TO d",
           "ALTER DATABASE d OWNER TO tablespace",
           "CLUSTER t",
           "CLUSTER VERBOSE t USING i",
           "CLUSTER (VERBOSE) t",
           "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)",
           "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = 'off', enabled)",
           "DROP SUBSCRIPTION s",
           "ALTER SUBSCRIPTION s DISABLE",
           "ALTER SUBSCRIPTION s SET (slot_name = 'failover')",
           "ALTER SUBSCRIPTION s SET (two_phase)",
           "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)",
           "DISCARD TEMP",
           "CREATE TABLE t (vacuum int)",
       }) {
    CAPTURE(statement);
    CHECK_FALSE(facts_of(statement).needs_no_transaction);
  }
}

TEST_CASE("the reason names the statement") {
  CHECK(facts_of("drop index concurrently i").needs_no_transaction ==
        "it commits and waits for other transactions in between");
  CHECK(facts_of("reindex schema s").needs_no_transaction == "it commits after each table");
  CHECK(facts_of("alter table p detach partition c concurrently").needs_no_transaction ==
        "DETACH PARTITION CONCURRENTLY commits and waits for other transactions in between");
}

TEST_CASE("COPY from and to the client is recognised") {
  CHECK(facts_of("copy t (a) from stdin csv").copy_from_stdin);
  CHECK_FALSE(facts_of("copy t (a) from stdin csv").copy_to_stdout);
  CHECK(facts_of("COPY (SELECT a FROM t) TO STDOUT").copy_to_stdout);
  CHECK_FALSE(facts_of("COPY (SELECT a FROM stdin) TO '/x'").copy_from_stdin);
  CHECK_FALSE(facts_of("COPY t TO PROGRAM 'stdout'").copy_to_stdout);
  CHECK_FALSE(facts_of("SELECT * FROM stdin").copy_from_stdin);
}

TEST_CASE("what stays behind in the session is noticed") {
  for (const std::string statement : {
           "SET search_path = x",
           "set session work_mem to '1MB'",
           "SET ROLE bob",
           "SET SESSION AUTHORIZATION bob",
           "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
           "SET TIME ZONE 'UTC'",
           "RESET ALL",
           "RESET ROLE",
           "DISCARD TEMP",
           "PREPARE p AS SELECT 1",
           "LISTEN c",
           "LOAD 'x'",
           "CREATE TEMP TABLE t (a int)",
           "CREATE LOCAL TEMPORARY TABLE t AS SELECT 1",
           "CREATE TEMP SEQUENCE s",
           "CREATE OR REPLACE TEMP VIEW v AS SELECT 1",
           "CREATE TEMP TABLE t (a int) ON COMMIT DELETE ROWS",
           "CREATE TABLE pg_temp.t (a int)",
           "CREATE FUNCTION pg_temp.f() RETURNS int RETURN 1",
           "SELECT 1 INTO TEMP t",
           "SELECT a INTO LOCAL TEMPORARY TABLE t FROM b",
           "WITH a AS (SELECT 1) SELECT * INTO TEMP \"t\" FROM a",
           "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
           "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT 1",
           "SELECT pg_catalog.set_config('search_path', '', false)",
           "SELECT set_config('x.y', 'a', f(true)), 1",
           "SELECT pg_advisory_lock(1)",
           "SELECT * FROM t WHERE pg_try_advisory_lock_shared(t.id)",
           "SELECT pg_advisory_unlock_all()",
           "INSERT INTO t SELECT \"pg_advisory_lock\"(1)",
           "CREATE TABLE t AS SELECT pg_advisory_lock(1)",
           "DO $$ BEGIN PERFORM set_config('a.b', 'c', false); END $$",
           "DO 'BEGIN PERFORM set_config(''a.b'', ''c'', false); END'",
           "DO $$ BEGIN IF true THEN SET search_path TO x; END IF; END $$",
           "DO LANGUAGE plpgsql $$ BEGIN CREATE TEMP TABLE t (a int); END $$",
       }) {
    CAPTURE(statement);
    CHECK(facts_of(statement).changes_session);
  }
}

TEST_CASE("what ends with the transaction or was only mentioned leaves nothing behind") {
  for (const std::string statement : {
           "SELECT 1",
           "SET LOCAL search_path = x",
           "SET LOCAL ROLE bob",
           "SET TRANSACTION READ ONLY",
           "SET CONSTRAINTS ALL DEFERRED",
           "UPDATE t SET a = 1",
           "ALTER ROLE r SET search_path = x",
           "CREATE TABLE temp (a int)",
           "CREATE TABLE t (temp int)",
           "CREATE TEMP TABLE t (a int) ON COMMIT DROP",
           "INSERT INTO temp SELECT 1",
           "WITH a AS (SELECT 1) INSERT INTO temp SELECT * FROM a",
           "SELECT 1 INTO temp FROM t",
           "SELECT 1 INTO temp",
           "DECLARE c CURSOR FOR SELECT 1 WITH HOLD",
           "DECLARE c CURSOR WITHOUT HOLD FOR SELECT 1",
           "SELECT set_config('a.b', 'c', true)",
           "SELECT set_config('a.b', 'c', is_local => TRUE)",
           "SELECT pg_advisory_xact_lock(1)",
           "SELECT 'pg_advisory_lock(1)'",
           "SELECT pg_advisory_lock FROM t",
           "SELECT nextval('s')",
           "CREATE FUNCTION f() RETURNS void AS $$ SELECT pg_advisory_lock(1) $$ LANGUAGE sql",
           "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = x RETURN 1",
           "DO $$ BEGIN UPDATE t SET a = 1; SET LOCAL work_mem = '1MB'; END $$",
           "DO $$ BEGIN CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 1; END $$",
           "COMMIT",
           "DEALLOCATE p",
           "NOTIFY c",
       }) {
    CAPTURE(statement);
    CHECK_FALSE(facts_of(statement).changes_session);
  }
}

TEST_CASE("odd input is survived") {
  for (const std::string statement : {"",
                                      ";",
                                      "(",
                                      ")",
                                      "((((",
                                      "CREATE",
                                      "REINDEX (",
                                      "REINDEX ()",
                                      "ALTER TABLE",
                                      "ALTER TABLE x DETACH PARTITION",
                                      "SET",
                                      "COPY",
                                      "COPY t FROM",
                                      "DO",
                                      "DO $",
                                      "DO ''",
                                      "DO $$$$",
                                      "SELECT set_config(",
                                      "CREATE SUBSCRIPTION s WITH (",
                                      "'",
                                      "\"",
                                      "/*",
                                      "DECLARE"}) {
    CAPTURE(statement);
    CHECK_NOTHROW((void)facts_of(statement));
  }
}
