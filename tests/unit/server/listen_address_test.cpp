#include "server/listen_address.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"

using namespace headway;
using namespace headway::server;

namespace {

std::string taken_apart(const std::string& text) {
  const ListenAddress address = parse_listen_address(text);
  return address.host + " " + std::to_string(address.port);
}

}  // namespace

TEST_CASE("an address is a host and a port") {
  CHECK(taken_apart(":9490") == " 9490");
  CHECK(taken_apart("127.0.0.1:0") == "127.0.0.1 0");
  CHECK(taken_apart("localhost:65535") == "localhost 65535");
  CHECK(taken_apart("[::1]:80") == "::1 80");
  CHECK(taken_apart("[::]:80") == ":: 80");
}

TEST_CASE("what is not an address is refused by name") {
  for (const auto* text : {"", "9490", "localhost", "host:", "host:x", "host:65536", "host:-1",
                           "host:80x", "::1:80", "[]:80", "[::1]"}) {
    CAPTURE(text);
    try {
      const auto address = parse_listen_address(text);
      FAIL("taken for " << address.host << " and " << address.port);
    } catch (const Error& error) {
      CHECK(error.id() == ErrorId::BadConfiguration);
      CHECK(error.info().message.find('"' + std::string(text) + '"') != std::string::npos);
    }
  }
}
