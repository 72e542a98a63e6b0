#include "postgres/socket_wait.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace headway::postgres {

StopEvent::StopEvent(const std::stop_token& stop)
    : descriptor_(eventfd(0, EFD_CLOEXEC)), callback_(std::in_place, stop, [this] { signal(); }) {}

StopEvent::~StopEvent() {
  callback_.reset();  // before what it writes to
  if (descriptor_ >= 0) close(descriptor_);
}

void StopEvent::signal() const noexcept {
  if (descriptor_ >= 0) eventfd_write(descriptor_, 1);
}

Waited wait_for(const PGconn* connection, short events,
                std::chrono::steady_clock::time_point deadline, const StopEvent& stop) {
  constexpr std::int64_t kLongestPoll = 3'600'000;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return Waited::TimeOver;
    // poll() ignores a negative descriptor.
    std::array<pollfd, 2> descriptors{
        {{PQsocket(connection), events, 0}, {stop.descriptor(), POLLIN, 0}}};
    const int ready = poll(descriptors.data(), descriptors.size(),
                           static_cast<int>(std::min<std::int64_t>(left, kLongestPoll)));
    if (ready > 0) return descriptors[1].revents != 0 ? Waited::Stopped : Waited::Ready;
    if (ready < 0 && errno != EINTR) return Waited::Ready;  // libpq meets the same error, words it
  }
}

}  // namespace headway::postgres
