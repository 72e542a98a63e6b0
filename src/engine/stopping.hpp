// Both stages of stopping as one token, for what must end at the first of them: pauses, waiting for
// the lock, the step after this one.
#pragma once
#include <functional>
#include <stop_token>
#include <string>

#include "engine/use_cases.hpp"

namespace headway::engine {

class Stopping {
 public:
  explicit Stopping(const Stop& stop);
  Stopping(const Stopping&) = delete;
  Stopping& operator=(const Stopping&) = delete;

  [[nodiscard]] std::stop_token token() const { return any_.get_token(); }
  [[nodiscard]] const std::stop_token& now() const noexcept { return now_; }
  /// Throws Interrupted if either stage was requested.  `instead` is what is not done now.
  void check(const std::string& instead) const;
  /// Throws Interrupted if the second stage was requested.
  void check_now(const std::string& instead) const;

 private:
  std::stop_source any_;
  std::stop_token now_;
  std::stop_callback<std::function<void()>> on_soon_;
  std::stop_callback<std::function<void()>> on_now_;
};

}  // namespace headway::engine
