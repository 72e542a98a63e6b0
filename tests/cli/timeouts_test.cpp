// Time limits of every kind that the server has: newer versions have more of them.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/pgbouncer.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

// What a session may set of them: statement_timeout, transaction_timeout (from 17 on) ...
constexpr const char* kLimits =
    "from pg_settings where name like '%\\_timeout' and unit = 'ms' and context = 'user' "
    "and name not in ('tcp_user_timeout', 'wal_sender_timeout')";

/// A database that ends everything after a moment.
std::string hasty_database() {
  std::string url = TempCluster::shared().create_database();
  for (const auto& row : rows(url, std::string("select name ") + kLimits)) {
    exec(url, "alter database " + database_of(url) + " set " + row[0] + " = '200ms'");
  }
  return url;
}

MigrationsDir slow_migrations() {
  const std::string note = std::string("select name, setting ") + kLimits;
  return {{"1_first.sql", "select pg_sleep(0.4); create table first as " + note + ";"},
          {"2_second.sql", "select pg_sleep(0.4); create table second as " + note + ";"}};
}

void check_unlimited(const std::string& url, const std::string& table) {
  CAPTURE(table);
  CHECK(value(url, "select string_agg(name || '=' || setting, ' ') from " + table +
                       " where setting <> '0'") == "lock_timeout=2000");
  CHECK(value(url, "select count(*) from " + table) ==
        value(url, std::string("select count(*) ") + kLimits));
}

}  // namespace

TEST_CASE("a database's own time limits end no migration, before and after a reset") {
  const std::string url = hasty_database();
  const MigrationsDir dir = slow_migrations();
  const Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  REQUIRE(exit.code == 0);
  check_unlimited(url, "first");
  check_unlimited(url, "second");
}

TEST_CASE("nor do they behind a transaction pooler") {
  if (!Pgbouncer::available()) return;
  const std::string url = hasty_database();
  const Pgbouncer pooler(TempCluster::shared(), PoolMode::Transaction);
  const MigrationsDir dir = slow_migrations();
  const Exit exit = Headway{pooler.through(url), dir.path()}({"upgrade", "--pooler=transaction"});
  INFO(exit.text());
  REQUIRE(exit.code == 0);
  check_unlimited(url, "first");
  check_unlimited(url, "second");
}
