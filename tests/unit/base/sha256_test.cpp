#include "base/sha256.hpp"

#include <doctest/doctest.h>

using headway::sha256;
using headway::to_hex;

// Vectors: FIPS 180-4 examples.
TEST_CASE("SHA-256 of the standard's examples") {
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a text fed in pieces has the digest of the whole") {
  headway::Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  CHECK(hash.finish() == sha256("abc"));
}
