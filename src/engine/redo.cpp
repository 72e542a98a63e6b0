// redo: the last migration back and forth again, both under one lock.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "engine/runner.hpp"

namespace headway::engine {
namespace {

using migration::History;
using migration::Plan;
using migration::Source;
using migration::Target;
using migration::Version;

/// First back, then forth, then nothing is left.
class Redo {
 public:
  Redo(const Source& source, migration::Policy policy) : source_(source), policy_(policy) {
    policy_.phases = migration::Phases::All;  // whichever the last one is of
  }

  Plan operator()(const History& history, std::span<const DoneStep> done) {
    const bool taken_back = std::ranges::any_of(
        done, [](const DoneStep& step) { return step.action == migration::Step::Action::Revert; });
    return taken_back ? forth(history) : back(history);
  }

 private:
  Plan back(const History& history) {
    Plan plan = migration::plan_redo_down(source_, history);
    if (plan.empty()) return plan;
    const migration::Step& step = plan.steps.back();
    if (version_ && *version_ != step.version) {
      throw Error(ErrorId::StalePlan,
                  fmt::format("the history changed meanwhile: {} is no longer the last migration",
                              version_->text()))
          .version(version_->text());
    }
    version_ = step.version;
    return plan;
  }

  Plan forth(const History& history) const {
    Target target;
    target.kind = Target::Kind::Version;
    target.text = version_->text();
    Plan plan = migration::plan_upgrade(source_, history, target, policy_);
    // Its repeatables come along: they were forgotten with it.
    std::erase_if(plan.steps, [this](const migration::Step& step) {
      return step.action != migration::Step::Action::Repeat && step.version != *version_;
    });
    return plan;
  }

  const Source& source_;
  migration::Policy policy_;
  std::optional<Version> version_;
};

}  // namespace

RunReport redo(Context& context, const Source& source) {
  RunRequest request;
  request.plan = Redo(source, context.settings.policy);
  request.stale = RunRequest::Stale::GiveUp;
  request.until_empty = true;
  return Runner(context, source, std::move(request)).run();
}

}  // namespace headway::engine
