// downgrade TARGET and --last-run.  What is taken back is chosen once, when the run begins:
// afterwards only ever the rest of it.  A migration that somebody applies meanwhile would be built
// on what goes, so then nothing more is done.
#include <fmt/format.h>

#include <optional>
#include <set>
#include <span>
#include <string>

#include "engine/runner.hpp"

namespace headway::engine {
namespace {

using migration::History;
using migration::HistoryRow;
using migration::Plan;
using migration::Source;
using migration::Step;

class SteadyDowngrade {
 public:
  SteadyDowngrade(const Source& source, const DowngradeRequest& wanted)
      : source_(source), wanted_(wanted) {}

  Plan operator()(const History& history, std::span<const DoneStep> /*done*/) {
    if (!planned_) {
      planned_ = wanted_.target ? migration::plan_downgrade(source_, history, *wanted_.target)
                                : migration::plan_downgrade_last_run(source_, history);
      for (const HistoryRow& row : history.rows()) seen_.emplace(row.version.key());
    }
    Plan rest = *planned_;
    rest.current = history.last();
    rest.steps.clear();
    for (const HistoryRow& row : history.rows()) {
      if (seen_.contains(std::string(row.version.key()))) continue;
      throw Error(ErrorId::StalePlan,
                  fmt::format("{} {} was applied meanwhile, and was not there when this downgrade "
                              "was asked for",
                              row.version.text(), row.name))
          .version(row.version.text());
    }
    for (const Step& step : planned_->steps) {
      const HistoryRow* row = history.find(step.version);
      if (row == nullptr) continue;
      rest.steps.push_back(step);
      rest.steps.back().row = row;
      rest.steps.back().previous = row->previous;
    }
    return rest;
  }

 private:
  const Source& source_;
  const DowngradeRequest& wanted_;
  std::optional<Plan> planned_;  // its rows point into a history that may be gone
  std::set<std::string> seen_;
};

}  // namespace

RunReport downgrade(Context& context, const Source& source, const DowngradeRequest& wanted) {
  RunRequest request;
  request.transactions = context.settings.transactions;
  request.stale = RunRequest::Stale::GiveUp;
  request.plan = SteadyDowngrade(source, wanted);
  return Runner(context, source, std::move(request)).run();
}

}  // namespace headway::engine
