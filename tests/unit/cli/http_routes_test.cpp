#include "cli/http_routes.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "unit/cli/reports.hpp"

namespace headway::cli {
namespace {

LiveStatus at_head() {
  LiveStatus status;
  status.database = "hive";
  status.started = test_time(0);
  status.state = engine::State::Done;
  status.at_target = true;
  status.database_up = true;
  status.schema = engine::SchemaStatus{"2", "2", 2, 0, 0, false, false};
  auto history = std::make_shared<LiveHistory>();
  history->applied.push_back({"1", "a", "applied", test_time(1), Milliseconds{12}});
  history->applied.push_back({"2", "b", "applied", test_time(2), Milliseconds{1200}});
  status.history = history;
  status.looked_at = test_time(3);
  status.last_run = LiveStatus::Run{"upgrade", "id", test_time(1), Milliseconds{1300}, 2, {}};
  return status;
}

LiveStatus failed() {
  LiveStatus status = at_head();
  status.at_target = false;
  status.state = engine::State::Failed;
  ErrorInfo error;
  error.id = ErrorId::MigrationFailed;
  error.message = "relation \"t\" already exists";
  error.statement = "CREATE TABLE t ()";
  error.where = {"m/3_c.sql", 1, 1};
  error.version = "3";
  error.sqlstate = "42P07";
  status.last_run->error = error;
  return status;
}

boost::json::object get(std::string_view path, const LiveStatus& status, int expected) {
  const server::HttpResponse response = respond(path, status, test_time(10));
  CHECK(response.status == expected);
  CHECK(response.content_type == "application/json");
  return boost::json::parse(response.body).as_object();
}

}  // namespace

TEST_CASE("healthz says that somebody answers, whatever the schema is") {
  for (const LiveStatus& status : {LiveStatus{}, failed(), at_head()}) {
    CHECK(respond("/healthz", status, test_time(0)).status == 200);
  }
}

TEST_CASE("startupz is 503 until the schema is at its target, and says why") {
  LiveStatus status = at_head();
  status.at_target = false;
  status.state = engine::State::Applying;
  status.running = LiveStatus::Running{"3", "c", 2, 3, 1, 2, test_time(6), {}};
  const auto body = get("/startupz", status, 503);
  CHECK_FALSE(body.at("started").as_bool());
  CHECK(body.at("state").as_string() == "applying");
  CHECK(body.at("elapsed_seconds").to_number<double>() == doctest::Approx(10));
  CHECK(body.at("running").at("version").as_string() == "3");
  CHECK(body.at("running").at("elapsed_seconds").to_number<double>() == doctest::Approx(4));
  CHECK(get("/startupz", at_head(), 200).at("started").as_bool());
  // Before anything is known there is an answer, too.
  CHECK(get("/startupz", LiveStatus{}, 503).at("pending").is_null());
}

TEST_CASE(
    "a failure that a lenient environment lets through starts, and says that it is degraded") {
  LiveStatus status = failed();
  CHECK(get("/startupz", status, 503).at("error").at("id").as_string() == "migration-failed");
  status.degraded = true;
  const auto body = get("/startupz", status, 200);
  CHECK(body.at("degraded").as_bool());
  CHECK(body.at("error").at("exit_code").as_int64() == 20);
}

TEST_CASE("readyz is startupz and nothing half applied") {
  LiveStatus status = at_head();
  CHECK(respond("/readyz", status, test_time(0)).status == 200);
  status.schema->dirty = true;
  CHECK(respond("/readyz", status, test_time(0)).status == 503);
  CHECK(respond("/startupz", status, test_time(0)).status == 200);
  CHECK(respond("/readyz", LiveStatus{}, test_time(0)).status == 503);
}

TEST_CASE("status tells what the application used to ask for") {
  const auto body = get("/status", at_head(), 200);
  CHECK(body.at("current").as_string() == "2");
  CHECK(body.at("target").as_string() == "2");
  CHECK(body.at("up_to_date").as_bool());
  CHECK(body.at("pending").as_array().empty());
  CHECK(body.at("last_run").at("success").as_bool());
  CHECK(body.at("last_run").at("duration_seconds").to_number<double>() == doctest::Approx(1.3));
  CHECK(get("/status", LiveStatus{}, 200).at("current").is_null());
}

TEST_CASE("no statement leaves the process over HTTP") {
  for (const char* path : {"/startupz", "/status", "/"}) {
    CAPTURE(path);
    const std::string body = respond(path, failed(), test_time(10)).body;
    CHECK(body.find("CREATE TABLE") == std::string::npos);
    CHECK(body.find("already exists") != std::string::npos);
  }
}

TEST_CASE("a path that there is not is 404 and names those that there are") {
  const server::HttpResponse response = respond("/statuz", at_head(), test_time(0));
  CHECK(response.status == 404);
  CHECK(response.body.find("/startupz") != std::string::npos);
}

}  // namespace headway::cli
