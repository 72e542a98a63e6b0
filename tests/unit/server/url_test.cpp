#include "server/url.hpp"

#include <doctest/doctest.h>

using headway::server::parse_url;

TEST_CASE("a URL is taken apart") {
  const auto url = parse_url("https://me:p%40ss@push.example:9091/base?x=1#part");
  REQUIRE(url);
  CHECK(url->tls);
  CHECK(url->host == "push.example");
  CHECK(url->port == 9091);
  CHECK(url->target == "/base?x=1");
  CHECK(url->credentials == "me:p@ss");
  CHECK(url->authority() == "push.example:9091");
}

TEST_CASE("what is left out has its default") {
  const auto plain = parse_url("http://push");
  REQUIRE(plain);
  CHECK(plain->port == 80);
  CHECK(plain->target == "/");
  CHECK(plain->credentials.empty());
  CHECK(plain->authority() == "push");
  CHECK(parse_url("https://push")->port == 443);
  CHECK(parse_url("http://push:")->port == 80);
  CHECK(parse_url("http://push?x")->target == "/?x");
}

TEST_CASE("an IPv6 address stands in brackets") {
  const auto url = parse_url("http://[::1]:9091/");
  REQUIRE(url);
  CHECK(url->host == "::1");
  CHECK(url->authority() == "[::1]:9091");
  CHECK(parse_url("http://[::1]")->authority() == "[::1]");
}

TEST_CASE("what is not a URL, or would break a request apart, is refused") {
  for (const auto* text :
       {"", "push:9091", "ftp://push", "http://", "http:///path", "http://@", "http://h:0",
        "http://h:99999", "http://h:x", "http://::1/", "http://[::1", "http://u:%zz@h",
        "http://h/a b", "http://h/\r\nX: y", "http://h\n", "postgresql://u:p@h/d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_url(text));
  }
}
