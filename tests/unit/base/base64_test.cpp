#include "base/base64.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("base64 of RFC 4648, section 10") {
  CHECK(headway::base64("").empty());
  CHECK(headway::base64("f") == "Zg==");
  CHECK(headway::base64("fo") == "Zm8=");
  CHECK(headway::base64("foo") == "Zm9v");
  CHECK(headway::base64("foob") == "Zm9vYg==");
  CHECK(headway::base64("fooba") == "Zm9vYmE=");
  CHECK(headway::base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("the alphabets differ in two characters and the padding") {
  const std::string bytes = "\xfb\xff\xfe\xff";
  CHECK(headway::base64(bytes) == "+//+/w==");
  CHECK(headway::base64_url(bytes) == "-__-_w");
}
