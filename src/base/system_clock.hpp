// The real clock.  Not for the pure folders.
#pragma once
#include "base/clock.hpp"

namespace headway {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Steady steady() const override;
  bool sleep(Milliseconds duration, std::stop_token stop) override;
};

}  // namespace headway
