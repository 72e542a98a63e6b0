// What a dry run reports of a statement against what is expected of its words.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/script.hpp"
#include "engine/statement_seen.hpp"
#include "lock_statements.hpp"
#include "postgres/connector.hpp"
#include "postgres/conninfo.hpp"
#include "sql/locks.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway;
using namespace headway::testing;
using engine::StatementSeen;

namespace {

class Sink final : public engine::StatementSink {
 public:
  void statement_seen(StatementSeen seen) override { last = std::move(seen); }
  StatementSeen last;
};

StatementSeen::Lock const* find_lock(const StatementSeen& seen, std::string relation) {
  if (relation.starts_with("public.")) relation.erase(0, 7);
  const auto found = std::find_if(seen.locks.begin(), seen.locks.end(),
                                  [&](const auto& lock) { return lock.relation == relation; });
  return found == seen.locks.end() ? nullptr : &*found;
}

bool only_reads(sql::LockMode mode) { return mode <= sql::LockMode::RowShare; }

struct Watched {
  Watched() : url(TempCluster::shared().create_database()) {
    exec(url, kTables);
    postgres::ConnectorSettings settings;
    settings.parameters = [this] { return postgres::parse_database_url(url, "test"); };
    settings.sink = &sink;
    connector = postgres::make_connector(std::move(settings));
    connection = connector->connect({}, std::chrono::seconds{10});
  }
  StatementSeen operator()(const std::string& text) {
    migration::Script script;
    script.path = "1_test.sql";
    script.text = text;
    script.transaction = migration::Transaction::None;  // nothing is refused
    const engine::PreparedScript prepared = engine::prepare(script);
    connection->begin("");
    engine::each_statement(prepared, [&](std::size_t, const engine::PreparedStatement& one) {
      connection->run(one, prepared.path);
    });
    connection->rollback();
    return sink.last;
  }

  std::string url;
  Sink sink;
  std::unique_ptr<engine::Connector> connector;
  std::unique_ptr<engine::Connection> connection;
};

}  // namespace

TEST_CASE("the locks that a dry run reports are those that are expected") {
  Watched run;
  for (const std::string text : kStatements) {
    CAPTURE(text);
    const sql::ExpectedLocks expected = sql::expected_locks(text);
    const StatementSeen seen = run(text);
    CHECK(seen.in_transaction);
    CHECK_FALSE(seen.failed);
    for (const sql::RelationLock& lock : expected.locks) {
      const auto* const found = find_lock(seen, lock.relation);
      REQUIRE(found != nullptr);
      CHECK(sql::lock_mode_name(found->mode) == sql::lock_mode_name(lock.mode));
    }
    for (const StatementSeen::Lock& lock : seen.locks) {
      if (!expected.locks_known || lock.on_index || only_reads(lock.mode)) continue;
      CAPTURE(lock.relation);
      CHECK(std::any_of(expected.locks.begin(), expected.locks.end(), [&](const auto& one) {
        return one.relation == lock.relation || one.relation == "public." + lock.relation;
      }));
    }
    const bool rewrites_table = std::any_of(
        seen.rewritten.begin(), seen.rewritten.end(),
        [](const std::string& name) { return name == "t" || name == "mv" || name == "u"; });
    if (expected.work_known) CHECK(rewrites_table == (expected.work == sql::Work::Rewrite));
    if (expected.work_known && expected.work == sql::Work::Build) {
      CHECK(seen.built.size() + seen.rewritten.size() > 0);
    }
    // ANALYZE reads a sample, and is not counted among the scans.
    if (expected.work_known && expected.work == sql::Work::Scan && seen.command != "ANALYZE") {
      CHECK(seen.scanned.size() + seen.validated.size() > 0);
    }
    if (expected.work_known && expected.work == sql::Work::None) {
      CHECK(seen.built.empty());
      CHECK(seen.rewritten.empty());
      CHECK(seen.validated.empty());
    }
  }
}

TEST_CASE("an index that is made anew under its name is a rewrite of it") {
  Watched run;
  exec(run.url, "create index t_s on t (s)");
  const StatementSeen seen = run("alter table t alter column s type text collate \"C\"");
  CHECK(seen.rewritten == std::vector<std::string>{"t_s"});
  CHECK(seen.built.empty());
}

TEST_CASE("rows are counted, and what fails is said to be unknown") {
  Watched run;
  CHECK(run("insert into u select g from generate_series(2, 4) as g").rows == 3);
  CHECK_FALSE(run("create table n ()").rows.has_value());
  CHECK_THROWS_AS(run("alter table nope add x int"), Error);
  CHECK(run.sink.last.failed);
  CHECK(run.sink.last.locks.empty());
}
