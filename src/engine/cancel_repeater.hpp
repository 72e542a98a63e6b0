// While one lives, a stop request makes the server cancel what runs on the connection, again and
// again: a single cancel that falls between two statements is lost.
//
// It ends with its scope, so that what follows (ROLLBACK, an event) is not cancelled as well.  No
// thread exists until a stop is requested.
#pragma once
#include <functional>
#include <stop_token>
#include <thread>

#include "engine/connection.hpp"

namespace headway::engine {

class CancelRepeater {
 public:
  /// `connection` outlives this.
  CancelRepeater(const std::stop_token& now, Connection& connection,
                 Milliseconds interval = Milliseconds{100});
  CancelRepeater(const CancelRepeater&) = delete;
  CancelRepeater& operator=(const CancelRepeater&) = delete;

 private:
  std::jthread thread_;  // before the callback: it is joined after the callback can't start it
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace headway::engine
