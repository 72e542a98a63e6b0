// SIGTERM and SIGINT as stop tokens, by a thread that waits for them.
//
// Construct before any other thread is started: it blocks the signals in the calling thread, and
// later threads inherit that.  The first signal requests `soon` at once and `now` after `drain`; a
// second one ends the process at once with exit code 13.  When the engine has not come back
// `shutdown_timeout` after `now`, the process ends with 13 too.  When the watcher is gone the
// process is about to exit, and no signal changes its exit code any more: they stay blocked.
#pragma once
#include <memory>
#include <stop_token>

#include "base/clock.hpp"

namespace headway::server {

class SignalWatcher {
 public:
  virtual ~SignalWatcher() = default;
  [[nodiscard]] virtual std::stop_token soon() const = 0;
  [[nodiscard]] virtual std::stop_token now() const = 0;
  /// The run is over: from now on a second signal, or the end of the shutdown timeout, ends the
  /// process with this code.
  virtual void exit_with(int code) = 0;
  /// 0 as long as none has come.
  [[nodiscard]] virtual int signal() const = 0;
};

[[nodiscard]] std::unique_ptr<SignalWatcher> watch_signals(Milliseconds drain,
                                                           Milliseconds shutdown_timeout);

}  // namespace headway::server
