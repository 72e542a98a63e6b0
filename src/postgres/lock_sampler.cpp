#include "postgres/lock_sampler.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <utility>

#include "base/error.hpp"

namespace headway::postgres {

std::optional<sql::LockMode> lock_mode_of(std::string_view name) noexcept {
  /// In the order of sql::LockMode.
  static constexpr std::array<std::string_view, 8> kModes{
      "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
      "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock"};
  const auto* const found = std::find(kModes.begin(), kModes.end(), name);
  if (found == kModes.end()) return std::nullopt;
  return static_cast<sql::LockMode>(found - kModes.begin());
}

void LockSampler::begin(int backend) {
  seen_.clear();
  // A short statement would be over before the first look.
  auto looks = std::make_shared<std::promise<void>>();
  const auto looking = looks->get_future();
  thread_ = std::jthread([this, backend, looks](const std::stop_token& stop) {
    bool first = true;
    try {
      while (!stop.stop_requested()) {
        for (const HeldLock& lock : server_.locks_of(backend)) {
          const auto mode = lock_mode_of(lock.mode);
          if (!mode) continue;
          auto& strongest = seen_.try_emplace(lock.relation, *mode).first->second;
          strongest = std::max(strongest, *mode);
        }
        if (std::exchange(first, false)) looks->set_value();
      }
    } catch (const Error&) {
      // It is the statement that counts, and its run does not depend on who looks.
    }
    if (first) looks->set_value();
  });
  looking.wait();
}

LockSampler::Seen LockSampler::end() {
  thread_ = {};
  return std::exchange(seen_, {});
}

}  // namespace headway::postgres
