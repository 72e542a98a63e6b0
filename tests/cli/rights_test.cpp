// Roles with few rights.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

struct Role {
  explicit Role(const std::string& options = "") : name(unique_name("role")) {
    exec(TempCluster::shared().url(), "create role " + name + " login " + options);
  }
  std::string name;
};

const MigrationsDir& one_table() {
  static const MigrationsDir dir{{"1_t.sql", "create table t (owner text);"},
                                 {"1_t.down.sql", "drop table t;"}};
  return dir;
}

}  // namespace

TEST_CASE("a role without CREATE succeeds at head with nothing but SELECT on the history") {
  const std::string admin = TempCluster::shared().create_database();
  const Role role;
  const Headway owner{admin, one_table().path()};
  REQUIRE(owner({"upgrade", "--history-readers=" + role.name}).code == 0);
  const Headway reader{TempCluster::shared().url(database_of(admin), role.name),
                       one_table().path()};
  for (const auto& command : {"upgrade", "status", "check", "current", "history", "plan"}) {
    const Exit exit = reader({command});
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
  CHECK(value(admin, "select count(*) from headway.events where by_role = '" + role.name + "'") ==
        "0");
}

TEST_CASE("a role that lacks rights is told the GRANTs that are missing") {
  const std::string admin = TempCluster::shared().create_database();
  const Role role;
  const Headway headway{TempCluster::shared().url(database_of(admin), role.name),
                        one_table().path()};
  const Exit fresh = headway({"upgrade"});
  INFO(fresh.text());
  CHECK(fresh.code == 24);
  CHECK(fresh.err.find("GRANT CREATE ON DATABASE") != std::string::npos);
  const Headway owner{admin, one_table().path()};
  REQUIRE(owner({"upgrade"}).code == 0);
  const Exit made = headway({"status"});
  INFO(made.text());
  CHECK(made.code == 24);
  CHECK(made.err.find("GRANT USAGE ON SCHEMA") != std::string::npos);
  CHECK(made.err.find("GRANT SELECT ON") != std::string::npos);
}

TEST_CASE("one connection is enough: a role with CONNECTION LIMIT 1 migrates") {
  const Role role("connection limit 1");
  const std::string admin = TempCluster::shared().create_database();
  const std::string database = database_of(admin);
  exec(admin, "alter database " + database + " owner to " + role.name +
                  "; grant all on schema public to " + role.name);
  const Headway headway{TempCluster::shared().url(database, role.name), one_table().path()};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(headway({"downgrade", "base", "--yes"}).code == 0);
}

TEST_CASE(
    "an owner under FORCE ROW LEVEL SECURITY updates all rows or fails, never none silently") {
  const Role role;
  const std::string admin = TempCluster::shared().create_database();
  const std::string database = database_of(admin);
  exec(admin, "alter database " + database + " owner to " + role.name +
                  "; grant all on schema public to " + role.name);
  const MigrationsDir dir{
      {"1_t.sql",
       "create table t (a int); insert into t values (1), (2);"
       "alter table t enable row level security; alter table t force row level security;"},
      {"2_update.sql", "update t set a = a + 10;"}};
  const Headway headway{TempCluster::shared().url(database, role.name), dir.path()};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 24);  // row_security = off makes the server say so: 42501
  CHECK(value(admin, "select string_agg(a::text, ',' order by a) from t") == "1,2");
  CHECK(value(admin, "select count(*) from headway.history where version = '2'") == "0");
}

TEST_CASE(
    "with --role the objects belong to that role, and a migration's own SET ROLE does not last") {
  const Role owner_role;
  const std::string admin = TempCluster::shared().create_database();
  const std::string database = database_of(admin);
  exec(admin, "alter database " + database + " owner to " + owner_role.name +
                  "; grant all on schema public to " + owner_role.name);
  const MigrationsDir dir{
      {"1_a.sql", "create table a ();"},
      {"2_b.sql", "set role postgres; create table b (); set search_path = nowhere;"},
      {"3_c.sql", "create table c ();"}};
  const Headway headway{admin, dir.path()};
  const Exit exit = headway({"upgrade", "--role=" + owner_role.name});
  INFO(exit.text());
  // A role that is no superuser can't SET ROLE postgres from SET ROLE: session_user is, so it may.
  REQUIRE(exit.code == 0);
  const auto owner_of = [&](const std::string& table) {
    return value(admin,
                 "select tableowner from pg_tables where schemaname = 'public' and tablename = '" +
                     table + "'");
  };
  CHECK(owner_of("a") == owner_role.name);
  CHECK(owner_of("b") == "postgres");
  CHECK(owner_of("c") == owner_role.name);
}
