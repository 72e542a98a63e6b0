#include "engine/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headway::engine {

Milliseconds Backoff::next() {
  const auto upper = std::max(first_.count(), last_.count() * 3);
  std::uniform_int_distribution<Milliseconds::rep> spread(first_.count(), upper);
  last_ = std::min(longest_, Milliseconds(spread(random_)));
  return last_;
}

std::string words(Milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  const auto seconds = ms / 1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  const auto minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes % 60 == 0) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

}  // namespace headway::engine
