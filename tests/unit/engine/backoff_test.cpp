#include "engine/backoff.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using headway::Milliseconds;
using headway::engine::Backoff;
using headway::engine::words;

TEST_CASE("pauses stay within their bounds, spread, and reach the longest") {
  std::mt19937_64 random(1);
  Backoff backoff(Milliseconds{200}, Milliseconds{5000}, random);
  std::set<Milliseconds> seen;
  for (int i = 0; i < 200; ++i) {
    const auto pause = backoff.next();
    CHECK(pause >= Milliseconds{200});
    CHECK(pause <= Milliseconds{5000});
    seen.insert(pause);
  }
  CHECK(seen.size() > 20);
  CHECK(*seen.rbegin() == Milliseconds{5000});
}

TEST_CASE("the first pause is at most three times the shortest") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    CHECK(Backoff(Milliseconds{100}, Milliseconds{9000}, random).next() <= Milliseconds{300});
  }
}

TEST_CASE("durations are words") {
  CHECK(words(Milliseconds{250}) == "250 ms");
  CHECK(words(Milliseconds{90'000}) == "90 s");
  CHECK(words(Milliseconds{600'000}) == "10 min");
  CHECK(words(Milliseconds{3'600'000}) == "1 h");
  CHECK(words(Milliseconds{3'900'000}) == "1 h 5 min");
}
