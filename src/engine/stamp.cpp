// stamp TARGET: all rows or none.  A target of stamp does not move, so planning again is harmless,
// unless it would remove what was not there when the stamp was asked for.
#include <fmt/format.h>

#include <optional>
#include <set>
#include <span>
#include <string>

#include "engine/runner.hpp"

namespace headway::engine {
namespace {

using migration::History;
using migration::Plan;
using migration::Source;
using migration::Step;
using migration::Target;

class SteadyStamp {
 public:
  SteadyStamp(const Source& source, const Target& target) : source_(source), target_(target) {}

  Plan operator()(const History& history, std::span<const DoneStep> /*done*/) {
    Plan plan = migration::plan_stamp(source_, history, target_);
    if (!seen_) {
      seen_.emplace();
      for (const migration::HistoryRow& row : history.rows()) seen_->emplace(row.version.key());
    }
    for (const Step& step : plan.steps) {
      if (step.action != Step::Action::Remove) continue;
      if (seen_->contains(std::string(step.version.key()))) continue;
      throw Error(ErrorId::StalePlan,
                  fmt::format("{} {} came into the history meanwhile, and was not there when this "
                              "stamp was asked for",
                              step.version.text(), step.name))
          .version(step.version.text());
    }
    return plan;
  }

 private:
  const Source& source_;
  const Target& target_;
  std::optional<std::set<std::string>> seen_;
};

}  // namespace

RunReport stamp(Context& context, const Source& source, const Target& target) {
  RunRequest request;
  request.transactions = Transactions::All;
  request.stale = RunRequest::Stale::GiveUp;
  request.plan = SteadyStamp(source, target);
  return Runner(context, source, std::move(request)).run();
}

}  // namespace headway::engine
