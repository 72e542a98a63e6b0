// The recipes do what their folder says while both versions of an application run.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  REQUIRE(in);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// Sends its statements again and again, as long as it lives.
class Application {
 public:
  Application(const std::string& url, const std::string& statements)
      : session_(url), thread_([this, statements](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            try {
              session_.exec(statements);
            } catch (const std::exception& error) {
              problem_ = error.what();
              return;
            }
          }
        }) {}

  /// What went wrong; empty: nothing did.
  std::string stop() {
    thread_.request_stop();
    thread_.join();
    return problem_;
  }

 private:
  SqlSession session_;
  std::string problem_;
  std::jthread thread_;
};

std::vector<fs::path> recipes() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(HEADWAY_RECIPES)) {
    if (entry.is_directory()) out.push_back(entry.path());
  }
  return out;
}

void migrate_beside(const Headway& headway, const std::string& url, const std::string& phase,
                    const std::vector<std::string>& versions) {
  std::vector<std::unique_ptr<Application>> running;
  for (const std::string& version : versions) {
    running.push_back(std::make_unique<Application>(url, version));
  }
  const Exit exit = headway({"upgrade", "--phase=" + phase});
  INFO(exit.text());
  CHECK(exit.code == 0);
  for (const auto& application : running) CHECK(application->stop() == "");
}

/// What `plan --execute` sees of it: nothing that keeps others out reads or writes a whole table.
void rehearse(const fs::path& recipe) {
  const std::string url = TempCluster::shared().create_database();
  const TempDir place;
  place.write("0_start.sql", text_of(fs::path(HEADWAY_RECIPES) / "start.sql"));
  for (const auto& entry : fs::directory_iterator(recipe / "migrations")) {
    place.write(entry.path().filename(), text_of(entry.path()));
  }
  const Headway headway{url, place.path().string()};
  REQUIRE(headway({"upgrade", "0"}).code == 0);
  const Exit exit = headway({"plan", "--execute", "--output=json"});
  INFO(exit.text());
  REQUIRE(exit.code == 0);
  const boost::json::value document = boost::json::parse(exit.out);
  const auto& statements = document.at("execution").at("statements").as_array();
  CHECK_FALSE(statements.empty());
  for (const auto& statement : statements) {
    CAPTURE(boost::json::serialize(statement));
    for (const auto& lock : statement.at("locks").as_array()) {
      if (lock.at("mode").as_string() != "ACCESS EXCLUSIVE") continue;
      for (const char* work : {"rewritten", "scanned", "built", "validated"}) {
        CHECK(statement.at(work).as_array().empty());
      }
    }
  }
}

}  // namespace

TEST_CASE("no recipe works through a table that it has locked") {
  for (const fs::path& recipe : recipes()) {
    CAPTURE(recipe.filename().string());
    rehearse(recipe);
  }
}

TEST_CASE("each recipe changes its table while the application goes on") {
  const fs::path start = fs::path(HEADWAY_RECIPES) / "start.sql";
  REQUIRE(recipes().size() == 6);
  for (const fs::path& recipe : recipes()) {
    CAPTURE(recipe.filename().string());
    const std::string url = TempCluster::shared().create_database();
    exec(url, text_of(start));
    const std::string old_version = text_of(recipe / "application/old.sql");
    const std::string new_version = text_of(recipe / "application/new.sql");
    const std::string result = text_of(recipe / "result.sql");
    exec(url, old_version);
    const Headway headway{url, recipe / "migrations"};
    migrate_beside(headway, url, "expand", {old_version});
    // The rollout: both run.
    exec(url, old_version + new_version);
    migrate_beside(headway, url, "contract", {new_version});
    exec(url, new_version);
    CHECK(value(url, result) == "t");
    CHECK(headway({"check"}).code == 0);
  }
}
