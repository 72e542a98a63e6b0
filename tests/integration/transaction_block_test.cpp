// The list of statements that can't run in a transaction block, against the server that refuses
// them.  `make matrix` asks every supported version.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "sql/facts.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

constexpr int kEvery = 14;

struct Statement {
  std::string text;
  int since = kEvery;  ///< the first major version whose grammar has it
};

constexpr const char* kObjects = R"(
  create schema s;
  create table s.t (a int);
  create table t (a int primary key, b text);
  create index i on t (b);
  create table p (a int) partition by range (a);
  create table c partition of p for values from (1) to (10);
  create index pi on p (a);
  create materialized view mv as select 1 as a;
  create unique index on mv (a);
  create type e as enum ('a');
  create role somebody;
  create subscription off connection 'host=/nonexistent' publication x, y
    with (connect = false, slot_name = 'a', enabled = false);
  create subscription bare connection 'host=/nonexistent' publication x
    with (connect = false, slot_name = none, enabled = false);
  create subscription busy connection 'host=/nonexistent' publication x, y
    with (connect = false, slot_name = 'b', enabled = false);
  alter subscription busy enable;
)";

class Server {
 public:
  Server()
      : cluster_({.settings = {{"max_logical_replication_workers", "0"},
                               {"allow_in_place_tablespaces", "on"}}}) {
    const std::string url = cluster_.url();
    exec(url, "create database other");
    exec(url, "create tablespace ts location ''");
    exec(url, kObjects);
    major_ = std::stoi(value(url, "show server_version_num")) / 10000;
  }

  [[nodiscard]] bool knows(const Statement& statement) const { return major_ >= statement.since; }

  /// The SQLSTATE that the statement ends with in a transaction block; empty: it runs.
  [[nodiscard]] std::string in_block(const Statement& statement) const {
    SqlSession session(cluster_.url());
    session.exec("begin");
    try {
      session.exec(statement.text);
    } catch (const SqlError& error) {
      return error.sqlstate();
    }
    session.exec("rollback");
    return {};
  }

 private:
  TempCluster cluster_;
  int major_ = 0;
};

const Server& server() {
  static const Server the_server;
  return the_server;
}

bool needs_none(const Statement& statement) {
  return headway::sql::facts_of(statement.text).needs_no_transaction.has_value();
}

}  // namespace

TEST_CASE("what the list has is refused in a transaction block") {
  const std::string subscription = "CREATE SUBSCRIPTION n CONNECTION 'host=/x' PUBLICATION x";
  for (const Statement& statement : std::initializer_list<Statement>{
           {"CREATE INDEX CONCURRENTLY ON t (b)"},
           {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS n ON t (b)"},
           {"DROP INDEX CONCURRENTLY i"},
           {"REINDEX TABLE CONCURRENTLY t"},
           {"REINDEX INDEX CONCURRENTLY i"},
           {"REINDEX (CONCURRENTLY) TABLE t"},
           {"REINDEX (CONCURRENTLY FALSE, CONCURRENTLY) TABLE t"},
           {"REINDEX (VERBOSE, CONCURRENTLY on) INDEX i"},
           {"REINDEX SCHEMA s"},
           {"REINDEX DATABASE postgres"},
           {"REINDEX (VERBOSE) SYSTEM postgres"},
           {"REINDEX DATABASE", 16},
           {"REINDEX SYSTEM", 16},
           {"REINDEX (CONCURRENTLY) DATABASE", 16},
           {"ALTER TABLE p DETACH PARTITION c CONCURRENTLY"},
           {"VACUUM"},
           {"VACUUM (ANALYZE) t"},
           {"VACUUM FULL t"},
           {"VACUUM (ONLY_DATABASE_STATS)", 16},
           {"VACUUM ONLY t", 18},
           {"CLUSTER"},
           {"CLUSTER VERBOSE"},
           {"CLUSTER (VERBOSE)", 17},
           {"ALTER SYSTEM SET work_mem = '1MB'"},
           {"ALTER SYSTEM RESET ALL"},
           {"CREATE DATABASE n"},
           {"CREATE DATABASE n STRATEGY = file_copy", 15},
           {"DROP DATABASE other"},
           {"DROP DATABASE IF EXISTS other WITH (FORCE)"},
           {"ALTER DATABASE other SET TABLESPACE ts"},
           {"ALTER DATABASE other WITH TABLESPACE ts"},
           {"ALTER DATABASE other TABLESPACE ts"},
           {"CREATE TABLESPACE n LOCATION ''"},
           {"DROP TABLESPACE ts"},
           {subscription},
           {subscription + " WITH (enabled = false, create_slot)"},
           {"ALTER SUBSCRIPTION busy REFRESH PUBLICATION"},
           {"ALTER SUBSCRIPTION busy REFRESH PUBLICATION WITH (copy_data = false)"},
           {"ALTER SUBSCRIPTION busy SET PUBLICATION z"},
           {"ALTER SUBSCRIPTION busy ADD PUBLICATION z WITH (copy_data = false)"},
           {"ALTER SUBSCRIPTION busy DROP PUBLICATION x"},
           {"ALTER SUBSCRIPTION off SET (failover)", 17},
           {"ALTER SUBSCRIPTION off SET (binary, failover = off)", 17},
           {"ALTER SUBSCRIPTION off SET (two_phase = false)", 18},
           {"DISCARD ALL"},
       }) {
    CAPTURE(statement.text);
    CHECK(needs_none(statement));
    if (server().knows(statement)) CHECK(server().in_block(statement) == "25001");
  }
}

TEST_CASE("what the list has not runs in a transaction block") {
  const std::string subscription = "CREATE SUBSCRIPTION n CONNECTION 'host=/x' PUBLICATION x";
  for (const Statement& statement : std::initializer_list<Statement>{
           {"REINDEX TABLE t"},
           {"REINDEX (CONCURRENTLY off, TABLESPACE ts) TABLE t"},
           {"ALTER TABLE p DETACH PARTITION c"},
           {"ANALYZE"},
           {"ANALYZE ONLY t", 18},
           {"CLUSTER t USING i"},
           {"CLUSTER (VERBOSE) t USING i"},
           {"ALTER DATABASE other REFRESH COLLATION VERSION", 15},
           {"ALTER DATABASE other RENAME TO another"},
           {"ALTER DATABASE other SET work_mem = '1MB'"},
           {"ALTER DATABASE other CONNECTION LIMIT 3"},
           {"ALTER TABLESPACE ts RENAME TO n"},
           {"ALTER TABLE t SET TABLESPACE ts"},
           {"ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE ts"},
           {subscription + " WITH (connect = false)"},
           {subscription + " WITH (connect = false, failover = true)", 17},
           {"ALTER SUBSCRIPTION busy SET PUBLICATION z WITH (refresh = false)"},
           {"ALTER SUBSCRIPTION busy ADD PUBLICATION z WITH (refresh = false)"},
           {"ALTER SUBSCRIPTION busy DROP PUBLICATION x WITH (refresh = false)"},
           {"ALTER SUBSCRIPTION busy DISABLE"},
           {"ALTER SUBSCRIPTION off ENABLE"},
           {"ALTER SUBSCRIPTION off SET (slot_name = 'failover')"},
           {"ALTER SUBSCRIPTION off SET (binary, streaming = on)"},
           {"ALTER SUBSCRIPTION off SET (origin = none, run_as_owner)", 16},
           {"ALTER SUBSCRIPTION off SET (two_phase = true)", 18},
           {"ALTER SUBSCRIPTION off SKIP (lsn = '0/1')", 15},
           {"DROP SUBSCRIPTION bare"},
           {"DISCARD TEMP"},
           {"REFRESH MATERIALIZED VIEW CONCURRENTLY mv"},
           {"ALTER TYPE e ADD VALUE 'b'"},
           {"CHECKPOINT"},
           {"REASSIGN OWNED BY somebody TO postgres"},
           {"DROP OWNED BY somebody"},
       }) {
    CAPTURE(statement.text);
    CHECK_FALSE(needs_none(statement));
    if (server().knows(statement)) CHECK(server().in_block(statement).empty());
  }
}

TEST_CASE("what only the catalogue tells is left to the server") {
  for (const Statement& statement : std::initializer_list<Statement>{{"REINDEX TABLE p"},
                                                                     {"REINDEX INDEX pi"},
                                                                     {"CLUSTER p USING pi", 15},
                                                                     {"DROP SUBSCRIPTION off"}}) {
    CAPTURE(statement.text);
    CHECK_FALSE(needs_none(statement));
    if (server().knows(statement)) CHECK(server().in_block(statement) == "25001");
  }
}
