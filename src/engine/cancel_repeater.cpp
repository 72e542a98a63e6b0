#include "engine/cancel_repeater.hpp"

#include <condition_variable>
#include <mutex>

namespace headway::engine {
namespace {

void repeat(const std::stop_token& ended, Connection& connection, Milliseconds interval) {
  std::mutex mutex;
  std::condition_variable_any wakeup;
  std::unique_lock lock(mutex);
  while (!ended.stop_requested()) {
    connection.cancel();
    wakeup.wait_for(lock, ended, interval, [&ended] { return ended.stop_requested(); });
  }
}

}  // namespace

CancelRepeater::CancelRepeater(const std::stop_token& now, Connection& connection,
                               Milliseconds interval)
    : on_stop_(now, [this, &connection, interval] {
        thread_ = std::jthread([&connection, interval](const std::stop_token& ended) {
          repeat(ended, connection, interval);
        });
      }) {}

}  // namespace headway::engine
