// Each case runs in a child process: signals belong to a whole process.
#include "server/signals.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

using namespace headway;
using namespace headway::server;
using std::chrono::seconds;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int kStuck = 99;

/// The exit code of a child that runs `body`, or 128 + the signal that ended it.
int in_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::alarm(20);                 // nothing stays behind
    ::signal(SIGTERM, SIG_DFL);  // the test framework's
    ::signal(SIGINT, SIG_DFL);
    ::_exit(body());
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool wait_for(const std::stop_token& token) {
  const auto deadline = Steady::now() + seconds{10};
  while (!token.stop_requested() && Steady::now() < deadline) {
    std::this_thread::sleep_for(Milliseconds{1});
  }
  return token.stop_requested();
}

}  // namespace

TEST_CASE("without drain the first signal asks for both stages at once") {
  for (const int signal : {SIGTERM, SIGINT}) {
    CHECK(in_child([signal] {
            const auto watcher = watch_signals(Milliseconds{0}, seconds{20});
            if (watcher->signal() != 0 || watcher->soon().stop_requested()) return 1;
            ::kill(::getpid(), signal);
            if (!wait_for(watcher->soon()) || !wait_for(watcher->now())) return kStuck;
            return watcher->signal() == signal ? 0 : 2;
          }) == 0);
  }
}

TEST_CASE("with drain a running migration gets its time") {
  CHECK(in_child([] {
          const auto watcher = watch_signals(Milliseconds{200}, seconds{20});
          const auto begin = Steady::now();
          ::kill(::getpid(), SIGTERM);
          if (!wait_for(watcher->soon())) return kStuck;
          if (watcher->now().stop_requested()) return 1;
          if (!wait_for(watcher->now())) return kStuck;
          return Steady::now() - begin >= Milliseconds{200} ? 0 : 2;
        }) == 0);
}

TEST_CASE("a second signal ends the process at once with 13") {
  CHECK(in_child([] {
          const auto watcher = watch_signals(seconds{60}, seconds{60});
          ::kill(::getpid(), SIGTERM);
          if (!wait_for(watcher->soon())) return kStuck;
          ::kill(::getpid(), SIGINT);
          std::this_thread::sleep_for(seconds{10});
          return kStuck;
        }) == 13);
}

TEST_CASE("a second signal is seen while a callback of the first one blocks") {
  CHECK(in_child([] {
          const auto watcher = watch_signals(Milliseconds{0}, seconds{60});
          const std::stop_callback blocks(watcher->soon(),
                                          [] { std::this_thread::sleep_for(seconds{15}); });
          ::kill(::getpid(), SIGTERM);
          if (!wait_for(watcher->now())) return kStuck;
          ::kill(::getpid(), SIGTERM);
          std::this_thread::sleep_for(seconds{10});
          return kStuck;
        }) == 13);
}

TEST_CASE("an engine that does not come back is ended by the shutdown timeout") {
  const auto begin = Steady::now();
  CHECK(in_child([] {
          const auto watcher = watch_signals(Milliseconds{0}, Milliseconds{150});
          ::kill(::getpid(), SIGTERM);
          std::this_thread::sleep_for(seconds{10});
          return kStuck;
        }) == 13);
  CHECK(Steady::now() - begin >= Milliseconds{150});
  CHECK(Steady::now() - begin < seconds{5});
}

TEST_CASE("a watcher that is gone ends nothing any more") {
  CHECK(in_child([] {
          {
            const auto watcher = watch_signals(Milliseconds{0}, Milliseconds{50});
            ::kill(::getpid(), SIGTERM);
            if (!wait_for(watcher->now())) return kStuck;
          }
          std::this_thread::sleep_for(Milliseconds{120});
          return 0;
        }) == 0);
}

TEST_CASE("a signal that comes after the watcher changes no exit code") {
  constexpr int kOutcome = 7;
  CHECK(in_child([] {
          { const auto watcher = watch_signals(Milliseconds{0}, Milliseconds{50}); }
          ::kill(::getpid(), SIGTERM);
          ::kill(::getpid(), SIGINT);
          return kOutcome;
        }) == kOutcome);
}

TEST_CASE("threads that start later leave the signals to the watcher") {
  CHECK(in_child([] {
          const auto watcher = watch_signals(Milliseconds{0}, seconds{20});
          std::jthread busy([](const std::stop_token& stop) {
            while (!stop.stop_requested()) std::this_thread::sleep_for(Milliseconds{1});
          });
          ::kill(::getpid(), SIGTERM);
          return wait_for(watcher->now()) ? 0 : kStuck;
        }) == 0);
}

TEST_CASE("a pipe without a reader is an error, not the end") {
  CHECK(in_child([] {
          const auto watcher = watch_signals(Milliseconds{0}, seconds{20});
          int ends[2];
          if (::pipe(ends) != 0) return 1;
          ::close(ends[0]);
          return ::write(ends[1], "x", 1) < 0 ? 0 : 2;
        }) == 0);
}

TEST_CASE("the first process of a container gets its signals") {
  constexpr int kNoRight = 77;
  const int code = in_child([] {
    if (::unshare(CLONE_NEWPID) != 0) return kNoRight;
    int ready[2];
    if (::pipe(ready) != 0) return 1;
    const pid_t first = ::fork();
    if (first == 0) {
      ::alarm(20);
      const auto as_first = [&ready] {
        const auto watcher = watch_signals(Milliseconds{0}, seconds{20});
        if (::getpid() != 1 || ::write(ready[1], "x", 1) != 1) return 1;
        return wait_for(watcher->now()) ? 0 : kStuck;
      };
      ::_exit(as_first());
    }
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1) return 2;
    ::kill(first, SIGTERM);
    int status = 0;
    ::waitpid(first, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  });
  if (code == kNoRight) {
    MESSAGE("not allowed to make a process namespace");
    return;
  }
  CHECK(code == 0);
}
