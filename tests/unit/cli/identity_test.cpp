#include "cli/identity.hpp"

#include <doctest/doctest.h>

namespace headway::cli {

TEST_CASE("a run's id is a random UUID of version 4") {
  const std::string id = random_uuid();
  REQUIRE(id.size() == 36);
  CHECK(id[8] == '-');
  CHECK(id[14] == '4');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(id != random_uuid());
}

TEST_CASE("the pod's name comes from HEADWAY_POD, else from HOSTNAME") {
  CHECK(pod_name({{"HEADWAY_POD", "api-1"}, {"HOSTNAME", "node"}}) == "api-1");
  CHECK(pod_name({{"HOSTNAME", "node"}}) == "node");
  CHECK_FALSE(pod_name({}).empty());
}

TEST_CASE("the application's name has at most 63 bytes and keeps the end of the pod's") {
  CHECK(application_name("api-1") == "headway api-1");
  const std::string pod = std::string(70, 'a') + "-7d9f8-xk2lp";
  const std::string name = application_name(pod);
  CHECK(name.size() == 63);
  CHECK(name.substr(0, 9) == "headway a");
  CHECK(name.substr(name.size() - 12) == "-7d9f8-xk2lp");
  const std::string accents = application_name(std::string(1, 'x') + "é" + std::string(54, 'y'));
  CHECK(accents == "headway " + std::string(54, 'y'));
}

}  // namespace headway::cli
