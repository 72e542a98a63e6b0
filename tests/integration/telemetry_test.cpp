// What Headway tells Prometheus, judged by Prometheus' own programs.
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <regex>
#include <string>
#include <utility>

#include "server/http_client.hpp"
#include "server/http_server.hpp"
#include "support/await.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "telemetry/metrics.hpp"
#include "unit/server/raw_client.hpp"
#include "unit/telemetry/simulated_run.hpp"

using namespace headway;
using namespace headway::testing;
using server::http_post;
using server::HttpResult;
using std::chrono::seconds;

namespace {

constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

std::unique_ptr<telemetry::Metrics> metrics(const std::string& database = "hive") {
  return telemetry::make_metrics({database, "1.2.3", "abc123"});
}

/// Debian's Pushgateway on a free loopback port, in memory only.
class Pushgateway {
 public:
  explicit Pushgateway(std::vector<std::string> args = {})
      : process_({.args = with_defaults(std::move(args))}) {
    const std::regex listening(R"re(msg="Listening on" address=127\.0\.0\.1:(\d+))re");
    process_.wait_for_output(listening);
    const std::string log = process_.err();
    std::smatch found;
    REQUIRE(std::regex_search(log, found, listening));
    port_ = static_cast<std::uint16_t>(std::stoi(found[1]));
  }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

  [[nodiscard]] HttpResult push(const telemetry::Metrics& metrics, const std::string& database,
                                const std::string& name_space = "") const {
    return http_post("http://" + host() + telemetry::push_path(database, name_space), kContentType,
                     metrics.render_for_push(), seconds{20});
  }

  /// The value of the sample with this name and these labels (sorted by the gateway); "absent".
  [[nodiscard]] std::string value(const std::string& name, const std::string& labels) const {
    const RawClient client(port_);
    client.send("GET /metrics HTTP/1.0\r\n\r\n");
    const std::string text = client.receive();
    const std::string sample = '\n' + name + '{' + labels + "} ";
    const std::size_t at = text.find(sample);
    if (at == std::string::npos) return "absent";
    const std::size_t begin = at + sample.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }

 private:
  static std::vector<std::string> with_defaults(std::vector<std::string> more) {
    std::vector<std::string> args{"prometheus-pushgateway", "--web.listen-address=127.0.0.1:0",
                                  "--persistence.file="};
    for (std::string& arg : more) args.push_back(std::move(arg));
    return args;
  }

  Process process_;
  std::uint16_t port_ = 0;
};

/// Sets a variable of this process while it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

const std::string kGroup = R"(database="hive",instance="",job="headway")";

}  // namespace

TEST_CASE("promtool has nothing to say about the metrics, before, during and after a run") {
  const auto check = [](const telemetry::Metrics& subject) {
    const Exit exit = run({.args = {"promtool", "check", "metrics"}, .input = subject.render()});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(exit.out.empty());
    CHECK(exit.err.empty());
  };
  const auto subject = metrics();
  check(*subject);
  const migration::Step running = step("20261122093000", "create_metrics");
  subject->step_started({running, 0, 1, 1});
  check(*subject);
  simulate_run(*subject, Outcome::Success);
  check(*subject);
  simulate_run(*subject, Outcome::Failure);
  check(*subject);
  check(*metrics("a\"b\\c\nd\xff"));
}

TEST_CASE("promtool has nothing to say about a push") {
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  const Exit exit =
      run({.args = {"promtool", "check", "metrics"}, .input = subject->render_for_push()});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(exit.err.empty());
}

TEST_CASE("curl gets over HTTP what was rendered") {
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  const auto http = server::start_http_server("127.0.0.1:0", [&](std::string_view) {
    return server::HttpResponse{200, kContentType, subject->render()};
  });
  const Exit exit =
      run({.args = {"curl", "-sf", "-w", "\n%{http_code} %{content_type}",
                    "http://127.0.0.1:" + std::to_string(http->port()) + "/metrics"}});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(exit.out.find("headway_last_run_success{database=\"hive\"} 1\n") != std::string::npos);
  CHECK(exit.out.ends_with(std::string("\n200 ") + kContentType));
}

TEST_CASE("a push arrives, grouped by job and database") {
  const Pushgateway gateway;
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  const HttpResult result = gateway.push(*subject, "hive");
  CHECK(result.problem.empty());
  CHECK(result.status == 200);
  CHECK(result.body.empty());
  CHECK(gateway.value("headway_last_run_success", kGroup) == "1");
  CHECK(gateway.value("headway_migrations_applied", kGroup) == "3");
  CHECK(gateway.value("headway_state", kGroup + R"(,state="done")") == "1");
  CHECK(gateway.value("headway_schema_info", R"(current_version="20261122093001",)" + kGroup +
                                                 R"(,target_version="20261122093001")") == "1");
  CHECK(gateway.value("headway_last_success_timestamp_seconds", kGroup) != "absent");
  CHECK(gateway.value("headway_run_start_timestamp_seconds", kGroup) == "absent");
  CHECK(gateway.value("headway_database_up", kGroup) == "absent");
}

TEST_CASE("a push after a failure leaves the last success where it was") {
  const Pushgateway gateway;
  {
    const auto succeeding = metrics();
    simulate_run(*succeeding, Outcome::Success);
    REQUIRE(gateway.push(*succeeding, "hive").status == 200);
  }
  const std::string before = gateway.value("headway_last_success_timestamp_seconds", kGroup);
  const std::string last_run = gateway.value("headway_last_run_timestamp_seconds", kGroup);
  REQUIRE(before != "absent");
  const auto failing = metrics();  // another process, which knows of no success
  simulate_run(*failing, Outcome::Failure);
  REQUIRE(gateway.push(*failing, "hive").status == 200);
  CHECK(gateway.value("headway_last_success_timestamp_seconds", kGroup) == before);
  CHECK(gateway.value("headway_last_run_timestamp_seconds", kGroup) != last_run);
  CHECK(gateway.value("headway_last_run_success", kGroup) == "0");
  CHECK(gateway.value("headway_last_run_exit_code", kGroup) == "20");
  CHECK(gateway.value("headway_state", kGroup + R"(,state="failed")") == "1");
  CHECK(gateway.value("headway_state", kGroup + R"(,state="done")") == "0");
}

TEST_CASE("databases and namespaces are groups of their own, whatever their names hold") {
  const Pushgateway gateway;
  struct Name {
    std::string plain;
    std::string label;  ///< as the text format shows it
  };
  const std::array<Name, 5> names{{{"hive", "hive"},
                                   {"a/b", "a/b"},
                                   {"../..", "../.."},
                                   {"my db?#%é", "my db?#%é"},
                                   {"quote\"back\\slash", R"(quote\"back\\slash)"}}};
  for (const Name& name : names) {
    CAPTURE(name.plain);
    const auto subject = metrics(name.plain);
    simulate_run(*subject, Outcome::Success);
    const HttpResult result = gateway.push(*subject, name.plain, "prod/" + name.plain);
    CHECK(result.status == 200);
    CHECK(result.body.empty());
    CHECK(gateway.value("headway_last_run_success",
                        "database=\"" + name.label + R"(",instance="",job="headway",)" +
                            "namespace=\"prod/" + name.label + "\"") == "1");
  }
}

TEST_CASE("a push to a gateway that is not there says so") {
  std::string host;
  {
    const Pushgateway gateway;
    host = gateway.host();
  }
  const HttpResult result = http_post("http://me:s3cret@" + host + telemetry::push_path("hive", ""),
                                      kContentType, metrics()->render_for_push(), seconds{20});
  CHECK(result.status == 0);
  CHECK(result.problem.find("no connection to " + host) == 0);
  CHECK(result.problem.find("s3cret") == std::string::npos);
}

TEST_CASE("a push over TLS is verified and authenticated") {
  const TempDir dir;
  const std::string key = dir.path() / "key.pem";
  const std::string certificate = dir.path() / "cert.pem";
  const Exit made =
      run({.args = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    key, "-out", certificate}});
  INFO(made.text());
  REQUIRE(made.code == 0);
  // The hash of "s3cret/pass".
  const std::string config =
      dir.write("web.yml",
                "tls_server_config:\n  cert_file: cert.pem\n"
                "  key_file: key.pem\nbasic_auth_users:\n  me: "
                "$2b$04$abcdefghijklmnopqrstuuO8pA/8mMCinzUrHgwO9aK7F4nLbjha2"
                "\n");
  const Pushgateway gateway({"--web.config.file=" + config});
  const auto subject = metrics();
  simulate_run(*subject, Outcome::Success);
  const std::string path = telemetry::push_path("hive", "");
  const auto push = [&](const std::string& host) {
    return http_post("https://" + host + path, kContentType, subject->render_for_push(),
                     seconds{20});
  };

  SUBCASE("with the right authority and password it arrives") {
    const Environment bundle("SSL_CERT_FILE", certificate);
    const HttpResult result = push("me:s3cret%2Fpass@" + gateway.host());
    CHECK(result.problem == "");
    CHECK(result.status == 200);
    CHECK(push("me:wrong@" + gateway.host()).status == 401);
    CHECK(push(gateway.host()).status == 401);
  }
  SUBCASE("an authority that nobody knows is refused, and the way out is named") {
    const HttpResult result = push("me:s3cret%2Fpass@" + gateway.host());
    CHECK(result.status == 0);
    CHECK(result.problem.find("the certificate of " + gateway.host() + " is not accepted") == 0);
    CHECK(result.problem.find("SSL_CERT_FILE") != std::string::npos);
    CHECK(result.problem.find("s3cret") == std::string::npos);
  }
  SUBCASE("a certificate for another name is refused") {
    const Environment bundle("SSL_CERT_FILE", certificate);
    std::string host = gateway.host();
    host.replace(0, host.find(':'), "localhost");
    const HttpResult result = push(host);
    CHECK(result.status == 0);
    CHECK(result.problem == "the certificate of " + host + " is not accepted: hostname mismatch");
  }
  SUBCASE("without TLS the gateway refuses") {
    const HttpResult result =
        http_post("http://" + gateway.host() + path, kContentType, "x 1\n", seconds{20});
    CHECK(result.status == 400);
  }
}
