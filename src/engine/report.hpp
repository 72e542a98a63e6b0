// What a run did: half-done work is described, not lost.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "migration/plan.hpp"

namespace headway::engine {

struct DoneStep {
  migration::Step::Action action = migration::Step::Action::Apply;
  std::string version;  ///< empty for repeatables
  std::string name;
  Microseconds duration{};
};

struct RunReport {
  std::string command;  ///< "upgrade"
  std::string run_id;
  std::vector<DoneStep> done;  ///< committed, in order
  std::vector<migration::Step>
      remaining_steps;  ///< planned and not done (pointers valid as long as the source)
  std::string current;  ///< after the run; "base" if none, empty if not known
  std::string target;
  std::vector<std::string> warnings;
  std::optional<ErrorInfo> error;
  Timestamp started{};
  Milliseconds duration{};
  Milliseconds lock_wait{};
  bool waited_for_other = false;  ///< another process brought the database to the target meanwhile
  [[nodiscard]] int exit_code() const noexcept { return error ? error->exit_code() : 0; }
  [[nodiscard]] bool changed() const noexcept { return !done.empty(); }
};

}  // namespace headway::engine
