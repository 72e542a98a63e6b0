// Taking over what another tool has applied: its tables as it leaves them, made by hand here; the
// tools themselves do it in tests/interop.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::string kMigrate =
    "create table schema_migrations (version bigint primary key, dirty boolean not null);";

MigrationsDir pairs() {
  return MigrationsDir{{"1_a.up.sql", "create table a ();"},
                       {"1_a.down.sql", "drop table a;"},
                       {"2_b.up.sql", "create table b ();"},
                       {"3_c.up.sql", "create table c ();"}};
}

std::string history(const std::string& url) {
  return value(url,
               "select string_agg(version || ' ' || kind, ', ' order by applied_at, version) from "
               "headway.history where version <> 'base'");
}

}  // namespace

TEST_CASE("the first upgrade takes over what golang-migrate has applied, and goes on") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, kMigrate +
                "insert into schema_migrations values (2, false); create table a (); create "
                "table b ()");
  const MigrationsDir dir = pairs();
  const Headway headway{url, dir.path()};
  const Exit plan = headway({"plan"});
  INFO(plan.text());
  CHECK(has(plan.out, "3"));
  CHECK_FALSE(has(plan.out, "create table b"));
  CHECK(headway({"check"}).code == 30);
  CHECK(has(headway({"adopt", "--dry-run"}).out, "golang-migrate, public.schema_migrations"));
  CHECK(value(url, "select to_regnamespace('headway') is null") == "t");
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "golang-migrate has applied 2 migrations here"));
  CHECK(has(exit.err, "migration_adopted"));
  CHECK(history(url) == "1 adopted, 2 adopted, 3 migration");
  CHECK(value(url, "select version || ' ' || dirty from schema_migrations") == "2 false");
  CHECK(headway({"check"}).code == 0);
  CHECK(value(url, "select down_sql from headway.history where version = '1'") == "drop table a;");
  CHECK(value(url, "select count(*) from pg_locks where locktype = 'advisory'") == "0");
  SUBCASE("what the old tool does afterwards is told") {
    exec(url, "update schema_migrations set version = 4");
    dir.write("5_e.up.sql", "create table e ();");
    const Exit later = headway({"upgrade"});
    INFO(later.text());
    CHECK(later.code == 0);
    CHECK(has(later.err, "foreign-rows"));
  }
}

TEST_CASE("old files that were deleted are missed where their tool misses them") {
  const std::string url = TempCluster::shared().create_database();
  SUBCASE("dbmate doesn't") {
    exec(url,
         "create table schema_migrations (version varchar primary key); insert into "
         "schema_migrations values ('1'), ('2'), ('3')");
    const MigrationsDir dir{{"2_b.sql", "-- migrate:up\n-- migrate:down\n"},
                            {"4_d.sql", "-- migrate:up\ncreate table d ();\n-- migrate:down\n"},
                            {"3_c.sql", "-- migrate:up\n-- migrate:down\n"}};
    const Headway headway{url, dir.path()};
    const Exit exit = headway({"upgrade"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(has(exit.err, "1 of them has no file here: 1"));
    CHECK(history(url) == "1 adopted, 2 adopted, 3 adopted, 4 migration");
    const Exit status = headway({"status"});
    INFO(status.text());
    CHECK(has(status.out, "Taken over, and its file is gone"));
    CHECK(has(status.out, "is up to date"));
    CHECK(headway({"check"}).code == 0);
    // One that was there when it was taken over is missed as ever.
    dir.remove("2_b.sql");
    dir.write("5_e.sql", "-- migrate:up\ncreate table e ();\n-- migrate:down\n");
    CHECK(headway({"upgrade"}).code == 23);
  }
  SUBCASE("sql-migrate does") {
    exec(url,
         "create table gorp_migrations (id text primary key, applied_at timestamptz); insert into "
         "gorp_migrations values ('1_a.sql', now()), ('2_b.sql', now()), ('3_c.sql', now())");
    const MigrationsDir dir{{"1_a.sql", "-- +migrate Up\nselect 1;\n"},
                            {"3_c.sql", "-- +migrate Up\nselect 1;\n"}};
    const Exit exit = Headway{url, dir.path()}({"upgrade"});
    INFO(exit.text());
    CHECK(exit.code == 23);
    CHECK(value(url, "select to_regnamespace('headway') is null") == "t");
  }
}

TEST_CASE("a migration that was merged late runs late where its tool runs it") {
  const std::string url = TempCluster::shared().create_database();
  const auto applied = [&url] {
    return value(url,
                 "select string_agg(version, ' ' order by applied_at, version) from "
                 "headway.history where kind = 'migration'");
  };
  SUBCASE("dbmate does") {
    const MigrationsDir dir{{"1_a.sql", "-- migrate:up\ncreate table a ();\n-- migrate:down\n"},
                            {"3_c.sql", "-- migrate:up\ncreate table c ();\n-- migrate:down\n"}};
    const Headway headway{url, dir.path()};
    REQUIRE(headway({"upgrade"}).code == 0);
    dir.write("2_b.sql", "-- migrate:up\ncreate table b ();\n-- migrate:down\n");
    CHECK(headway({"check"}).code == 30);
    CHECK(headway({"upgrade", "--order=strict"}).code == 23);
    const Exit exit = headway({"upgrade"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(has(exit.err, "applied late, as dbmate does: 2_b"));
    CHECK(applied() == "1 3 2");
    CHECK(headway({"check"}).code == 0);
  }
  SUBCASE("goose refuses it") {
    const MigrationsDir dir{{"1_a.sql", "-- +goose Up\ncreate table a ();\n"},
                            {"3_c.sql", "-- +goose Up\ncreate table c ();\n"}};
    const Headway headway{url, dir.path()};
    REQUIRE(headway({"upgrade"}).code == 0);
    dir.write("2_b.sql", "-- +goose Up\ncreate table b ();\n");
    CHECK(headway({"upgrade"}).code == 23);
    CHECK(headway({"upgrade", "--order=any"}).code == 0);
    CHECK(applied() == "1 3 2");
  }
}

TEST_CASE("tern's configuration says where its history is") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir{{"001_a.sql", "create table a ();\n"},
                          {"002_b.sql", "create table b ();\n"},
                          {"tern.conf", "[database]\nversion_table = own.versions\n"}};
  const Headway headway{url, dir.path()};
  exec(url, "create schema own");
  SUBCASE("what stands there is taken over") {
    exec(url,
         "create table own.versions (version int not null); insert into own.versions values (1); "
         "create table a ()");
    const Exit exit = headway({"upgrade", "--mirror-history"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(history(url) == "001 adopted, 002 migration");
    CHECK(value(url, "select version from own.versions") == "2");
  }
  SUBCASE("in a new database it is made there") {
    const Exit exit = headway({"upgrade", "--mirror-history"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(history(url) == "001 migration, 002 migration");
    CHECK(value(url, "select version from own.versions") == "2");
    CHECK(value(url, "select to_regclass('schema_version') is null") == "t");
  }
}

TEST_CASE("a history under a name of the team's own is not passed over") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table own_migrations (version bigint primary key, dirty boolean not null); insert "
       "into own_migrations values (2, false); create table a (); create table b ()");
  const MigrationsDir dir = pairs();
  const Headway headway{url, dir.path()};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 22);
  CHECK(has(exit.err, "--foreign-table=public.own_migrations"));
  CHECK(value(url, "select to_regnamespace('headway') is null") == "t");
  CHECK(headway({"upgrade", "--foreign-table=own_migrations"}).code == 0);
  CHECK(history(url) == "1 adopted, 2 adopted, 3 migration");
  CHECK(headway({"upgrade"}).code == 0);
}

TEST_CASE("another tool's table beside the files is told, once") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, "create table schema_migrations (version varchar primary key)");
  const MigrationsDir dir{{"1_a.sql", "-- +goose Up\ncreate table a ();\n"}};
  const Headway headway{url, dir.path()};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "public.schema_migrations is a history of dbmate"));
  CHECK_FALSE(has(headway({"upgrade"}).err, "dbmate"));
}

TEST_CASE("files that were read as another tool's say so when its table is taken over") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table _sqlx_migrations (version bigint primary key, description text not null, "
       "installed_on timestamptz not null default now(), success boolean not null, checksum bytea "
       "not null, execution_time bigint not null); insert into _sqlx_migrations values (1, 'a', "
       "now(), true, sha384('create table a ();'), 1); create table a ()");
  const Exit exit = Headway{url, pairs().path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "with --format=sqlx they are run as sqlx runs them"));
}

TEST_CASE("adopt takes over and runs nothing; a second one finds it done") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, kMigrate + "insert into schema_migrations values (1, false); create table a ()");
  const MigrationsDir dir = pairs();
  const Headway headway{url, dir.path()};
  const Exit exit = headway({"adopt"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.out, "took over 1 a"));
  CHECK(history(url) == "1 adopted");
  CHECK(value(url, "select to_regclass('b') is null") == "t");
  CHECK(headway({"adopt"}).code == 0);
  CHECK(headway({"status"}).code == 0);
}

TEST_CASE("a dirty state, a changed file and a strange table stop with what to do") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir = pairs();
  const Headway headway{url, dir.path()};
  CHECK(headway({"adopt"}).code == 26);
  CHECK(headway({"upgrade", "--adopt=require"}).code == 26);
  exec(url, kMigrate + "insert into schema_migrations values (2, true)");
  const Exit dirty = headway({"upgrade"});
  CHECK(dirty.code == 21);
  CHECK(has(dirty.err, "foreign-dirty"));
  CHECK(value(url, "select to_regclass('a') is null") == "t");
  CHECK(headway({"upgrade", "--foreign-table=nowhere"}).code == 22);
  const Exit never = headway({"upgrade", "--adopt=never"});
  INFO(never.text());
  CHECK(never.code == 0);
  CHECK(history(url) == "1 migration, 2 migration, 3 migration");
}

TEST_CASE("a file that is not the one that Flyway has applied is not taken over") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table flyway_schema_history (installed_rank int primary key, version varchar(50), "
       "description varchar(200), type varchar(20), script varchar(1000), checksum int, "
       "installed_by varchar(100), installed_on timestamp default now(), execution_time int, "
       "success boolean); insert into flyway_schema_history values (1, '1', 'a', 'SQL', "
       "'V1__a.sql', 92137680, 'x', now(), 1, true); create table t (id int)");
  const MigrationsDir dir{{"V1__a.sql", "CREATE TABLE t (id bigint);\n"},
                          {"V2__b.sql", "CREATE TABLE u ();\n"}};
  const Headway headway{url, dir.path()};
  const Exit refused = headway({"upgrade"});
  CHECK(refused.code == 22);
  CHECK(has(refused.err, "V1__a.sql"));
  CHECK(value(url, "select to_regclass('u') is null") == "t");
  dir.write("V1__a.sql", "CREATE TABLE t (id int);\n");
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(history(url) == "1 adopted, 2 migration");
}

TEST_CASE("a tool that is at work is waited for") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table schema_version (version int primary key); insert into schema_version "
       "values (1); create table a ()");
  const MigrationsDir dir{
      {"001_a.sql", "create table a ();\n---- create above / drop below ----\n"},
      {"002_b.sql", "create table b ();\n"}};
  const Headway headway{url, dir.path()};
  SqlSession tern(url);
  tern.exec("select pg_advisory_lock(9628173550095224)");
  const Exit busy = headway({"upgrade", "--lock-wait=1s"});
  CHECK(busy.code == 11);
  CHECK(has(busy.err, "tern migrates this database"));
  Process waiting(headway.command({"upgrade"}));
  await("it has our lock", [&] {
    return value(url, "select count(*) from pg_locks where locktype = 'advisory' and granted") ==
           "2";
  });
  tern.exec(
      "insert into schema_version values (2); delete from schema_version where version = 1; "
      "create table b (); select pg_advisory_unlock(9628173550095224)");
  const Exit exit = waiting.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(history(url) == "001 adopted, 002 adopted");
}

TEST_CASE("an Alembic project: its graph, its status, its history, and who runs it") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table alembic_version (version_num varchar(32) primary key); insert into "
       "alembic_version values ('b2')");
  const std::string first = "\"\"\"first\"\"\"\nrevision = 'a1'\ndown_revision = None\n";
  const std::string second = "\"\"\"second\"\"\"\nrevision = 'b2'\ndown_revision = 'a1'\n";
  const std::string third = "\"\"\"third\"\"\"\nrevision = 'c3'\ndown_revision = 'b2'\n";
  const MigrationsDir dir{{"env.py", ""},
                          {"versions/a1_first.py", first},
                          {"versions/b2_second.py", second},
                          {"versions/c3_third.py", third}};
  const Headway headway{url, dir.path()};
  CHECK(has(headway({"validate"}).out, "Format: alembic"));
  CHECK(has(headway({"status"}).out, "c3"));
  const Exit adopt = headway({"adopt"});
  INFO(adopt.text());
  CHECK(adopt.code == 0);
  CHECK(history(url) == "a1 adopted, b2 adopted");
  CHECK(has(headway({"history"}).out, "second"));
  const Exit refused = headway({"upgrade"});
  CHECK(refused.code == 2);
  CHECK(has(refused.err, "headway import alembic"));
  CHECK(headway({"stamp", "head"}).code == 0);
  CHECK(headway({"check"}).code == 0);
  // The same revisions as SQL files go on from the history that was taken over.
  const MigrationsDir sql{{"1_first.sql", "-- headway: version=a1\ncreate table a ();"},
                          {"2_second.sql", "-- headway: version=b2\ncreate table b ();"},
                          {"3_third.sql", "-- headway: version=c3\ncreate table c ();"},
                          {"4_fourth.sql", "create table d ();"}};
  const Exit exit = Headway{url, sql.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(history(url) == "a1 adopted, b2 adopted, c3 baseline, 4 migration");
}

TEST_CASE("a migration that touches its old tool's table works") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, kMigrate + "insert into schema_migrations values (1, false); create table a ()");
  const MigrationsDir dir{{"1_a.up.sql", "create table a ();"},
                          {"2_b.up.sql", "drop table schema_migrations;"},
                          {"3_c.up.sql", "create table c ();"}};
  const Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(Headway{url, dir.path()}({"upgrade"}).code == 0);
  // with the tool itself the table is there in a new database as well
  const std::string fresh = TempCluster::shared().create_database();
  const Exit all = Headway{fresh, dir.path()}({"upgrade"});
  INFO(all.text());
  CHECK(all.code == 0);
  CHECK(has(all.err, "an empty one was made for it"));
  CHECK(value(fresh, "select to_regclass('schema_migrations') is null") == "t");
}

TEST_CASE("a history that may be another application's is not taken over unasked") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, "create schema app; set search_path to app; " + kMigrate +
                "insert into schema_migrations values (2, false)");
  const MigrationsDir dir = pairs();
  const Headway headway{url, dir.path()};
  for (const char* const command : {"upgrade", "plan", "status", "check", "adopt"}) {
    CAPTURE(command);
    const Exit refused = headway({command});
    INFO(refused.text());
    CHECK(refused.code == 22);
    CHECK(has(refused.err, "--foreign-table=app.schema_migrations"));
  }
  CHECK(value(url, "select to_regclass('c') is null") == "t");
  SUBCASE("it is not theirs") {
    CHECK(headway({"upgrade", "--adopt=never"}).code == 0);
    CHECK(history(url) == "1 migration, 2 migration, 3 migration");
  }
  SUBCASE("it is not theirs, and they get one of their own") {
    const Exit exit = headway({"upgrade", "--adopt=never", "--mirror-history"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(value(url, "select version from public.schema_migrations") == "3");
    CHECK(value(url, "select version from app.schema_migrations") == "2");
  }
  SUBCASE("it is, and the name alone is enough") {
    CHECK(headway({"upgrade", "--foreign-table=schema_migrations"}).code == 0);
    CHECK(history(url) == "1 adopted, 2 adopted, 3 migration");
  }
  SUBCASE("one in the search path goes before one elsewhere") {
    exec(url, kMigrate + "insert into schema_migrations values (1, false)");
    CHECK(headway({"upgrade", "--foreign-table=schema_migrations"}).code == 0);
    CHECK(history(url) == "1 adopted, 2 migration, 3 migration");
  }
  SUBCASE("a tenant has a table of its own, or none") {
    exec(url, "create schema tenant");
    const auto in = [&](const std::string& schema) {
      return Headway{url, dir.path()}({"upgrade", "--search-path=" + schema + ",public",
                                       "--history-schema=" + schema + "_history"});
    };
    CHECK(in("tenant").code == 0);
    CHECK(value(url, "select to_regclass('tenant.a') is not null") == "t");
    exec(url, kMigrate + "insert into schema_migrations values (3, false)");
    CHECK(in("app").code == 0);  // the current schema's, not public's
    CHECK(value(url,
                "select string_agg(version || ' ' || kind, ', ' order by version) from "
                "app_history.history where version <> 'base'") ==
          "1 adopted, 2 adopted, 3 migration");
  }
  SUBCASE("Headway's own files have nothing to do with it") {
    exec(url,
         "create table app._sqlx_migrations (version bigint, description text, success bool, "
         "checksum bytea); insert into app._sqlx_migrations values (1, 'a', true, '')");
    const MigrationsDir own{{"1_a.sql", "create table a ();"}};
    CHECK(Headway{url, own.path()}({"upgrade"}).code == 0);
    CHECK(history(url) == "1 migration");
  }
}

TEST_CASE("a table with a strange name is found and read") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create schema \"My.Own's\"; create table \"My.Own's\".\"Odd.Na\"\"me\" (version bigint, "
       "dirty bool); insert into \"My.Own's\".\"Odd.Na\"\"me\" values (2, false)");
  const MigrationsDir dir = pairs();
  for (const char* const name : {"My.Own's.Odd.Na\"me", "Odd.Na\"me"}) {
    CAPTURE(name);
    const Exit exit =
        Headway{url, dir.path()}({"adopt", "--dry-run", std::string("--foreign-table=") + name});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(has(exit.out, "2_b.up.sql"));
    CHECK_FALSE(has(exit.out, "3_c.up.sql"));
  }
}

TEST_CASE("a history that an upgrade can't go on from is not taken over by it") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table goose_db_version (id serial, version_id bigint, is_applied boolean, tstamp "
       "timestamp default now()); insert into goose_db_version (version_id, is_applied) values (0, "
       "true), (1, true), (3, true)");
  const MigrationsDir dir{
      {"1_a.sql", "-- +goose Up\n"}, {"2_b.sql", "-- +goose Up\n"}, {"3_c.sql", "-- +goose Up\n"}};
  const Headway headway{url, dir.path()};
  CHECK(headway({"upgrade"}).code == 23);
  CHECK(value(url, "select to_regclass('headway.history') is null") == "t");
  // Nobody knows when they were applied.
  const Exit status = headway({"status"});
  CHECK_FALSE(has(status.text(), "1970"));
  CHECK_FALSE(has(headway({"status", "--output=json"}).text(), "1970"));
  CHECK_FALSE(has(headway({"check"}).text(), "1970"));
  CHECK(headway({"upgrade", "--order=any"}).code == 0);
  CHECK(history(url) == "1 adopted, 3 adopted, 2 migration");
}

TEST_CASE("a command that takes nothing over tells of what is there") {
  const std::string url = TempCluster::shared().create_database();
  exec(url, kMigrate + "insert into schema_migrations values (2, false)");
  const MigrationsDir dir = pairs();
  const Headway headway{url, dir.path()};
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"downgrade", "base", "--yes"}, {"stamp", "1"}}) {
    const Exit exit = headway(command);
    INFO(exit.text());
    CHECK(has(exit.err, "golang-migrate has migrated this database to 2"));
  }
}

TEST_CASE("a history that can't be read is told with what would allow it") {
  const std::string url = TempCluster::shared().create_database();
  const std::string role = unique_name("role");
  exec(url,
       kMigrate +
           "insert into schema_migrations values (2, false); create table alembic_version "
           "(version_num varchar(32)); insert into alembic_version values ('x'); create role " +
           role + " login; grant create on schema public to " + role +
           "; grant create on database " + database_of(url) + " to " + role);
  const std::string reader = TempCluster::shared().url(database_of(url), role);
  const MigrationsDir dir = pairs();
  const Exit refused = Headway{reader, dir.path()}({"upgrade"});
  INFO(refused.text());
  CHECK(refused.code == 24);
  CHECK(has(refused.err, "GRANT SELECT ON public.schema_migrations TO " + role));
  // Beside Headway's own files it need not mean anything.
  const MigrationsDir own{{"1_a.sql", "create table a ();"}};
  const Headway headway{reader, own.path()};
  CHECK(headway({"status"}).code == 0);
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "public.alembic_version can't be read"));
  exec(url, "drop owned by " + role + "; drop role " + role);
}

TEST_CASE("what a file leaves set is found by those behind it, as with its tool") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir{
      {"1_a.up.sql", "create schema app; set search_path to app, public; set work_mem = '7MB';"},
      {"2_b.up.sql", "create table b ();"},
      {"3_c.up.sql",
       "create table c (); create table work as select current_setting('work_mem') m"},
      {"4_d.up.sql", "reset search_path; create table d ();"},
      {"5_e.up.sql", "create table e (); set search_path to ''"},
      {"6_f.up.sql", "create table f ();"}};
  const auto places = [](const std::string& database) {
    return value(database,
                 "select string_agg(relnamespace::regnamespace || '.' || relname, ' ' order by "
                 "relname) from pg_class where relkind = 'r' and relnamespace in "
                 "(to_regnamespace('app'), to_regnamespace('public'))");
  };
  const std::string all = "app.b app.c public.d public.e public.f app.work";
  SUBCASE("each in its transaction") {
    const Exit exit = Headway{url, dir.path()}({"upgrade"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(has(exit.err, "session-kept"));
    CHECK(has(exit.err, "1_a.up.sql:1: search_path = app, public, work_mem = 7MB stays in force"));
    CHECK(places(url) == all);
    CHECK(value(url, "select m from app.work") == "7MB");
  }
  SUBCASE("all in one") {
    const Exit exit = Headway{url, dir.path()}({"upgrade", "--transaction=all"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(places(url) == all);
  }
  SUBCASE("a run that begins behind it is a new session, as with its tool") {
    CHECK(Headway{url, dir.path()}({"upgrade", "+1"}).code == 0);
    CHECK(Headway{url, dir.path()}({"upgrade"}).code == 0);
    CHECK(places(url) == "public.b public.c public.d public.e public.f public.work");
  }
}

TEST_CASE("Flyway's repeatables do not run again, unless they were edited since") {
  const std::string url = TempCluster::shared().create_database();
  // As Flyway 12 has written them, with the placeholder put in.
  exec(url,
       "create table flyway_schema_history (installed_rank int primary key, version varchar(50), "
       "description varchar(200), type varchar(20), script varchar(1000), checksum int, "
       "installed_by varchar(100), installed_on timestamp default now(), execution_time int, "
       "success boolean); insert into flyway_schema_history values "
       "(1, '1', 'a', 'SQL', 'V1__a.sql', null, 'x', now(), 1, true), "
       "(2, null, 'v', 'SQL', 'R__v.sql', 876056825, 'x', now(), 1, true), "
       "(3, null, 'with under', 'SQL', 'R__with_under.sql', -690524359, 'x', now(), 1, true)");
  const MigrationsDir dir{{"V1__a.sql", "create table a ();"},
                          {"R__v.sql", "create or replace view rv as select '${word}' as w;"},
                          {"R__with_under.sql", "select 1;"}};
  const Headway headway{url, dir.path()};
  const Exit exit = headway({"upgrade", "--placeholder=word=a word"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(history(url) == "1 adopted");
  CHECK(has(exit.out, "took over v"));
  CHECK(has(exit.out, "took over with under"));
  CHECK(value(url, "select to_regclass('rv') is null") == "t");
  CHECK(headway({"check", "--placeholder=word=a word"}).code == 0);
  CHECK(headway({"upgrade", "--placeholder=word=another"}).code == 0);
  CHECK(value(url, "select w from rv") == "another");
}

TEST_CASE("tenants take over what is in their own schemas, and a new one begins at the beginning") {
  const std::string url = TempCluster::shared().create_database();
  const std::string table =
      "create table %.goose_db_version (id serial, version_id bigint, is_applied bool, tstamp "
      "timestamp default now()); insert into %.goose_db_version (version_id, is_applied) values "
      "(0, true), (1, true); create table %.a ();";
  for (const char* tenant : {"one", "two"}) {
    std::string made = table;
    for (auto at = made.find('%'); at != std::string::npos; at = made.find('%')) {
      made.replace(at, 1, tenant);
    }
    exec(url, std::string("create schema ") + tenant + ";" + made);
  }
  exec(url, "create schema new");
  const MigrationsDir dir{{"1_a.sql", "-- +goose Up\ncreate table a ();\n"},
                          {"2_b.sql", "-- +goose Up\ncreate table b ();\n"}};
  const TempDir place{"hw-adopt"};
  place.write("targets.toml", "[[tenants]]\nschemas = [\"one\", \"two\", \"new\"]\n");
  const Headway headway{
      url, dir.path(), {{"HEADWAY_TARGETS", (place.path() / "targets.toml").string()}}};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  const auto kinds = [&url](const std::string& schema) {
    return value(url, "select string_agg(version || ' ' || kind, ', ' order by version) from " +
                          schema + ".headway_history where version <> 'base'");
  };
  CHECK(kinds("one") == "1 adopted, 2 migration");
  CHECK(kinds("two") == "1 adopted, 2 migration");
  CHECK(kinds("new") == "1 migration, 2 migration");
  CHECK(value(url, "select count(*) from pg_class where relname in ('a', 'b')") == "6");
  CHECK(headway({"check"}).code == 0);
  CHECK(value(url, "select count(*) from one.goose_db_version") == "2");
}
