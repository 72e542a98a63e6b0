#include "cli/variables.hpp"

#include <doctest/doctest.h>

namespace headway::cli {

TEST_CASE("a variable that nothing reads is named, with the one that was meant") {
  CHECK(unknown_variables({{"HEADWAY_LOCK_WIAT", "1s"}}) ==
        std::vector<std::string>{
            "nothing reads the variable HEADWAY_LOCK_WIAT; did you mean HEADWAY_LOCK_WAIT?"});
  CHECK(unknown_variables({{"HEADWAY_XYZZY_PLUGH", "1"}}) ==
        std::vector<std::string>{"nothing reads the variable HEADWAY_XYZZY_PLUGH"});
}

TEST_CASE("variables that Headway reads are known") {
  CHECK(unknown_variables({{"HEADWAY_DATABASE_URL", "x"},
                           {"HEADWAY_DATABASE_URL_FILE", "x"},
                           {"HEADWAY_POD", "x"},
                           {"HEADWAY_NAMESPACE", "x"},
                           {"HEADWAY_SQL", "1"},
                           {"PATH", "x"}})
            .empty());
}

TEST_CASE("what Kubernetes injects for Services named headway or headway-... is left aside") {
  CHECK(unknown_variables({{"HEADWAY_PORT", "tcp://10.0.0.1:9490"},
                           {"HEADWAY_PORT_9490_TCP_ADDR", "10.0.0.1"},
                           {"HEADWAY_SERVICE_HOST", "10.0.0.1"},
                           {"HEADWAY_METRICS_SERVICE_PORT_HTTP", "9490"},
                           {"HEADWAY_METRICS_PORT", "tcp://10.0.0.1:9490"},
                           {"HEADWAY_METRICS_PORT_9490_TCP", "tcp://10.0.0.1:9490"}})
            .empty());
  CHECK(unknown_variables({{"HEADWAY_METRICS_PORT", "9490"}}).size() == 1);
}

TEST_CASE("an empty variable counts as not set") {
  const Variables variables{{"A", ""}, {"B", "x"}};
  CHECK(find_variable(variables, "A") == nullptr);
  REQUIRE(find_variable(variables, "B") != nullptr);
  CHECK(*find_variable(variables, "B") == "x");
}

}  // namespace headway::cli
