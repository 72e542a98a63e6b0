// Which servers are supported.  `make matrix` runs this against real ones, old and new.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/fake_server.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

constexpr int kOldest = 14;

const MigrationsDir& one_table() {
  static const MigrationsDir dir{{"1_t.sql", "create table t ();"},
                                 {"1_t.down.sql", "drop table t;"}};
  return dir;
}

void check_refused(const Exit& exit, const std::string& version) {
  INFO(exit.text());
  CHECK(exit.code == 25);
  CHECK(exit.err.find("\"unsupported-server\"") != std::string::npos);
  CHECK(exit.err.find("the server runs PostgreSQL " + version + "; Headway needs 14 or newer") !=
        std::string::npos);
}

}  // namespace

TEST_CASE("25: a server older than 14 is named, and asked nothing") {
  const std::vector<std::string> versions = {"13.4", "13.23 (Debian 13.23-0+deb11u1)", "9.6.24"};
  for (const auto& told : versions) {
    CAPTURE(told);
    const std::string version = told.substr(0, told.find(' '));
    const FakeServer server(told);
    const Headway headway{server.url(), one_table().path()};
    check_refused(headway({"upgrade"}), version);
    check_refused(headway({"status"}), version);
    check_refused(headway({"downgrade", "base", "--yes"}), version);
    CHECK(server.heard() == "XXX");
  }
}

TEST_CASE("the server at hand is supported, or refused if it is older than 14") {
  const std::string url = TempCluster::shared().create_database();
  const Headway headway{url, one_table().path()};
  const Exit exit = headway({"upgrade"});
  const std::string version = value(url, "show server_version");
  if (std::stoi(value(url, "show server_version_num")) / 10000 < kOldest) {
    check_refused(exit, version);
    CHECK(value(url, "select to_regclass('t') is null and to_regnamespace('headway') is null") ==
          "t");
    return;
  }
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(headway({"status"}).out.find("PostgreSQL " + version.substr(0, version.find(' '))) !=
        std::string::npos);
  CHECK(headway({"downgrade", "base", "--yes"}).code == 0);
  CHECK(value(url, "select to_regclass('t') is null") == "t");
}
