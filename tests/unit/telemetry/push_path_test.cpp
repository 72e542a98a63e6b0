#include <doctest/doctest.h>

#include "telemetry/metrics.hpp"

using headway::telemetry::push_path;

TEST_CASE("a push is grouped by database and, where there is one, namespace") {
  CHECK(push_path("hive", "") == "/metrics/job/headway/database/hive");
  CHECK(push_path("hive", "prod-eu") == "/metrics/job/headway/database/hive/namespace/prod-eu");
  CHECK(push_path("hive", "shop", 7) ==
        "/metrics/job/headway/database/hive/namespace/shop/shard/7");
}

TEST_CASE("a value with a slash, or empty, is in base64 form") {
  CHECK(push_path("a/b", "x/y") ==
        "/metrics/job/headway/database@base64/YS9i/namespace@base64/eC95");
  CHECK(push_path("", "") == "/metrics/job/headway/database@base64/=");
  CHECK(push_path("..", "") == "/metrics/job/headway/database@base64/Li4");
}

TEST_CASE("other characters are percent-encoded") {
  CHECK(push_path("my db?#%é", "") == "/metrics/job/headway/database/my%20db%3F%23%25%C3%A9");
}
