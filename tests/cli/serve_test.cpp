// What platform teams build on: serve and its endpoints, wait, probe, --linger, the termination
// log.
#include <doctest/doctest.h>

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/gate.hpp"
#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"
#include "unit/server/raw_client.hpp"

using namespace headway::testing;

namespace {

const MigrationsDir& two_tables() {
  static const MigrationsDir dir{{"1_a.sql", "create table a ();"},
                                 {"2_b.sql", "create table b ();"}};
  return dir;
}

/// The same image with one migration more.
const MigrationsDir& three_tables() {
  static const MigrationsDir dir{{"1_a.sql", "create table a ();"},
                                 {"2_b.sql", "create table b ();"},
                                 {"3_c.sql", "create table c ();"}};
  return dir;
}

const MigrationsDir& broken() {
  static const MigrationsDir dir{{"1_a.sql", "create table a ();"}, {"2_b.sql", "create b;"}};
  return dir;
}

std::string new_database() { return TempCluster::shared().create_database(); }

/// An address nobody listens on, and what is asked of it.
struct Endpoint {
  int port = free_port();
  std::string address = "127.0.0.1:" + std::to_string(port);

  struct Answer {
    int status = 0;  ///< 0: none
    std::string body;
  };
  [[nodiscard]] Answer get(const std::string& path) const {
    const Exit exit =
        run({.args = {"curl", "-s", "-w", "\n%{http_code}", "http://" + address + path}});
    const auto line = exit.out.rfind('\n');
    if (exit.code != 0 || line == std::string::npos) return {};
    return {std::stoi(exit.out.substr(line + 1)), exit.out.substr(0, line)};
  }
  [[nodiscard]] int status(const std::string& path) const { return get(path).status; }
  void await_status(const std::string& path, int wanted) const {
    await(path + " answers " + std::to_string(wanted), [&] { return status(path) == wanted; });
  }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("serve answers before the database can be reached, then migrates and gates") {
  TempCluster cluster({.tcp = true});
  const std::string url = cluster.create_database();
  const std::string database = value(url, "select current_database()");
  cluster.stop();
  const Endpoint http;
  const Headway headway{cluster.tcp_url(database), two_tables().path()};
  Process process(headway.command({"serve", "--http", http.address, "--watch-interval=50ms"}));
  http.await_status("/healthz", 200);
  CHECK(http.status("/startupz") == 503);
  CHECK(http.status("/readyz") == 503);
  CHECK(http.status("/") == 200);
  await("it waits for the database",
        [&] { return has(http.get("/startupz").body, "the database (attempt"); });
  CHECK(
      has(http.get("/metrics").body, "headway_state{database=\"default\",state=\"connecting\"} 1"));
  cluster.start();
  http.await_status("/startupz", 200);
  CHECK(http.status("/readyz") == 200);
  CHECK(has(http.get("/status").body, "\"current\":\"2\""));
  CHECK(has(http.get("/").body, "up to date"));
  CHECK(value(url, "select count(*) from pg_tables where tablename in ('a', 'b')") == "2");
  // A database that goes away later takes no application down.
  cluster.stop();
  const auto database_up = [&](const std::string& figure) {
    await("the watch has looked", [&] {
      return has(http.get("/metrics").body, "headway_database_up{database=\"default\"} " + figure);
    });
  };
  database_up("0");
  CHECK(http.status("/startupz") == 200);
  CHECK(http.status("/readyz") == 200);
  cluster.start();
  database_up("1");
  process.wait_for_output("at its target again");
  const Exit exit = process.stop(SIGTERM);
  INFO(exit.text());
  CHECK(exit.code == 0);
}

TEST_CASE("the migration that runs is seen on every endpoint, and slow clients don't hold it up") {
  const MigrationsDir dir{{"1_a.sql", "create table a ();"},
                          {"2_gate.sql", std::string(Gate::kPass) + "\ncreate table b ();"}};
  const Headway headway{new_database(), dir.path()};
  Gate gate(headway.url);
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, Gate::kPatience}));
  static_cast<void>(gate.waiting_backend());
  std::vector<RawClient> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(static_cast<std::uint16_t>(http.port));
    CHECK(slow.back().send("GET /startupz HTT"));
  }
  const auto body = http.get("/startupz").body;
  CHECK(has(body, "\"state\":\"applying\""));
  CHECK(has(body, "\"version\":\"2\""));
  CHECK(has(http.get("/status").body, "\"running\":{\"version\":\"2\",\"name\":\"gate\""));
  CHECK(has(http.get("/").body, "Running <b>2 gate</b>"));
  CHECK(has(http.get("/metrics").body, "headway_migration_start_timestamp_seconds{"));
  CHECK(headway({"probe", "startup"}, {{"HEADWAY_HTTP", http.address}}).code == 1);
  CHECK(headway({"probe", "live"}, {{"HEADWAY_HTTP", http.address}}).code == 0);
  gate.open();
  http.await_status("/startupz", 200);
  CHECK(headway({"probe", "startup", "--http", http.address}).code == 0);
  CHECK(headway({"probe", "ready", "--http", http.address}).code == 0);
  CHECK(process.stop(SIGTERM).code == 0);
}

TEST_CASE("a probe of nobody fails and says so; one that there is not is a mistake") {
  const Endpoint http;
  const Headway headway{"", ""};
  const Exit exit = headway({"probe", "live", "--http", http.address});
  CHECK(exit.code == 1);
  CHECK(has(exit.out, "no connection to " + http.address));
  CHECK(headway({"probe", "liveness"}).code == 2);
  CHECK(headway({"probe"}).code == 2);
}

TEST_CASE("as PID 1 it heeds SIGTERM, and orphans of others don't pile up" *
          doctest::skip(::geteuid() != 0)) {
  const Headway headway{new_database(), two_tables().path()};
  const Endpoint http;
  Command command = headway.command({"serve", "--http", http.address});
  const std::vector<std::string> unshare{"unshare", "--fork", "--pid", "--kill-child"};
  command.args.insert(command.args.begin(), unshare.begin(), unshare.end());
  Process process(command);
  http.await_status("/startupz", 200);
  const auto child_of = [](pid_t pid) {
    const std::string id = std::to_string(pid);
    const std::string children = read_file("/proc/" + id + "/task/" + id + "/children");
    return children.empty() ? 0 : std::stoi(children);
  };
  const pid_t init = child_of(process.pid());
  REQUIRE(init > 0);
  // The orphan's parent is PID 1 of the namespace it was made in.
  REQUIRE(
      run({.args = {"nsenter", "-t", std::to_string(init), "-p", "sh", "-c", "sleep 0.1 & exit 0"}})
          .code == 0);
  await("the orphan is gone", [&] { return child_of(init) == 0; });
  CHECK(http.status("/healthz") == 200);
  REQUIRE(::kill(init, SIGTERM) == 0);
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
}

TEST_CASE("SIGTERM in the middle of serve's upgrade rolls back and is 13") {
  const MigrationsDir dir{{"1_gate.sql", std::string(Gate::kPass) + "\ncreate table b ();"}};
  const Headway headway{new_database(), dir.path()};
  Gate gate(headway.url);
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, Gate::kPatience}));
  static_cast<void>(gate.waiting_backend());
  const Exit exit = process.stop(SIGTERM);
  INFO(exit.text());
  CHECK(exit.code == 13);
  CHECK(value(headway.url, "select count(*) from pg_tables where tablename = 'b'") == "0");
}

TEST_CASE("serve watches the history: behind, ahead, out of reach") {
  const Headway headway{new_database(), two_tables().path()};
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, "--watch-interval=100ms"}));
  http.await_status("/startupz", 200);
  const auto metric = [&](const std::string& line) {
    await(line, [&] { return has(http.get("/metrics").body, "\n" + line + "\n"); });
  };
  metric("headway_migrations_pending{database=\"default\"} 0");
  const Headway newer{headway.url, three_tables().path()};
  REQUIRE(newer({"upgrade"}).code == 0);
  metric("headway_migrations_applied{database=\"default\"} 3");
  await("the page says so",
        [&] { return has(http.get("/").body, "ahead: a newer image was here"); });
  process.wait_for_output("ahead of this image");
  REQUIRE(newer({"downgrade", "1", "--yes"}).code == 26);  // there is no way back
  exec(headway.url, "delete from headway.history where version in ('2', '3')");
  metric("headway_migrations_pending{database=\"default\"} 1");
  process.wait_for_output("behind 2: 1 migration pending");
  CHECK(http.status("/startupz") == 200);  // it latches
  const std::string moved = "alter schema headway rename to elsewhere";
  exec(headway.url, moved);
  metric("headway_migrations_pending{database=\"default\"} 2");
  exec(headway.url, "alter schema elsewhere rename to headway");
  exec(headway.url, "update headway.history set state = 'failed' where version = '1'");
  http.await_status("/readyz", 503);
  metric("headway_schema_dirty{database=\"default\"} 1");
  CHECK(process.stop(SIGTERM).code == 0);
}

TEST_CASE("a server that stops answering holds up neither wait nor the end of serve") {
  const std::string url = new_database();
  const Headway direct{url, two_tables().path()};
  REQUIRE(direct({"upgrade", "1"}).code == 0);
  TcpProxy proxy(TempCluster::shared());
  const Headway headway{proxy.through(url), two_tables().path()};
  const TcpProxy::Trigger stall{.bytes = "pg_catalog", .then = TcpProxy::Then::Stall};
  proxy.arm(stall);
  const Exit exit = headway({"wait", "--timeout=1s"});
  INFO(exit.text());
  CHECK(exit.code == 14);
  CHECK(has(exit.err, "does not answer"));
  CHECK(exit.duration < std::chrono::seconds{20});
  proxy.resume();

  REQUIRE(direct({"upgrade"}).code == 0);
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, "--watch-interval=50ms"}));
  http.await_status("/startupz", 200);
  proxy.arm(stall);
  proxy.await_fired(2);
  const Exit ended = process.stop(SIGTERM);
  INFO(ended.text());
  CHECK(ended.code == 0);
  CHECK(ended.duration < std::chrono::seconds{30});
}

TEST_CASE("a failure that somebody else has repaired is over, also for who stays with it") {
  const MigrationsDir dir{{"1_a.sql", "create table a ();"}, {"2_b.sql", "create b;"}};
  const Headway headway{new_database(), dir.path()};
  const Endpoint http;
  Process process(headway.command(
      {"serve", "--http", http.address, "--on-failure=serve", "--watch-interval=50ms"}));
  await("the failure is served",
        [&] { return has(http.get("/startupz").body, "migration-failed"); });
  REQUIRE(headway({"stamp", "2"}).code == 0);
  http.await_status("/startupz", 200);
  CHECK(has(http.get("/startupz").body, "\"degraded\":false"));
  CHECK(process.stop(SIGTERM).code == 20);
}

TEST_CASE("SELECT on the history alone is enough where there are no repeatables") {
  const Headway owner{new_database(), two_tables().path()};
  REQUIRE(owner({"upgrade"}).code == 0);
  const std::string role = unique_name("historian");
  exec(owner.url, "create role " + role + " login");
  exec(owner.url, "grant usage on schema headway to " + role);
  exec(owner.url, "grant select on headway.history to " + role);
  const std::string url =
      TempCluster::shared().url(value(owner.url, "select current_database()"), role);
  const Headway reader{url, two_tables().path()};
  for (const char* command : {"wait", "status", "upgrade"}) {
    const Exit exit = reader({command});
    INFO(exit.text());
    CHECK(exit.code == 0);
  }
  const MigrationsDir with_view{{"1_a.sql", "create table a ();"},
                                {"2_b.sql", "create table b ();"},
                                {"R__v.sql", "create or replace view v as select 1;"}};
  const Exit exit = Headway{url, with_view.path()}({"wait", "--timeout=0"});
  INFO(exit.text());
  CHECK(exit.code == 14);
  CHECK(has(exit.err, "GRANT SELECT ON ALL TABLES"));
  exec(owner.url, "drop owned by " + role);
  exec(owner.url, "drop role " + role);
}

TEST_CASE("a failure is served until two scrapes have seen it, then serve exits with its code") {
  const Headway headway{new_database(), broken().path()};
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, "--failure-hold=10m"}));
  const std::string failed = "headway_state{database=\"default\",state=\"failed\"} 1";
  // The probes below are no scrapes; what is counted begins when the run is over.
  process.wait_for_output("migration-failed");
  await("the failure is served",
        [&] { return has(http.get("/startupz").body, "migration-failed"); });
  CHECK(http.status("/startupz") == 503);
  CHECK(has(http.get("/").body, "migration-failed"));
  CHECK(process.running());
  bool seen = false;
  await("it has been scraped twice", [&] {
    seen = has(http.get("/metrics").body, failed) || seen;
    return !process.running();
  });
  CHECK(seen);
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 20);
}

TEST_CASE("--on-failure=serve stays, and SIGTERM ends it with the failure's code") {
  const Headway headway{new_database(), broken().path()};
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, "--on-failure=serve"}));
  await("the failure is served",
        [&] { return has(http.get("/startupz").body, "migration-failed"); });
  for (int i = 0; i < 3; ++i) CHECK(http.status("/metrics") == 200);
  CHECK(process.running());
  const Exit exit = process.stop(SIGTERM);
  INFO(exit.text());
  CHECK(exit.code == 20);
}

TEST_CASE("a source that is missing is served, too, before serve exits") {
  const Headway headway{new_database(), "/nowhere"};
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, "--failure-hold=10m"}));
  await("the failure is served", [&] { return has(http.get("/startupz").body, "source-missing"); });
  CHECK(process.stop(SIGTERM).code == 2);
}

TEST_CASE("in development serve lets the application start in spite of a failure") {
  const Headway headway{new_database(), broken().path(), {{"HIVE_ENVIRONMENT", "development"}}};
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address}));
  http.await_status("/startupz", 200);
  CHECK(has(http.get("/startupz").body, "\"degraded\":true"));
  CHECK(has(http.get("/").body, "degraded"));
  CHECK(process.stop(SIGTERM).code == 0);
  // So does any command with --http.
  Process job(headway.command({"upgrade", "--http", http.address, "--linger=10m"}));
  http.await_status("/startupz", 200);
  CHECK(has(http.get("/startupz").body, "\"degraded\":true"));
  CHECK(job.stop(SIGTERM).code == 0);
}

TEST_CASE("the address of serve may be a variable of the whole container") {
  const Headway headway{new_database(), two_tables().path()};
  const Endpoint http;
  const Variables container{{"HEADWAY_HTTP", http.address}};
  Process process(headway.command({"serve"}, container));
  http.await_status("/startupz", 200);
  for (const char* command : {"status", "current", "history", "check", "plan", "wait"}) {
    CAPTURE(command);
    CHECK(headway({command}, container).code == 0);
  }
  CHECK(headway({"upgrade", "--dry-run"}, container).code == 0);
  CHECK(process.stop(SIGTERM).code == 0);
}

TEST_CASE("wait ends when the other one has migrated, and needs no more than SELECT") {
  const Headway owner{new_database(), two_tables().path()};
  const std::string role = unique_name("reader");
  exec(owner.url, "create role " + role + " login");
  const Headway reader{
      TempCluster::shared().url(value(owner.url, "select current_database()"), role),
      two_tables().path()};
  Process process(reader.command({"wait"}));
  process.wait_for_output("no history of migrations yet");
  REQUIRE(owner({"upgrade", "1"}).code == 0);
  process.wait_for_output("GRANT USAGE ON SCHEMA");
  exec(owner.url, "grant usage on schema headway to " + role);
  exec(owner.url, "grant select on all tables in schema headway to " + role);
  process.wait_for_output("1 migration, the first is 2_b");
  REQUIRE(owner({"upgrade"}).code == 0);
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.out, "The schema is at 2"));
  CHECK(value(owner.url, "select count(*) from headway.events where by_role = '" + role + "'") ==
        "0");
  // So do status and the watch of serve.
  CHECK(reader({"status"}).code == 0);
  const Endpoint http;
  Process served(reader.command({"serve", "--http", http.address, "--watch-interval=50ms"}));
  http.await_status("/startupz", 200);
  REQUIRE(Headway{owner.url, three_tables().path()}({"upgrade"}).code == 0);
  await("the watch has seen it", [&] { return has(http.get("/").body, "ahead"); });
  CHECK(served.stop(SIGTERM).code == 0);
  exec(owner.url, "drop owned by " + role);
  exec(owner.url, "drop role " + role);
}

TEST_CASE("wait that runs out of time is 14 and says what it saw last") {
  const Headway headway{new_database(), two_tables().path()};
  Exit exit = headway({"wait", "--timeout=1s"});
  INFO(exit.text());
  CHECK(exit.code == 14);
  CHECK(has(exit.err, "no history of migrations yet"));
  REQUIRE(headway({"upgrade", "1"}).code == 0);
  CHECK(headway({"wait", "--timeout=0", "--target=1"}).code == 0);
  exit = headway({"wait", "--timeout=0", "--output=json"});
  CHECK(exit.code == 14);
  CHECK(has(exit.out, "\"id\":\"wait-timeout\""));

  const std::string role = unique_name("nobody");
  exec(headway.url, "create role " + role + " login");
  exit = Headway{TempCluster::shared().url(value(headway.url, "select current_database()"), role),
                 two_tables().path()}({"wait", "--timeout=0"});
  CHECK(exit.code == 14);
  CHECK(has(exit.err, "GRANT USAGE ON SCHEMA"));
  exec(headway.url, "drop role " + role);

  exit = headway({"wait", "--timeout=0"}, {{"HEADWAY_ENVIRONMENT", "dev"}});
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "the exit code is 0 instead of 14"));
}

TEST_CASE("an application without files waits for a version by its name") {
  const Headway owner{new_database(), two_tables().path()};
  const TempDir empty{"hw-no-files"};
  const Headway app{owner.url, ""};
  Command command = app.command({"wait", "--target=2"});
  command.working_directory = empty.path();
  Process process(command);
  process.wait_for_output("no history of migrations yet");
  REQUIRE(owner({"upgrade"}).code == 0);
  CHECK(process.wait().code == 0);
  command = app.command({"wait"});
  command.working_directory = empty.path();
  CHECK(run(command).code == 2);
}

TEST_CASE("wait accepts a database that is ahead, and ends on SIGTERM with 13") {
  const Headway newer{new_database(), three_tables().path()};
  REQUIRE(newer({"upgrade"}).code == 0);
  CHECK(Headway{newer.url, two_tables().path()}({"wait", "--timeout=0"}).code == 0);
  const Headway nothing{new_database(), two_tables().path()};
  Process process(nothing.command({"wait"}));
  process.wait_for_output("not yet");
  CHECK(process.stop(SIGTERM).code == 13);
}

TEST_CASE(
    "--linger keeps a Job's last words until they were scraped twice; a no-op doesn't linger") {
  const Headway headway{new_database(), two_tables().path()};
  const Endpoint http;
  Process process(headway.command({"upgrade", "--http", http.address, "--linger=10m"}));
  process.wait_for_output("The database is at 2");
  bool seen = false;
  await("it has been scraped twice", [&] {
    seen =
        has(http.get("/metrics").body, "headway_last_run_success{database=\"default\"} 1") || seen;
    return !process.running();
  });
  CHECK(seen);
  CHECK(process.wait().code == 0);
  CHECK(headway({"upgrade", "--http", http.address, "--linger=10m"}).code == 0);

  const Headway fails{new_database(), broken().path()};
  Process failing(fails.command({"upgrade", "--http", http.address, "--linger=10m"}));
  await("the failure is served", [&] { return has(http.get("/status").body, "migration-failed"); });
  CHECK(failing.stop(SIGTERM).code == 20);
}

TEST_CASE("the outcome stands in the termination log, if there is one") {
  const TempDir dir{"hw-log"};
  const std::string path = (dir.path() / "termination-log").string();
  const Variables log{{"HEADWAY_TERMINATION_LOG", path}};
  const Headway headway{new_database(), two_tables().path()};
  REQUIRE(headway({"upgrade", "1"}, log).code == 0);
  CHECK_FALSE(std::filesystem::exists(path));
  const auto told = [&](const Headway& tool, const std::vector<std::string>& args) {
    dir.write("termination-log", "");
    static_cast<void>(tool(args, log));
    return read_file(path);
  };
  std::string line = told(headway, {"upgrade"});
  CHECK(has(line, "\"outcome\":\"done\",\"exit_code\":0,\"command\":\"upgrade\""));
  CHECK(has(line, "\"current\":\"2\",\"target\":\"2\",\"applied\":1"));
  CHECK(has(told(headway, {"upgrade"}), "\"outcome\":\"nothing-to-do\""));
  CHECK(has(told(headway, {"wait"}), "\"command\":\"wait\""));
  // What is called beside the container's own process must not speak for it.
  for (const char* command : {"status", "probe", "check", "plan"}) {
    CAPTURE(command);
    CHECK(told(headway, {command}).empty());
  }
  // Mistakes that nothing else would tell.
  CHECK(has(told(headway, {"upgrade", "--no-such-flag"}), "\"exit_code\":2"));
  CHECK(told(headway, {"upgrad"}).empty());  // unless it is PID 1: kubectl exec mistypes as well
  CHECK(has(told({"", two_tables().path()}, {"upgrade"}), "\"error_id\":\"no-database\""));
  CHECK(has(told({headway.url, "/nowhere"}, {"wait"}), "\"error_id\":\"source-missing\""));

  const Headway fails{new_database(), broken().path()};
  line = told(fails, {"upgrade"});
  CHECK(has(line, "\"outcome\":\"failed\",\"exit_code\":20"));
  CHECK(has(line, "2_b.sql:1:8: syntax error"));
  CHECK(has(line, "\"applied\":1"));
  CHECK(has(told(fails, {"upgrade", "--lenient"}), "\"outcome\":\"degraded\",\"exit_code\":0"));
}

TEST_CASE("serve writes the termination log only when it ends") {
  const TempDir dir{"hw-log"};
  const std::string path = dir.write("termination-log", "").string();
  const Headway headway{new_database(), two_tables().path()};
  const Endpoint http;
  Process process(headway.command({"serve", "--http", http.address, "--termination-log", path}));
  http.await_status("/startupz", 200);
  CHECK(read_file(path).empty());
  CHECK(process.stop(SIGTERM).code == 0);
  CHECK(has(read_file(path), "\"outcome\":\"done\",\"exit_code\":0,\"command\":\"serve\""));
}
