#include "cli/scrapes.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "support/await.hpp"

namespace headway::cli {
namespace {

constexpr Milliseconds kForEver = std::chrono::minutes{10};

}  // namespace

TEST_CASE("two scrapes after the end are enough, those before it don't count") {
  Scrapes scrapes;
  scrapes.count();
  scrapes.count();
  std::atomic<bool> over = false;
  std::jthread waiting([&] {
    scrapes.await_two(kForEver, {});
    over = true;
  });
  // However late the thread begins to wait, two more that come after that end it.
  testing::await("two scrapes are seen", [&] {
    scrapes.count();
    return over.load();
  });
}

TEST_CASE("a stop ends the waiting, also one that was requested before") {
  Scrapes scrapes;
  std::stop_source stop;
  const auto began = std::chrono::steady_clock::now();
  std::jthread waiting([&] { scrapes.await_two(kForEver, stop.get_token()); });
  stop.request_stop();
  waiting.join();
  scrapes.await_two(kForEver, stop.get_token());
  CHECK(std::chrono::steady_clock::now() - began < kForEver);
}

TEST_CASE("the longest time ends the waiting") {
  Scrapes scrapes;
  const auto began = std::chrono::steady_clock::now();
  scrapes.await_two(Milliseconds{20}, {});
  CHECK(std::chrono::steady_clock::now() - began >= Milliseconds{20});
  scrapes.await_two(Milliseconds::zero(), {});
}

}  // namespace headway::cli
