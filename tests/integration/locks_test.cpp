// What is expected of statements against what a real server does: each runs in a transaction of its
// own, which is rolled back, and pg_locks and relfilenode are read before that.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "sql/locks.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;
using headway::sql::expected_locks;
using headway::sql::ExpectedLocks;
using headway::sql::lock_mode_name;
using headway::sql::Work;

namespace {

constexpr const char* kTables =
    "create table u (id int primary key);"
    "create table t (id int primary key, c int, s varchar(10), k int references u, n "
    "numeric(10,2));"
    "create index t_c on t (c);"
    "create unique index t_once on t (c);"
    "alter table t add constraint t_positive check (c > 0) not valid;"
    "alter table t add constraint t_k2 foreign key (c) references u not valid;"
    "create table p (id int) partition by range (id);"
    "create table p1 partition of p for values from (0) to (10);"
    "create table p2 (id int);"
    "create view v as select id from t;"
    "create materialized view mv as select id from t;"
    "create unique index mv_id on mv (id);"
    "create function f() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger t_f before insert on t for each row execute function f();"
    "insert into u values (1); insert into t values (1, 1, 'a', 1, 1);";

constexpr const char* kStatements[] = {
    "alter table t add column x int",
    "alter table t add x int not null default 5",
    "alter table t add column x timestamptz default now()",
    "alter table t add column x uuid default gen_random_uuid()",
    "alter table t add column x serial",
    "alter table t add column x int generated always as identity",
    "alter table t add column x int generated always as (c * 2) stored",
    "alter table t add column x int check (x > 0)",
    "alter table t add column x int references u",
    "alter table t add column x int default 1 references u",
    "alter table t add column x int unique",
    "alter table t drop column s",
    "alter table t drop column k",
    "alter table t drop column s, add column x int, alter c set default 3",
    "alter table t alter column s type varchar(20)",
    "alter table t alter s type varchar(5)",
    "alter table t alter column c type bigint",
    "alter table t alter n type numeric(12,2)",
    "alter table t alter column c set not null",
    "alter table t alter c drop not null",
    "alter table t alter column c set default 1",
    "alter table t alter c set statistics 100",
    "alter table t rename column c to d",
    "alter table t rename to t9",
    "alter table t enable row level security",
    "alter table t replica identity full",
    "alter table t alter s set storage external",
    "alter table t set (fillfactor = 70)",
    "alter table t cluster on t_c",
    "alter table t set unlogged",
    "alter table t add constraint x check (c > 0)",
    "alter table t add constraint x check (c > 0) not valid",
    "alter table t validate constraint t_positive",
    "alter table t add constraint x foreign key (c) references u",
    "alter table t add constraint x foreign key (c) references u (id) not valid",
    "alter table t validate constraint t_k2",
    "alter table t drop constraint t_k_fkey",
    "alter table t add constraint x unique (c)",
    "alter table t add constraint x unique using index t_once",
    "alter table t disable trigger t_f",
    "alter table p attach partition p2 for values from (10) to (20)",
    "alter table p detach partition p1",
    "create index on t (c)",
    "create unique index x on public.t (c)",
    "drop index t_c",
    "reindex table t",
    "drop table t cascade",
    "drop view v",
    "create or replace view v as select id from t",
    "create trigger x before update on t for each row execute function f()",
    "drop trigger t_f on t",
    "create policy x on t using (true)",
    "create rule x as on insert to u do instead nothing",
    "comment on table t is 'x'",
    "comment on column t.c is 'x'",
    "create statistics x on id, c from t",
    "create publication x for table t",
    "cluster t using t_c",
    "truncate t",
    "analyze t",
    "create table z (a int references t)",
    "create table z partition of p for values from (30) to (40)",
    "create table z (like t)",
    "create table z () inherits (u)",
    "refresh materialized view mv",
    "refresh materialized view concurrently mv",
    "create type e as enum ('a')",
    "grant select on t to public",
    "create function g() returns int language sql as 'select 1'",
    "insert into t values (2, null, 'b', 1, 2)",
    "update t set c = null",
    "delete from t",
    "lock table t in share mode",
    "lock t",
};

struct Seen {
  std::map<std::string, std::string> locks;  ///< the strongest that blocks somebody, by relation
  bool rewritten = false;
};

Seen run(SqlSession& session, const std::string& statement) {
  Seen seen;
  // By OID: a statement may drop or rename.
  const Rows before = session.rows(
      "select oid, relname, relfilenode from pg_class where relkind in ('r', 'p', 'v', 'm') and "
      "relnamespace = 'public'::regnamespace");
  session.exec("begin");
  session.exec(statement);
  for (const Row& row : before) {
    const Rows now = session.rows("select relfilenode from pg_class where oid = " + row[0]);
    if (!now.empty() && now[0][0] != row[2]) seen.rewritten = true;
    const Rows held = session.rows(
        "select mode from pg_locks where pid = pg_backend_pid() and granted and relation = " +
        row[0] +
        " order by array_position(array['AccessShareLock','RowShareLock','RowExclusiveLock',"
        "'ShareUpdateExclusiveLock','ShareLock','ShareRowExclusiveLock','ExclusiveLock',"
        "'AccessExclusiveLock'], mode) desc limit 1");
    if (!held.empty()) seen.locks[row[1]] = held[0][0];
  }
  session.exec("rollback");
  return seen;
}

/// "ShareUpdateExclusiveLock" -> "SHARE UPDATE EXCLUSIVE"
std::string in_words(const std::string& mode) {
  std::string out;
  for (const char c : mode.substr(0, mode.size() - 4)) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) out += ' ';
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

bool only_reads(const std::string& mode) { return mode == "ACCESS SHARE" || mode == "ROW SHARE"; }

}  // namespace

TEST_CASE("the locks that are expected are those that are taken") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, kTables);
  SqlSession session(url);
  for (const std::string& statement :
       std::vector<std::string>(std::begin(kStatements), std::end(kStatements))) {
    CAPTURE(statement);
    const ExpectedLocks expected = expected_locks(statement);
    const Seen seen = run(session, statement);
    for (const auto& lock : expected.locks) {
      const std::string relation =
          lock.relation.starts_with("public.") ? lock.relation.substr(7) : lock.relation;
      REQUIRE(seen.locks.contains(relation));
      CHECK(in_words(seen.locks.at(relation)) == lock_mode_name(lock.mode));
    }
    // What is said to be all is all; reading blocks nobody but what is expected anyway.
    for (const auto& [relation, mode] : seen.locks) {
      if (!expected.locks_known || only_reads(in_words(mode))) continue;
      CAPTURE(relation);
      CAPTURE(mode);
      CHECK(std::any_of(expected.locks.begin(), expected.locks.end(), [&](const auto& lock) {
        return lock.relation == relation || lock.relation == "public." + relation;
      }));
    }
    if (expected.work_known) CHECK(seen.rewritten == (expected.work == Work::Rewrite));
    if (seen.rewritten) CHECK((!expected.work_known || expected.work == Work::Rewrite));
  }
}

TEST_CASE("what can't be told is unknown, what concerns no table is nothing") {
  CHECK_FALSE(expected_locks("do $$ begin drop table t; end $$").locks_known);
  CHECK_FALSE(expected_locks("select f()").locks_known);
  CHECK_FALSE(expected_locks("alter table t alter c type bigint").work_known);
  CHECK_FALSE(expected_locks("alter table t alter c type bigint").locks_known);
  CHECK_FALSE(expected_locks("alter table t add x price").work_known);
  CHECK_FALSE(expected_locks("alter table t add x int default f()").work_known);
  CHECK(expected_locks("alter type e add value 'b'").locks_known);
  CHECK(expected_locks("alter type e add value 'b'").locks.empty());
  const ExpectedLocks created = expected_locks("create table \"Z\" (a int references \"Z\")");
  CHECK(created.locks.empty());
  CHECK(created.creates == std::vector<std::string>{"\"Z\""});
  CHECK(expected_locks("create index concurrently x on t (c)").locks.front().mode ==
        headway::sql::LockMode::ShareUpdateExclusive);
}
