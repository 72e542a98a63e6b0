#include "migration/checksum.hpp"

#include <doctest/doctest.h>

#include <string>

using headway::migration::checksum_of;

TEST_CASE("the checksum is SHA-256 of the text, so other tools can compute it") {
  CHECK(checksum_of("abc").hex() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(checksum_of("").hex() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a BOM and CR LF do not change the checksum") {
  const auto plain = checksum_of("SELECT 1;\nSELECT 2;\n");
  CHECK(checksum_of("SELECT 1;\r\nSELECT 2;\r\n") == plain);
  CHECK(checksum_of("\xEF\xBB\xBFSELECT 1;\nSELECT 2;\n") == plain);
  CHECK(checksum_of("\xEF\xBB\xBFSELECT 1;\r\nSELECT 2;\n") == plain);
}

TEST_CASE("everything else changes the checksum") {
  const auto plain = checksum_of("SELECT 1;\nSELECT 2;\n");
  CHECK(checksum_of("SELECT 1;\nSELECT 2;") != plain);
  CHECK(checksum_of("SELECT 1;\rSELECT 2;\n") != plain);      // a CR of its own
  CHECK(checksum_of("SELECT 1;\r\r\nSELECT 2;\n") != plain);  // one too many
  CHECK(checksum_of("SELECT 1; \nSELECT 2;\n") != plain);
  CHECK(checksum_of("SELECT 1;\n\xEF\xBB\xBFSELECT 2;\n") != plain);  // not at the beginning
}

TEST_CASE("a CR at the very end stays") { CHECK(checksum_of("a\r") != checksum_of("a")); }
