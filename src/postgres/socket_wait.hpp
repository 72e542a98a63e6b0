// Waiting for libpq's socket, for so long and no longer than nobody asks to stop.
#pragma once
#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

namespace headway::postgres {

/// Makes a request to stop something that poll() sees.
class StopEvent {
 public:
  explicit StopEvent(const std::stop_token& stop);
  ~StopEvent();
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  void signal() const noexcept;

  int descriptor_;
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

enum class Waited { Ready, Stopped, TimeOver };

/// Waits until libpq can go on; `events` are those of poll().
[[nodiscard]] Waited wait_for(const PGconn* connection, short events,
                              std::chrono::steady_clock::time_point deadline,
                              const StopEvent& stop);

}  // namespace headway::postgres
