// The watcher's thread takes signals from a signalfd, so no code of ours ever runs inside a signal
// handler.  It must stay free to see the second signal and the end of the shutdown timeout, and
// what runs on request_stop() may block (a cancel opens a connection): each request_stop() gets a
// thread of its own.
//
// As PID 1 of a container the kernel drops signals whose disposition is the default one, but never
// those that are blocked, as here.
#include "server/signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>
#include <thread>

#include "base/error.hpp"

namespace headway::server {
namespace {

using Steady = std::chrono::steady_clock;

sigset_t watched() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "waiting for signals");
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

class Watcher final : public SignalWatcher {
 public:
  Watcher(Milliseconds drain, Milliseconds shutdown_timeout)
      : drain_(drain), shutdown_timeout_(shutdown_timeout) {
    ::signal(SIGPIPE, SIG_IGN);  // a socket or pipe that is gone is an error code, not the end
    thread_ = std::thread([this] { watch(); });
  }

  ~Watcher() override {
    const std::uint64_t one = 1;
    while (::write(quit_.get(), &one, sizeof one) < 0 && errno == EINTR) continue;
    thread_.join();
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  [[nodiscard]] std::stop_token soon() const override { return soon_.get_token(); }
  [[nodiscard]] std::stop_token now() const override { return now_.get_token(); }
  [[nodiscard]] int signal() const override { return signal_; }
  void exit_with(int code) override { exit_code_ = code; }

 private:
  enum class Stage { Watching, Draining, Stopping };

  void watch() {
    Stage stage = Stage::Watching;
    Steady::time_point deadline{};
    for (;;) {
      const bool timed = stage != Stage::Watching;
      switch (wait(timed ? std::optional(deadline) : std::nullopt)) {
        case Event::Quit: return;
        case Event::Signal:
          if (stage != Stage::Watching) ::_exit(exit_code_);
          soon_request_ = request(soon_);
          stage = Stage::Draining;
          deadline = Steady::now() + drain_;
          break;
        case Event::Timeout:
          if (stage == Stage::Stopping) ::_exit(exit_code_);
          now_request_ = request(now_);
          stage = Stage::Stopping;
          deadline = Steady::now() + shutdown_timeout_;
          break;
      }
    }
  }

  static std::jthread request(const std::stop_source& source) {
    return std::jthread([source]() mutable { source.request_stop(); });
  }

  enum class Event { Signal, Timeout, Quit };

  Event wait(std::optional<Steady::time_point> deadline) {
    for (;;) {
      int timeout = -1;
      if (deadline) {
        // Rounded up, so that the deadline has passed when poll() says so.
        const auto left = std::chrono::ceil<Milliseconds>(*deadline - Steady::now()).count();
        if (left <= 0) return Event::Timeout;
        timeout = left > 1'000'000 ? 1'000'000 : static_cast<int>(left);
      }
      pollfd fds[2] = {{quit_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      if (::poll(fds, 2, timeout) <= 0) continue;
      if (fds[0].revents != 0) return Event::Quit;
      signalfd_siginfo info{};
      if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
      if (signal_ == 0) signal_ = static_cast<int>(info.ssi_signo);
      return Event::Signal;
    }
  }

  /// Blocked in this thread and in those it starts, for good: what a run has come to is not changed
  /// by a signal that arrives while the process ends.
  static int open_signals() {
    const sigset_t set = watched();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_CLOEXEC);
  }

  const Milliseconds drain_;
  const Milliseconds shutdown_timeout_;
  const Descriptor signals_{open_signals()};
  const Descriptor quit_{::eventfd(0, EFD_CLOEXEC)};
  std::atomic<int> signal_ = 0;
  std::atomic<int> exit_code_ = kind_info(Kind::Interrupted).exit_code;
  std::stop_source soon_;
  std::stop_source now_;
  std::jthread soon_request_;
  std::jthread now_request_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<SignalWatcher> watch_signals(Milliseconds drain, Milliseconds shutdown_timeout) {
  return std::make_unique<Watcher>(drain, shutdown_timeout);
}

}  // namespace headway::server
