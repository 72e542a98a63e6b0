// Who hears of a run: the terminal, the metrics file, the Pushgateway, a scraper.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <regex>
#include <sstream>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

namespace headway::testing {
namespace {

std::string fresh() { return TempCluster::shared().create_database(); }

bool installed(const std::string& program) {
  return run({.args = {"sh", "-c", "command -v " + program}}).code == 0;
}

std::string fetch(const std::string& url) {
  return run({.args = {"curl", "-s", "--max-time", "5", url}}).out;
}

/// Runs headway on a terminal; everything it writes there.
std::string on_terminal(const Headway& headway, const std::string& args) {
  Command command = headway.command({});
  const std::string binary = command.args[0];
  command.args = {"script", "-qefc", "stty cols 60; " + binary + " " + args, "/dev/null"};
  const Exit exit = run(command);
  return exit.out;
}

}  // namespace

TEST_CASE("the metrics file tells of success and of failure") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"}};
  const TempDir place;
  const std::string file = (place.path() / "headway.prom").string();
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  CHECK(headway({"upgrade", "--metrics-file", file, "--name=orders"}).code == 0);
  std::string text = read_file(file);
  CHECK(text.find("headway_last_run_success{database=\"orders\"} 1") != std::string::npos);
  CHECK(text.find("headway_migrations_applied{database=\"orders\"} 1") != std::string::npos);
  if (installed("promtool")) {
    const Exit check = run({.args = {"promtool", "check", "metrics"}, .input = text});
    INFO(check.text());
    CHECK(check.code == 0);
  }
  dir.write("0002_b.sql", "select 1/0;\n");
  CHECK(headway({"upgrade", "--metrics-file", file, "--name=orders"}).code == 20);
  text = read_file(file);
  CHECK(text.find("headway_last_run_success{database=\"orders\"} 0") != std::string::npos);
  CHECK(text.find("headway_last_run_exit_code{database=\"orders\"} 20") != std::string::npos);

  const Headway nothing{.url = headway.url, .migrations = "/nonexistent"};
  CHECK(nothing({"upgrade", "--metrics-file", file, "--name=orders"}).code == 2);
  CHECK(read_file(file).find("headway_last_run_exit_code{database=\"orders\"} 2\n") !=
        std::string::npos);
}

TEST_CASE("metrics that can't be written or pushed warn and change no exit code") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"}};
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  const Exit exit = headway({"upgrade", "--metrics-file=/nonexistent/x.prom",
                             "--pushgateway-url=http://user:hunter2@127.0.0.1:9"});
  CHECK(exit.code == 0);
  CHECK(exit.err.find("metrics-file") != std::string::npos);
  CHECK(exit.err.find("metrics-push") != std::string::npos);
  CHECK(exit.err.find("hunter2") == std::string::npos);
}

TEST_CASE("a run that did something is pushed, one that had nothing to do is not") {
  if (!installed("prometheus-pushgateway")) {
    MESSAGE("prometheus-pushgateway is not installed");
    return;
  }
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  const Process gateway({.args = {"prometheus-pushgateway", "--web.listen-address=" + address}});
  const std::string root = "http://" + address;
  await("the Pushgateway answers", [&] { return fetch(root + "/-/ready") == "OK"; });
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"}};
  const Headway headway{
      .url = fresh(),
      .migrations = dir.path(),
      .variables = {{"HEADWAY_PUSHGATEWAY_URL", root + "/"}, {"HEADWAY_NAMESPACE", "shop"}}};
  CHECK(headway({"upgrade", "--name=orders"}).code == 0);
  const std::string metrics = fetch(root + "/metrics");
  CHECK(std::regex_search(
      metrics,
      std::regex(
          R"(headway_last_run_success\{[^}]*database="orders"[^}]*job="headway"[^}]*namespace="shop"\} 1)")));
  CHECK(headway({"upgrade", "--name=other"}).code == 0);
  CHECK(fetch(root + "/metrics").find("database=\"other\"") == std::string::npos);
}

TEST_CASE("a shard overwrites nothing that another one pushed") {
  if (!installed("prometheus-pushgateway")) {
    MESSAGE("prometheus-pushgateway is not installed");
    return;
  }
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  const Process gateway({.args = {"prometheus-pushgateway", "--web.listen-address=" + address}});
  const std::string root = "http://" + address;
  await("the Pushgateway answers", [&] { return fetch(root + "/-/ready") == "OK"; });
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"}};
  const TempDir targets("hw-telling");
  // Of two shards, tenant_1 is in one and tenant_5 in the other.
  targets.write("targets.toml", "[[tenants]]\nschemas = [\"tenant_1\", \"tenant_5\"]\n");
  const std::string url = fresh();
  exec(url, "create schema tenant_1; create table tenant_1.a ()");
  const Headway headway{
      .url = url,
      .migrations = dir.path(),
      .variables = {{"HEADWAY_PUSHGATEWAY_URL", root},
                    {"HEADWAY_TARGETS", (targets.path() / "targets.toml").string()}}};
  const int first = headway({"upgrade", "--shard-count=2", "--shard-index=0"}).code;
  const int second = headway({"upgrade", "--shard-count=2", "--shard-index=1"}).code;
  CHECK(first + second == 20);
  const std::string metrics = fetch(root + "/metrics");
  for (const int shard : {0, 1}) {
    const int failed = (shard == 0 ? first : second) == 20 ? 1 : 0;
    CHECK(std::regex_search(
        metrics,
        std::regex(fmt::format(R"(headway_targets\{{[^}}]*shard="{}",state="failed"\}} {})", shard,
                               failed))));
  }
}

TEST_CASE("metrics are served while a migration runs") {
  const std::string url = fresh();
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  const MigrationsDir dir{{"0001_a.sql", "select pg_sleep(600);\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  Process process(headway.command({"upgrade", "--http", address}));
  await("the run is seen to apply", [&] {
    return fetch("http://" + address + "/metrics")
               .find("headway_state{database=\"default\",state=\"applying\"} 1") !=
           std::string::npos;
  });
  CHECK(fetch("http://" + address + "/healthz") == "ok\n");
  CHECK(process.stop().code == 13);
}

TEST_CASE("an address that can't be listened on is exit 2") {
  const MigrationsDir dir{{"0001_a.sql", "select 1;\n"}};
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  CHECK(headway({"upgrade", "--http=not-an-address"}).code == 2);
}

TEST_CASE("the log is JSON where nobody watches, and silent for who only asks") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"}};
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  CHECK(headway({"status"}).err.empty());
  const Exit json = headway({"upgrade"});
  CHECK(json.err.substr(0, 9) == "{\"time\":\"");
  CHECK(json.err.find("\"event\":\"migration_applied\"") != std::string::npos);
  const Exit text = headway({"upgrade", "--log-format=text"});
  CHECK(std::regex_search(text.err, std::regex(R"(^\d{4}-\d\d-\d\d .* INFO  upgrade started)")));
  CHECK(headway({"upgrade", "--log-level=error"}).err.empty());
}

TEST_CASE("where the log is JSON, standard error holds nothing else") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"},
                          {"0002_nothing.sql", "-- nothing yet\n"},
                          {"0003_c.sql", "-- headway: transaction=none\nselect 1;\nselect 1/0;\n"}};
  const MigrationsDir late{{"0001_a.sql", "select 1;\n-- headway: irreversible\n"}};
  const Headway headway{.url = fresh(),
                        .migrations = dir.path(),
                        .variables = {{"HEADWAY_LOCK_WIAT", "1s"}, {"ALEMBIC_LOG_LEVEL", "loud"}}};
  const Headway nowhere{.url = "postgresql://u@/d?host=/nonexistent", .migrations = dir.path()};
  const Headway late_directive{.url = headway.url, .migrations = late.path()};
  const auto all_json = [](const Exit& exit) {
    INFO(exit.text());
    CHECK_FALSE(exit.err.empty());
    std::istringstream lines(exit.err);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.starts_with("{\"time\":\""));
      CHECK(line.ends_with("}"));
    }
  };
  all_json(headway({}));
  all_json(headway({"upgrade", "--odd"}));
  all_json(headway({"upgrade", "--lock-wait=soon"}));
  for (const char* command :
       {"validate", "heads", "plan", "status", "check", "upgrade", "repair"}) {
    CAPTURE(command);
    all_json(headway({command, "--output=json"}));
    all_json(headway({command}));
  }
  all_json(headway({"upgrade", "--environment=dev", "--metrics-file=/nonexistent/x"}));
  all_json(headway({"upgrade", "--http=not-an-address"}));
  all_json(headway({"downgrade", "base"}));
  all_json(headway({"repair", "--done=9"}));
  all_json(late_directive({"heads"}));
  all_json(late_directive({"revision", "-m", "b"}));
  all_json(nowhere({"status", "--connect-timeout=100ms"}));
  all_json(nowhere({"upgrade", "--connect-timeout=100ms"}));
  CHECK(headway({"repair", "--done=9", "--log-format=text"}).err.find("\nwhy: ") !=
        std::string::npos);
}

TEST_CASE("on a terminal a live line shows what runs, and is erased at the end") {
  if (!installed("script")) {
    MESSAGE("script(1) is not installed");
    return;
  }
  const MigrationsDir dir{{"0001_slow.sql", "select pg_sleep(0.5);\n"}};
  const Headway headway{.url = fresh(), .migrations = dir.path()};
  const std::string screen = on_terminal(headway, "upgrade");
  CAPTURE(screen);
  CHECK(screen.find("[--------------------] 0/1") != std::string::npos);
  CHECK(screen.find("0001 slow") != std::string::npos);
  CHECK(screen.find("\x1b[32mapplied\x1b[0m 0001 slow") != std::string::npos);
  CHECK(screen.rfind("\r\x1b[K") < screen.find("applied\x1b[0m"));
  CHECK(screen.rfind("\r\x1b[K") > screen.find("0/1"));
  CHECK(screen.find("{\"time\"") == std::string::npos);

  const std::string quiet = on_terminal(headway, "status --color=never");
  CHECK(quiet.find('\x1b') == std::string::npos);
}

}  // namespace headway::testing
