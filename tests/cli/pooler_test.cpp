// Debian's PgBouncer in each of its modes, with each --pooler.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/pgbouncer.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

const MigrationsDir& plain_migrations() {
  static const MigrationsDir dir{{"1_t.sql", "create table t (a int);"},
                                 {"1_t.down.sql", "drop table t;"},
                                 {"2_rows.sql", "insert into t select generate_series(1, 3);"},
                                 {"2_rows.down.sql", "delete from t;"}};
  return dir;
}

struct Behind {
  explicit Behind(PoolMode mode)
      : direct(TempCluster::shared().create_database()),
        pooler(TempCluster::shared(), mode),
        headway{pooler.through(direct), plain_migrations().path()} {}
  std::string direct;
  Pgbouncer pooler;
  Headway headway;
};

void check_refused(const Exit& exit) {
  INFO(exit.text());
  CHECK(exit.code == 25);
  CHECK(exit.err.find("--pooler") != std::string::npos);
}

void check_up_and_down(const Behind& behind, const std::string& flag) {
  const Exit up = behind.headway({"upgrade", flag});
  INFO(up.text());
  CHECK(up.code == 0);
  CHECK(value(behind.direct, "select count(*) from t") == "3");
  CHECK(behind.headway({"status"}).code == 0);
  CHECK(behind.headway({"check"}).code == 0);
  CHECK(behind.headway({"upgrade"}).code == 0);  // at head nothing is needed
  const Exit down = behind.headway({"downgrade", "base", "--yes", flag});
  INFO(down.text());
  CHECK(down.code == 0);
  CHECK(value(behind.direct, "select count(*) from pg_tables where tablename = 't'") == "0");
}

}  // namespace

TEST_CASE("without --pooler a pooler in any mode is refused before anything is changed") {
  for (const PoolMode mode : {PoolMode::Session, PoolMode::Transaction, PoolMode::Statement}) {
    const Behind behind(mode);
    check_refused(behind.headway({"upgrade"}));
    CHECK(value(behind.direct, "select count(*) from pg_namespace where nspname = 'headway'") ==
          "0");
    CHECK(behind.headway({"check"}).code == 30);
    CHECK(behind.headway({"status"}).code == 0);
    CHECK(behind.headway({"plan"}).code == 0);
  }
}

TEST_CASE("--pooler=session works behind session pooling") {
  check_up_and_down(Behind(PoolMode::Session), "--pooler=session");
}

TEST_CASE("--pooler=transaction works behind session and transaction pooling") {
  check_up_and_down(Behind(PoolMode::Session), "--pooler=transaction");
  check_up_and_down(Behind(PoolMode::Transaction), "--pooler=transaction");
}

TEST_CASE(
    "--pooler=session behind transaction pooling never lies: it works on one backend or is "
    "refused") {
  const Behind behind(PoolMode::Transaction);
  // Somebody else takes the pooled backend now and then, so that transactions move between
  // backends.
  SqlSession other(behind.pooler.through(behind.direct));
  other.exec("begin");
  const Exit exit = behind.headway({"upgrade", "--pooler=session"});
  INFO(exit.text());
  const bool honest = exit.code == 0 || exit.code == 25;
  CHECK(honest);
}

TEST_CASE("statement pooling is refused with every --pooler") {
  for (const char* flag : {"--pooler=session", "--pooler=transaction"}) {
    const Behind behind(PoolMode::Statement);
    const Exit exit = behind.headway({"upgrade", flag});
    INFO(exit.text());
    CHECK(exit.code == 25);
    CHECK(value(behind.direct, "select count(*) from pg_tables where tablename = 't'") == "0");
  }
}

TEST_CASE("what must outlive a transaction is refused behind a transaction pooler") {
  const Behind behind(PoolMode::Transaction);
  for (const char* text :
       {"-- headway: transaction=none\ncreate index concurrently on t (a);",
        "set search_path = pg_catalog; select 1;", "create temporary table x (); select 1;"}) {
    const MigrationsDir dir{{"1_t.sql", "create table t (a int);"}, {"2_x.sql", text}};
    const std::string direct = TempCluster::shared().create_database();
    const Headway headway{behind.pooler.through(direct), dir.path()};
    const Exit exit = headway({"upgrade", "--pooler=transaction"});
    INFO(exit.text());
    CHECK(exit.code == 25);
    CHECK(exit.err.find("2_x.sql") != std::string::npos);
    CHECK(value(direct, "select to_regclass('t') is null") == "t");  // nothing has run
  }
}

TEST_CASE("four processes race through a transaction pooler, guarded by the chain alone") {
  const Behind behind(PoolMode::Transaction);
  std::vector<Process> processes;
  for (int i = 0; i < 4; ++i) {
    processes.emplace_back(behind.headway.command({"upgrade", "--pooler=transaction"}));
  }
  for (Process& process : processes) {
    const Exit exit = process.wait();
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
  CHECK(value(behind.direct, "select count(*) from t") == "3");
}
