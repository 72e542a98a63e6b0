// upgrade TARGET, and what keeps a relative target from moving: "+2" means the two migrations that
// were next when the run began, whatever this run or another one has applied since.
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "engine/runner.hpp"

namespace headway::engine {
namespace {

using migration::History;
using migration::Plan;
using migration::Source;
using migration::Target;
using migration::Version;

class RelativeUpgrade {
 public:
  RelativeUpgrade(const Source& source, Target target, migration::Policy policy)
      : source_(source), target_(std::move(target)), policy_(policy) {}

  Plan operator()(const History& history, std::span<const DoneStep> /*done*/) {
    if (!planned_) {
      Plan plan = migration::plan_upgrade(source_, history, target_, policy_);
      planned_.emplace();
      for (const migration::Step& step : plan.steps) {
        if (step.action == migration::Step::Action::Apply) planned_->push_back(step.version);
      }
      return plan;
    }
    Target rest = target_;
    rest.steps =
        static_cast<int>(std::ranges::count_if(*planned_, [&history](const Version& version) {
          return history.find(version) == nullptr;
        }));
    return migration::plan_upgrade(source_, history, rest, policy_);
  }

 private:
  const Source& source_;
  Target target_;
  migration::Policy policy_;
  std::optional<std::vector<Version>> planned_;
};

}  // namespace

RunReport upgrade(Context& context, const Source& source, const Target& target) {
  RunRequest request;
  request.transactions = context.settings.transactions;
  // In another tool's directory something may be pending that only that tool can run.
  const bool early = target.kind == Target::Kind::Relative || source.layout() != "headway";
  request.adopts = early ? RunRequest::Adopts::Always : RunRequest::Adopts::UnderLock;
  const migration::Policy policy = context.settings.policy;
  if (target.kind == Target::Kind::Relative) {
    request.plan = RelativeUpgrade(source, target, policy);
  } else {
    request.plan = [&source, &target, policy](const History& history, std::span<const DoneStep>) {
      return migration::plan_upgrade(source, history, target, policy);
    };
  }
  return Runner(context, source, std::move(request)).run();
}

}  // namespace headway::engine
