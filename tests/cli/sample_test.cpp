// The sample in migrations/ goes up, down to base, and up again, to equal schemas.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

TEST_CASE("the sample goes up, down to base and up, with equal schemas and data") {
  const std::string url = TempCluster::shared().create_database();
  const Headway headway{url, HEADWAY_SAMPLE};
  const std::string empty = dump(url);
  const auto succeed = [&](std::vector<std::string> args) {
    const Exit exit = headway(std::move(args));
    INFO(exit.text());
    REQUIRE(exit.code == 0);
  };
  succeed({"upgrade"});
  const std::string full = dump_with_data(url);
  CHECK(full != empty);
  succeed({"downgrade", "base", "--yes"});
  CHECK(value(url, "select count(*) from headway.history") == "1");
  // Repeatables have no way back; what they made goes with what it stands on.
  CHECK(dump(url) == empty);
  succeed({"upgrade"});
  CHECK(dump(url) == dump(url));
  succeed({"check"});
}

TEST_CASE("every migration of the sample can be taken back and brought again by itself") {
  const std::string url = TempCluster::shared().create_database();
  const Headway headway{url, HEADWAY_SAMPLE};
  std::string last;
  for (;;) {
    if (headway({"upgrade", "+1"}).code != 0) break;
    const std::string current = value(url, "select count(*) from headway.history");
    REQUIRE(current != last);
    last = current;
    const std::string before = dump(url);
    const Exit redone = headway({"redo", "--yes"});
    INFO(redone.text());
    REQUIRE(redone.code == 0);
    CHECK(dump(url) == before);
  }
  CHECK(std::stoi(last) > 12);
}
