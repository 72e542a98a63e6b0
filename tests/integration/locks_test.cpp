// What is expected of statements against what a real server does: each runs in a transaction of its
// own, which is rolled back, and pg_locks and relfilenode are read before that.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "lock_statements.hpp"
#include "sql/locks.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;
using headway::sql::expected_locks;
using headway::sql::ExpectedLocks;
using headway::sql::lock_mode_name;
using headway::sql::Work;

namespace {

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
    for (const auto& taken : seen.locks) {
      const std::string& relation = taken.first;
      const std::string mode = in_words(taken.second);
      if (!expected.locks_known || only_reads(mode)) continue;
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

TEST_CASE("a sequence is locked as its statement makes one expect") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, "create schema other; create sequence s");
  SqlSession session(url);
  for (const char* const statement :
       {"alter sequence s increment 2", "alter sequence if exists s restart with 9",
        "alter sequence s rename to r", "alter sequence s set schema other",
        "alter sequence s owner to current_user", "drop sequence s"}) {
    CAPTURE(statement);
    const ExpectedLocks expected = expected_locks(statement);
    REQUIRE(expected.locks.size() == 1);
    const std::string oid = value(url, "select 's'::regclass::oid");
    session.exec("begin");
    session.exec(statement);
    CHECK(in_words(session.rows("select mode from pg_locks where pid = pg_backend_pid() and "
                                "granted and relation = " +
                                oid +
                                " order by array_position(array['ShareRowExclusiveLock',"
                                "'AccessExclusiveLock'], mode) desc nulls last limit 1")[0][0]) ==
          lock_mode_name(expected.locks[0].mode));
    session.exec("rollback");
  }
}
