#include "telemetry/termination_log.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <filesystem>

#include "support/temp_dir.hpp"

using namespace headway;
using namespace headway::telemetry;
using headway::testing::read_file;
using headway::testing::TempDir;

namespace {

boost::json::object parsed(const std::string& line) {
  REQUIRE(line.ends_with("}\n"));
  return boost::json::parse(line).as_object();
}

Termination failed(std::string message) {
  Termination ending;
  ending.outcome = "failed";
  ending.exit_code = 20;
  ending.command = "upgrade";
  ending.database = "orders";
  ending.current = "2";
  ending.target = "5";
  ending.applied = 1;
  ending.error.emplace();
  ending.error->id = ErrorId::MigrationFailed;
  ending.error->message = std::move(message);
  ending.error->where = {"m/3_c.sql", 4, 2};
  ending.error->version = "3";
  ending.error->sqlstate = "42P07";
  ending.headway_version = "1.2.3";
  return ending;
}

}  // namespace

TEST_CASE("a success is told without an error") {
  Termination ending;
  ending.outcome = "done";
  ending.command = "upgrade";
  ending.database = "orders";
  ending.current = ending.target = "5";
  ending.applied = 2;
  ending.headway_version = "1.2.3";
  CHECK(termination_line(ending) ==
        "{\"outcome\":\"done\",\"exit_code\":0,\"command\":\"upgrade\",\"database\":\"orders\","
        "\"current\":\"5\",\"target\":\"5\",\"applied\":2,\"headway_version\":\"1.2.3\"}\n");
}

TEST_CASE("many targets are counted") {
  Termination many;
  many.outcome = "done";
  many.command = "upgrade";
  many.targets = {30, 29, 1, "tenant_7"};
  CHECK(
      termination_line(many).find(
          "\"targets\":30,\"targets_ok\":29,\"targets_failed\":1,\"failed_target\":\"tenant_7\"") !=
      std::string::npos);
}

TEST_CASE("a failure is told with what and where") {
  const auto object = parsed(termination_line(failed("relation \"t\" already exists")));
  CHECK(object.at("exit_code").as_int64() == 20);
  CHECK(object.at("error_id").as_string() == "migration-failed");
  CHECK(object.at("version").as_string() == "3");
  CHECK(object.at("sqlstate").as_string() == "42P07");
  CHECK(object.at("message").as_string() == "m/3_c.sql:4:2: relation \"t\" already exists");
}

TEST_CASE("the line stays within its size, whatever the message holds, and is cut at a character") {
  for (const std::string& piece :
       {std::string("x"), std::string("\xC3\xA9"), std::string("\xF0\x9F\x90\x98"),
        std::string("\""), std::string("\\\n"), std::string("\x01"), std::string("\xFF")}) {
    for (const std::size_t count : {10U, 400U, 900U, 1000U, 5000U}) {
      std::string message;
      for (std::size_t i = 0; i < count; ++i) message += piece;
      const std::string line = termination_line(failed(message));
      CAPTURE(piece);
      CAPTURE(count);
      CHECK(line.size() <= kTerminationBytes);
      if (count >= 1000) CHECK(line.size() > kTerminationBytes - 16);
      const auto object = parsed(line);  // Boost.JSON refuses half a character
      CHECK(object.at("headway_version").as_string() == "1.2.3");
    }
  }
}

TEST_CASE("long names can't push the outcome out") {
  Termination ending = failed(std::string(3000, 'm'));
  const std::string name(3000, 'n');
  ending.database = name;
  ending.current = ending.target = ending.error->version = name;
  const std::string line = termination_line(ending);
  CHECK(line.size() <= kTerminationBytes);
  CHECK(parsed(line).at("outcome").as_string() == "failed");
}

TEST_CASE("the file is replaced if it is there, and never made") {
  const TempDir dir{"hw-termination"};
  const std::string path = (dir.path() / "log").string();
  CHECK(write_termination_log(path, "{}\n"));
  CHECK_FALSE(std::filesystem::exists(path));
  dir.write("log", std::string(5000, 'o'));
  CHECK(write_termination_log(path, "{\"a\":1}\n"));
  CHECK(read_file(path) == "{\"a\":1}\n");
  CHECK_FALSE(write_termination_log(dir.path().string(), "{}\n"));  // a directory
}
