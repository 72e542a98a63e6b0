// Many databases and tenants' schemas in one run: each by itself, whatever becomes of the others.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "cli/gate.hpp"
#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/pgbouncer.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

/// Every run of a migration leaves a row, so a second run would show.
MigrationsDir counted(int count) {
  MigrationsDir dir{{"0001_create.sql", "create table ran (version int);"},
                    {"0001_create.down.sql", "drop table ran;"}};
  for (int i = 2; i <= count; ++i) {
    dir.write(fmt::format("{:04}_step.sql", i), fmt::format("insert into ran values ({});", i));
    dir.write(fmt::format("{:04}_step.down.sql", i),
              fmt::format("delete from ran where version = {};", i));
  }
  return dir;
}

std::string schema_list(int count) {
  std::string out = "[[tenants]]\nschemas = [";
  for (int i = 1; i <= count; ++i) out += fmt::format("\"tenant_{}\", ", i);
  return out + "]\n";
}

/// A place to run many from: a targets file beside a database and a source.
struct Fleet {
  TempDir dir{"hw-targets"};
  Headway headway;

  Fleet(const std::string& url, const MigrationsDir& migrations, const std::string& targets)
      : headway{url, migrations.path(), {{"HEADWAY_TARGETS", write(targets)}}} {}

  [[nodiscard]] std::string write(const std::string& targets) const {
    dir.write("targets.toml", targets);
    return (dir.path() / "targets.toml").string();
  }
  Exit operator()(std::vector<std::string> args, const Variables& more = {}) const {
    return headway(std::move(args), more);
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// How many tenants have run `version` exactly once.
std::string tenants_at(const std::string& url, int tenants, int version) {
  std::string query = "select count(*) from (";
  for (int i = 1; i <= tenants; ++i) {
    if (i > 1) query += " union all ";
    query +=
        fmt::format("select 1 from tenant_{0}.ran having count(*) filter (where version = {1}) = 1",
                    i, version);
  }
  return value(url, query + ") as done");
}

}  // namespace

TEST_CASE("thirty tenants are migrated, each with a history in its schema, and then cost little") {
  TempCluster cluster({.settings = {{"log_connections", "on"}, {"log_statement", "all"}}});
  const std::string url = cluster.create_database();
  const MigrationsDir migrations = counted(5);
  const Fleet fleet(url, migrations, schema_list(30));

  Exit exit = fleet({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "30 targets: 30 ok, 0 failed; 150 steps done in 30 targets; "));
  CHECK(holds(exit.err, "\"database\":\"tenant_17\""));
  CHECK(holds(exit.err, "\"event\":\"targets_finished\""));
  CHECK(tenants_at(url, 30, 5) == "30");
  CHECK(value(url, "select count(*) from tenant_7.headway_history") == "6");
  CHECK(value(url,
              "select count(distinct run_id) from tenant_7.headway_history where run_id is "
              "not null") == "1");
  // With the schema goes its history.
  CHECK(holds(dump_with_data(url, {}), "INSERT INTO tenant_7.headway_history"));
  CHECK(value(url, "select to_regclass('headway.history') is null") == "t");

  const auto count = [&cluster](const std::string& text) {
    const std::string log = cluster.log();
    std::size_t found = 0;
    for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++found;
    return found;
  };
  const std::size_t connections = count("connection authorized");
  const std::size_t locks = count("pg_try_advisory_lock");
  exit = fleet({"upgrade", "--output=json"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out,
              "\"counts\":{\"total\":30,\"ok\":30,\"failed\":0,\"not_started\":0,"
              "\"pending\":0,\"changed\":0,\"done\":0,\"in_other_shards\":0}"));
  CHECK(count("connection authorized") == connections + 1);
  CHECK(count("pg_try_advisory_lock") == locks);
}

TEST_CASE("one of eight databases fails, the others are done, and a rerun does the rest") {
  const MigrationsDir migrations = counted(3);
  TempCluster& cluster = TempCluster::shared();
  std::string targets = "[[tenants]]\nname-prefix = \"db-\"\ndatabases = [";
  std::vector<std::string> urls;
  for (int i = 0; i < 8; ++i) {
    urls.push_back(cluster.create_database());
    targets += fmt::format("\"{}\", ", database_of(urls.back()));
  }
  exec(urls[3], "create table ran (already int)");
  const Fleet fleet(cluster.url(), migrations, targets + "]\n");
  const std::string metrics = (fleet.dir.path() / "metrics.prom").string();
  fleet.dir.write("termination", "");

  Exit exit = fleet({"upgrade", "--metrics-file=" + metrics, "--metrics-per-target",
                     "--termination-log=" + (fleet.dir.path() / "termination").string()});
  INFO(exit.text());
  CHECK(exit.code == 20);
  CHECK(holds(exit.out, fmt::format("failed db-{}: ", database_of(urls[3]))));
  CHECK(holds(exit.out, "8 targets: 7 ok, 1 failed; 21 steps done in 7 targets; "));
  for (std::size_t i = 0; i < urls.size(); ++i) {
    if (i == 3) continue;
    CHECK(value(urls[i], "select count(*) from headway.history") == "4");
  }
  const std::string written = read_file(metrics);
  CHECK(holds(written, "headway_targets{database=\"default\",state=\"ok\"} 7\n"));
  CHECK(holds(written, "headway_targets{database=\"default\",state=\"failed\"} 1\n"));
  CHECK(holds(written, "headway_migrations_applied{database=\"default\"} 21\n"));
  CHECK(holds(written, "headway_last_run_exit_code{database=\"default\"} 20\n"));
  CHECK(holds(written,
              fmt::format("headway_target_success{{database=\"default\",target=\"db-{}\"}} 0\n",
                          database_of(urls[3]))));
  const std::string ending = read_file(fleet.dir.path() / "termination");
  CHECK(holds(ending, "\"targets\":8,\"targets_ok\":7,\"targets_failed\":1"));
  CHECK(holds(ending, "\"error_id\":\"migration-failed\""));
  CHECK(holds(ending, fmt::format("\"failed_target\":\"db-{}\"", database_of(urls[3]))));

  exec(urls[3], "drop table ran");
  exit = fleet({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "8 targets: 8 ok, 0 failed; 3 steps done in 1 target; "));
}

TEST_CASE("two processes at once apply each tenant's migrations once") {
  const MigrationsDir migrations = counted(4);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(12));
  Process first(fleet.headway.command({"upgrade"}));
  Process second(fleet.headway.command({"upgrade"}));
  for (Process* process : {&first, &second}) {
    const Exit exit = process->wait();
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
  CHECK(tenants_at(url, 12, 4) == "12");
  CHECK(
      value(url, "select count(*) from tenant_12.headway_history_events where event = 'applied'") ==
      "4");
}

TEST_CASE("killed in the middle, the next run goes on") {
  MigrationsDir migrations = counted(3);
  migrations.write("0002_step.sql", std::string("insert into ran values (2); ") + Gate::kPass);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(6));
  Gate gate(url);
  {
    Process process(fleet.headway.command({"upgrade", "--concurrency=2", Gate::kPatience}));
    (void)gate.waiting_backend();
    (void)process.stop(SIGKILL);
  }
  gate.open();
  const Exit exit = fleet({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(tenants_at(url, 6, 2) == "6");
  CHECK(tenants_at(url, 6, 3) == "6");
}

TEST_CASE("after as many failures as are allowed no other target is begun") {
  const MigrationsDir migrations{{"1_fails.sql", "select 1 / 0;"}};
  const Fleet fleet(TempCluster::shared().create_database(), migrations, schema_list(9));
  Exit exit = fleet({"upgrade", "--concurrency=1", "--max-failures=2"});
  INFO(exit.text());
  CHECK(exit.code == 20);
  CHECK(holds(exit.out, "9 targets: 0 ok, 2 failed, 7 not started; nothing was done; "));
  exit = fleet({"upgrade"});
  CHECK(exit.code == 20);
  CHECK(holds(exit.out, "9 targets: 0 ok, 9 failed; nothing was done; "));
}

TEST_CASE("shards share the targets out, by an Indexed Job's own variable") {
  const MigrationsDir migrations = counted(2);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(10));
  CHECK(fleet({"upgrade", "--shard-count=3"}).code == 2);
  CHECK(fleet({"upgrade", "--shard-count=3", "--shard-index=3"}).code == 2);
  CHECK(fleet({"upgrade", "--shard-count=3"}, {{"JOB_COMPLETION_INDEX", "x"}}).code == 2);
  const Exit exit = fleet({"upgrade", "--shard-count=3"}, {{"JOB_COMPLETION_INDEX", "1"}});
  INFO(exit.text());
  CHECK(exit.code == 0);
  const int before =
      std::stoi(value(url, "select count(*) from pg_namespace where nspname like 'tenant\\_%'"));
  CHECK(before > 0);
  CHECK(before < 10);
  CHECK(holds(exit.out, fmt::format("; {} in other shards; ", 10 - before)));
  CHECK(fleet({"check", "--shard-count=3", "--shard-index=1"}).code == 0);
  CHECK(fleet({"check", "--shard-count=3", "--shard-index=0"}).code == 30);
  CHECK(fleet({"upgrade", "--shard-count=3", "--shard-index=0"}).code == 0);
  CHECK(fleet({"upgrade", "--shard-count=3", "--shard-index=2"}).code == 0);
  CHECK(tenants_at(url, 10, 2) == "10");
}

TEST_CASE("a query names the tenants, and can do nothing else") {
  const MigrationsDir migrations = counted(2);
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table customers (id int, space text); insert into customers values (1, "
       "'tenant_1'), (2, 'tenant_2')");
  const auto with = [&](const std::string& query, const std::string& more = "") {
    const Fleet fleet(url, migrations,
                      fmt::format("[[tenants]]\nschema-query = \"\"\"{}\"\"\"\n{}", query, more));
    return fleet({"upgrade"});
  };
  const Exit good = with("select space from customers order by id");
  INFO(good.text());
  CHECK(good.code == 0);
  CHECK(tenants_at(url, 2, 2) == "2");
  for (const auto& bad : std::initializer_list<std::pair<std::string, std::string>>{
           {"select space, id from customers", "answers 2 columns"},
           {"select id from customers", "answers a column that is no text"},
           {"select null::text", "answers a NULL"},
           {"select space from customers where false", "the query lists nobody"},
           {"select 'a' union all select 'a'", "two targets are called"},
           {"delete from customers returning space", "read-only transaction"},
           {"select 'a'; delete from customers", "cannot insert multiple commands"},
           {"commit", "answers no rows"},
           {"select nothing from nowhere", "does not exist"}}) {
    const Exit exit = with(bad.first);
    INFO(bad.first);
    INFO(exit.text());
    CHECK(exit.code == 2);
    CHECK(holds(exit.err, bad.second));
    CHECK(holds(exit.err, "targets.toml"));
  }
  CHECK(value(url, "select count(*) from customers") == "2");
  const Exit none = with("select space from customers where false", "allow-empty = true\n");
  CHECK(none.code == 0);
  CHECK(holds(none.out, "0 targets: 0 ok, 0 failed"));
}

TEST_CASE(
    "a tenant that the role may not touch is told with what is missing, and no other one suffers") {
  const MigrationsDir migrations = counted(2);
  TempCluster& cluster = TempCluster::shared();
  const std::string url = cluster.create_database();
  const std::string role = unique_name("app");
  exec(url, fmt::format("create role {0} login; create schema tenant_1 authorization {0}; create "
                        "schema tenant_2; create schema tenant_3 authorization {0}",
                        role));
  const Fleet fleet(cluster.url(database_of(url), role), migrations, schema_list(3));
  const Exit exit = fleet({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 24);
  CHECK(holds(exit.out, "failed tenant_2: "));
  CHECK(holds(exit.out, "3 targets: 2 ok, 1 failed; "));
  CHECK(holds(exit.err, "GRANT USAGE, CREATE ON SCHEMA tenant_2"));
}

TEST_CASE("SIGTERM stops all, and what was not begun is counted") {
  MigrationsDir migrations = counted(2);
  migrations.write("0002_step.sql", std::string("insert into ran values (2); ") + Gate::kPass);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(8));
  Gate gate(url);
  Process process(fleet.headway.command({"upgrade", "--concurrency=3", Gate::kPatience}));
  await("three stand at the gate", [&] {
    return value(url,
                 "select count(*) from pg_locks where locktype = 'advisory' and not granted and "
                 "objid = 4711 and database = (select oid from pg_database where datname = "
                 "current_database())") == "3";
  });
  const Exit exit = process.stop(SIGTERM);
  INFO(exit.text());
  CHECK(exit.code == 13);
  CHECK(holds(exit.out, "8 targets: 0 ok, 3 failed, 5 not started; 3 steps done in 3 targets; "));
  CHECK(value(url,
              "select count(*) from pg_locks where locktype = 'advisory' and classid = "
              "1212438361") == "0");
  gate.open();
  CHECK(fleet({"upgrade"}).code == 0);
  CHECK(tenants_at(url, 8, 2) == "8");
}

TEST_CASE("names are taken as they are, whatever SQL could make of them") {
  const MigrationsDir migrations = counted(2);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(
      url, migrations,
      "[[tenants]]\nschemas = ['Upper', 'upper', 'with \"quote', \"it's\", 'a.b', 'a,b', "
      "'semi;colon', 'back\\slash', ' ', '{schema}', '\u00fcn\u00ef', 'NULL', 'public']\n");
  Exit exit = fleet({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "13 targets: 13 ok, 0 failed; 26 steps done in 13 targets; "));
  CHECK(value(url, "select count(*) from pg_class where relname = 'ran'") == "13");
  CHECK(value(url, "select count(*) from \"with \"\"quote\".ran") == "1");
  exit = fleet({"upgrade"});
  CHECK(holds(exit.out, "13 targets: 13 ok, 0 failed; nothing was done; "));
}

TEST_CASE("indexes are built concurrently in many tenants at once, and none waits for another") {
  MigrationsDir migrations = counted(2);
  migrations.write("0003_index.sql",
                   "-- headway: transaction=none\ncreate index concurrently on ran (version);");
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(16));
  const Exit exit = fleet({"upgrade", "--concurrency=16"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(
      value(url,
            "select count(*) from pg_index i join pg_class c on c.oid = i.indrelid where c.relname "
            "= 'ran' and i.indisvalid") == "16");
}

TEST_CASE("behind a pooler many are refused and accepted as one is") {
  const MigrationsDir migrations = counted(2);
  const std::string url = TempCluster::shared().create_database();
  const Pgbouncer pooler(TempCluster::shared(), PoolMode::Transaction);
  const Fleet fleet(pooler.through(url), migrations, schema_list(5));
  Exit exit = fleet({"upgrade"});
  CHECK(exit.code == 25);
  CHECK(holds(exit.err, "--pooler"));
  CHECK(holds(exit.out, "5 targets: 0 ok, 5 failed; nothing was done; "));
  exit = fleet({"upgrade", "--pooler=transaction"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(tenants_at(url, 5, 2) == "5");
  CHECK(fleet({"check"}).code == 0);
  exit = fleet({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
}

TEST_CASE("status, plan, check, downgrade and wait for many") {
  const MigrationsDir migrations = counted(3);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(3));
  CHECK(fleet({"upgrade", "2"}).code == 0);

  Exit exit = fleet({"status"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "tenant_2  0002     1        pending\n"));
  CHECK(fleet({"status", "--exit-code"}).code == 30);
  exit = fleet({"plan"});
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "tenant_3  0002     1      0003 step\n"));
  CHECK(holds(exit.out, "3 targets: 3 ok, 0 failed; 3 pending; "));
  CHECK(holds(exit.out, "0003 step  1     INSERT     ROW EXCLUSIVE on ran"));
  CHECK(holds(fleet({"plan", "--output=json"}).out,
              R"("steps":[{"action":"apply","version":"0003","name":"step")"));
  CHECK(fleet({"upgrade", "--dry-run", "--exit-code"}).code == 30);
  exit = fleet({"check"});
  CHECK(exit.code == 30);
  CHECK(holds(exit.out, "failed tenant_1: 1 migration pending, the first is 0003 step"));
  exit = fleet({"wait", "--timeout=1s"});
  CHECK(exit.code == 14);
  CHECK(holds(exit.out, "failed tenant_1: not at 0003: the schema is at 0002"));

  Process waiter(fleet.headway.command({"wait"}));
  CHECK(fleet({"upgrade"}).code == 0);
  CHECK(waiter.wait().code == 0);
  CHECK(fleet({"check"}).code == 0);

  exit = fleet({"downgrade", "1"});
  CHECK(exit.code == 26);
  CHECK(holds(exit.err, "downgrading 3 targets to 1 in the environment production needs --yes"));
  CHECK(tenants_at(url, 3, 3) == "3");
  CHECK(fleet({"downgrade", "--last-run", "--yes"}).code == 2);
  exit = fleet({"downgrade", "1", "--yes"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from tenant_3.ran") == "0");
  CHECK(value(url, "select count(*) from tenant_3.headway_history") == "2");
}

TEST_CASE("a server that is away costs its patience once, and hides no password") {
  const MigrationsDir migrations = counted(1);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations,
                    fmt::format("[[tenants]]\nname-prefix = \"away-\"\n"
                                "database-url = \"postgresql://app:geheim@127.0.0.1:{}/d\"\n"
                                "schemas = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"]\n{}",
                                free_port(), schema_list(2)));
  const Exit exit = fleet({"upgrade", "--connect-timeout=2s", "--concurrency=1"});
  INFO(exit.text());
  CHECK(exit.code == 10);
  CHECK(holds(exit.out, "8 targets: 2 ok, 6 failed; "));
  CHECK(exit.duration < std::chrono::seconds{10});
  CHECK_FALSE(holds(exit.out + exit.err, "geheim"));
}

TEST_CASE("what a lenient environment lets pass, it lets pass for many") {
  const MigrationsDir migrations{{"1_fails.sql", "select 1 / 0;"}};
  const Fleet fleet(TempCluster::shared().create_database(), migrations, schema_list(2));
  const Exit exit = fleet({"upgrade", "--environment=dev", "--output=json"});
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "\"exit_code\":0"));
  CHECK(holds(exit.out, "\"degraded\":true"));
}

TEST_CASE("where many are not meant they are refused, not left aside") {
  const MigrationsDir migrations = counted(1);
  const std::string url = TempCluster::shared().create_database();
  const Fleet fleet(url, migrations, schema_list(2));
  for (const char* command : {"redo", "current", "history", "init", "repair", "serve"}) {
    CAPTURE(command);
    const Exit exit = fleet({command});
    CHECK(exit.code == 2);
    CHECK(holds(exit.err, "takes one database"));
  }
  CHECK(fleet({"stamp", "head", "--targets=x"}).code == 2);
  CHECK(fleet({"validate"}).code == 0);
  for (const char* shard : {"--shard-count=2", "--shard-index=0"}) {
    CAPTURE(shard);
    const Exit one = fleet({"upgrade", shard}, {{"HEADWAY_TARGETS", ""}});
    CHECK(one.code == 2);
    CHECK(holds(one.err, "one database can't be shared out"));
  }
  const Exit exit = fleet({"upgrade", "--history-schema=mine"});
  CHECK(exit.code == 2);
  CHECK(holds(exit.err, "don't say where tenants' histories are"));
  CHECK(fleet({"upgrade", "--targets=/nowhere.toml"}).code == 2);
  CHECK(value(url, "select count(*) from pg_namespace where nspname like 'tenant\\_%'") == "0");
}
