// Taking over another tool's history: a row for each that it has applied.
#include <utility>

#include "migration/plan.hpp"

namespace headway::migration {

Plan plan_adopt(std::span<const AppliedElsewhere> applied,
                std::span<const Repeatable* const> repeatables) {
  Plan plan;
  plan.current = Version(std::string(kBase));
  Version previous = plan.current;
  for (const AppliedElsewhere& one : applied) {
    Step step;
    step.action = Step::Action::Adopt;
    step.version = one.version;
    step.name = one.name;
    step.previous = std::exchange(previous, one.version);
    step.migration = one.migration;
    plan.steps.push_back(std::move(step));
  }
  for (const Repeatable* repeatable : repeatables) {
    Step step;
    step.action = Step::Action::Adopt;
    step.name = repeatable->name;
    step.repeatable = repeatable;
    plan.steps.push_back(std::move(step));
  }
  plan.target = {previous};
  return plan;
}

}  // namespace headway::migration
