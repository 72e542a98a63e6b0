// Looks at the history from time to time after the upgrade of `serve`, on a thread of its own, and
// tells the runtime's observers and its user what has changed.
#pragma once
#include <future>
#include <stop_token>
#include <string>
#include <thread>

#include "cli/runtime.hpp"

namespace headway::cli {

class Watcher {
 public:
  /// Both outlive this.  `interval` gets a tenth of jitter; zero: never looks.  From now on nobody
  /// else uses the runtime's context.
  Watcher(Runtime& runtime, const migration::Source& source, Milliseconds interval);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Stops looking.  A look that hangs in a server that is gone is not waited for: the process
  /// ends with `exit_code` then.
  void stop_or_exit(int exit_code);

 private:
  void run(const std::stop_token& stop);
  void look();

  Runtime& runtime_;
  const migration::Source& source_;
  const Milliseconds interval_;
  std::string told_;  ///< the last warning
  std::promise<void> ended_;
  std::future<void> end_;
  std::jthread thread_;
};

}  // namespace headway::cli
