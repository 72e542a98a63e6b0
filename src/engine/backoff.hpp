// Pauses that grow and spread: decorrelated jitter, so that many pods that failed together do not
// come back together.
#pragma once
#include <random>
#include <string>

#include "base/clock.hpp"

namespace headway::engine {

class Backoff {
 public:
  /// Every pause lies in [first, longest].  `random` outlives this.
  Backoff(Milliseconds first, Milliseconds longest, std::mt19937_64& random)
      : first_(first), longest_(longest), last_(first), random_(random) {}
  [[nodiscard]] Milliseconds next();

 private:
  Milliseconds first_;
  Milliseconds longest_;
  Milliseconds last_;
  std::mt19937_64& random_;
};

/// "250 ms", "12 s", "10 min", "1 h 5 min": for messages.
[[nodiscard]] std::string words(Milliseconds duration);

}  // namespace headway::engine
