#include "cli/fleet_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

namespace headway::cli {
namespace {

std::deque<FleetJob> jobs(std::size_t count) {
  std::deque<FleetJob> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({false, {i}});
  return out;
}

}  // namespace

TEST_CASE("jobs come in order, and then it is over") {
  FleetQueue queue(jobs(2), 0, {});
  CHECK(queue.take()->targets.front() == 0);
  CHECK(queue.take()->targets.front() == 1);
  queue.done();
  queue.done();
  CHECK_FALSE(queue.take());
}

TEST_CASE("after as many failures as are allowed nothing more is handed out") {
  FleetQueue queue(jobs(5), 2, {});
  CHECK(queue.take());
  queue.failed();
  queue.done();
  CHECK(queue.take());
  queue.failed();
  queue.done();
  CHECK_FALSE(queue.take());
}

TEST_CASE("without a limit failures do not matter") {
  FleetQueue queue(jobs(3), 0, {});
  for (int i = 0; i < 3; ++i) {
    CHECK(queue.take());
    queue.failed();
    queue.done();
  }
}

TEST_CASE("a stop ends it") {
  std::stop_source stop;
  FleetQueue queue(jobs(3), 0, stop.get_token());
  CHECK(queue.take());
  stop.request_stop();
  CHECK_FALSE(queue.take());
}

TEST_CASE("a thread with nothing to do waits for what another one adds") {
  std::deque<FleetJob> one;
  one.push_back({true, {0, 1, 2}});
  FleetQueue queue(std::move(one), 0, {});
  std::atomic<int> singles = 0;
  const auto work = [&] {
    while (const auto job = queue.take()) {
      if (job->together) {
        for (const std::size_t target : job->targets) queue.add({false, {target}});
      } else {
        ++singles;
      }
      queue.done();
    }
  };
  {
    const std::jthread a(work);
    const std::jthread b(work);
    const std::jthread c(work);
  }
  CHECK(singles == 3);
}

}  // namespace headway::cli
