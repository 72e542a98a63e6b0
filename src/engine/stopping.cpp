#include "engine/stopping.hpp"

#include <fmt/format.h>

namespace headway::engine {
namespace {

[[noreturn]] void interrupted(const std::string& instead) {
  throw Error(ErrorId::Interrupted, fmt::format("a stop was requested: {}", instead));
}

}  // namespace

Stopping::Stopping(const Stop& stop)
    : now_(stop.now),
      on_soon_(stop.soon, [this] { any_.request_stop(); }),
      on_now_(stop.now, [this] { any_.request_stop(); }) {}

void Stopping::check(const std::string& instead) const {
  if (any_.stop_requested()) interrupted(instead);
}

void Stopping::check_now(const std::string& instead) const {
  if (now_.stop_requested()) interrupted(instead);
}

}  // namespace headway::engine
