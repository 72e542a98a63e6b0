// Child processes for tests: nothing outlives the test, and no output is lost.
//
// A Process collects its child's output on a thread of its own, so that the child never blocks on a
// full pipe.  It is killed when the Process is destroyed, and by the kernel (PR_SET_PDEATHSIG) when
// the thread that started it ends: start long-lived children from the test's main thread.
#pragma once
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headway::testing {

struct Command {
  std::vector<std::string> args;  ///< args[0] is the program: a path, or a name looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< on top of what follows
  /// false: only PATH, TMPDIR and the sanitizers' options come from the test's own environment.
  bool inherit_environment = false;
  std::string input = {};              ///< what the child reads from stdin
  std::string working_directory = {};  ///< empty: the test's own
  std::string user = {};  ///< run as this user if we are root; ignored otherwise; empty: as we are
  int death_signal = SIGKILL;  ///< what the child gets when the test dies
  std::chrono::milliseconds timeout = std::chrono::seconds{60};  ///< of run(), which then kills
};

struct Exit {
  int code = -1;   ///< exit code; -1 if a signal ended it
  int signal = 0;  ///< the signal, or 0
  bool timed_out = false;
  std::string out;
  std::string err;
  rusage usage = {};
  std::chrono::milliseconds duration{0};  ///< from fork to exit

  /// An upper bound: the kernel counts what the child shared with the test between fork and exec.
  [[nodiscard]] long peak_rss_kib() const { return usage.ru_maxrss; }
  /// "exit 2" or "signal 9", and the output: for INFO().
  [[nodiscard]] std::string text() const;
};

class Process {
 public:
  /// Throws std::runtime_error if the program can't be started.
  explicit Process(Command command);
  ~Process();
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;

  [[nodiscard]] pid_t pid() const noexcept;
  [[nodiscard]] bool running() const;
  /// What has been written so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

  /// Waits until the text stands in stdout or stderr.  Throws std::runtime_error (with the output)
  /// if the time is over, or the child has ended without it.
  void wait_for_output(std::string_view text, std::chrono::milliseconds timeout = kPatience) const;
  void wait_for_output(const std::regex& pattern,
                       std::chrono::milliseconds timeout = kPatience) const;

  /// Nothing happens if the child has ended.
  void send_signal(int signal) const;
  /// Waits for the end; kills the child (and its process group) when the time is over.
  Exit wait(std::chrono::milliseconds timeout = kPatience);
  /// send_signal() and wait().
  Exit stop(int signal = SIGTERM, std::chrono::milliseconds timeout = kPatience);

  static constexpr std::chrono::seconds kPatience{60};

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs to the end.
Exit run(Command command);

}  // namespace headway::testing
