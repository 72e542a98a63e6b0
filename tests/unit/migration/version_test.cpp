#include "migration/version.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using headway::migration::Version;
using headway::migration::VersionHash;

TEST_CASE("versions that are numbers are equal when their values are") {
  CHECK(Version("0042") == Version("42"));
  CHECK(VersionHash{}(Version("0042")) == VersionHash{}(Version("42")));
  CHECK(Version("000") == Version("0"));
  CHECK(Version("42") != Version("420"));
  CHECK(Version("") != Version("0"));
}

TEST_CASE("a date of zeros has a length") {
  const Version shorter(std::string(14, '0'));
  const Version longer(std::string(15, '0'));
  CHECK(shorter != longer);
  CHECK(shorter < longer);
  CHECK(Version("0") < shorter);
  CHECK(longer < Version("1"));
  CHECK(Version("01") > longer);
}

TEST_CASE("a version is shown as it was written") { CHECK(Version("0042").text() == "0042"); }

TEST_CASE("numbers of any length compare by value") {
  CHECK(Version("9") < Version("10"));
  CHECK(Version("009") < Version("10"));
  CHECK(Version("99999999999999999999999998") < Version("99999999999999999999999999"));
  CHECK(Version("99999999999999999999") < Version("100000000000000000000"));
}

TEST_CASE("texts compare by bytes and stand after numbers") {
  CHECK(Version("ae10") < Version("b2"));
  CHECK(Version("999") < Version("1a"));
  CHECK(Version("1.10") < Version("1.9"));
  CHECK_FALSE(Version("1.10").numeric());
  CHECK_FALSE(Version("").numeric());
}

TEST_CASE("the order is strict: equal versions are not less") {
  CHECK_FALSE(Version("0042") < Version("42"));
  std::vector<Version> versions{Version("10"), Version("x"), Version("9"), Version("010")};
  std::ranges::stable_sort(versions);
  std::vector<std::string> texts;
  for (const Version& version : versions) texts.push_back(version.text());
  CHECK(texts == std::vector<std::string>{"9", "10", "010", "x"});
}
