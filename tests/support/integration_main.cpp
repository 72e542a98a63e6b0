// main() of the tests that want a PostgreSQL: without one they are skipped (exit 77), or fail if
// HEADWAY_REQUIRE_POSTGRES=1.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "support/temp_cluster.hpp"

int main(int argc, char** argv) {
  if (!headway::testing::TempCluster::available()) {
    const char* required = std::getenv("HEADWAY_REQUIRE_POSTGRES");
    const bool fail = required != nullptr && std::string_view(required) == "1";
    std::fputs("no PostgreSQL server is installed, and HEADWAY_TEST_DSN names none\n", stderr);
    return fail ? 1 : 77;
  }
  doctest::Context context(argc, argv);
  return context.run();
}
