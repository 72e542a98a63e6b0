// A stamp makes the history say what the target says, and runs nothing: first rows go, newest
// first, then rows come, so that what is appended hangs on a row that stays.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.hpp"
#include "migration/plan.hpp"
#include "migration/resolve.hpp"
#include "migration/wording.hpp"

namespace headway::migration {
namespace {

/// What the target names, as versions; for base none.
std::vector<Version> named_by(const Source& source, const History& history, const Target& target) {
  switch (target.kind) {
    case Target::Kind::Head: return single_head(source);
    case Target::Kind::Heads: return source.heads();
    case Target::Kind::Base: return {};
    case Target::Kind::Relative: break;
    case Target::Kind::Version:
      return {resolve_version(target.text, source, history, Scope::SourceAndHistory)};
  }
  throw Error(ErrorId::BadTarget,
              fmt::format("a stamp needs a place to go to, not {:+} steps", target.steps))
      .next("A stamp's target is head, heads, base, a version, or the beginning of one.");
}

/// Which rows may stay.
class Kept {
 public:
  Kept(const Source& source, const History& history, const Target& target,
       const std::vector<Version>& ends)
      : source_(source), base_(target.kind == Target::Kind::Base) {
    for (const Migration* migration : source.with_ancestors(ends)) wanted_.insert(migration);
    if (target.kind == Target::Kind::Version) end_ = history.find(ends.front());
    chain_only_ = end_ != nullptr && source.find(end_->version) == nullptr;
  }

  bool operator()(const HistoryRow& row) const {
    if (base_) return false;
    if (chain_only_) return &row <= end_;  // only the history knows the target
    if (const Migration* const migration = source_.find(row.version)) {
      return wanted_.contains(migration);
    }
    // What this environment leaves out is nothing that a stamp here could judge.
    return source_.is_skipped(row.version) && (end_ == nullptr || &row < end_);
  }

  [[nodiscard]] const std::unordered_set<const Migration*>& wanted() const { return wanted_; }

 private:
  const Source& source_;
  bool base_;
  std::unordered_set<const Migration*> wanted_;
  const HistoryRow* end_ = nullptr;  ///< the target's row, if it names one that is there
  bool chain_only_ = false;
};

}  // namespace

Plan plan_stamp(const Source& source, const History& history, const Target& target) {
  const Version base{std::string(kBase)};
  const std::vector<Version> ends = named_by(source, history, target);
  const Kept kept(source, history, target, ends);
  Plan plan;
  plan.current = history.last();
  plan.target = ends.empty() ? std::vector<Version>{base} : ends;

  Version previous = base;
  for (const HistoryRow& row : history.rows()) {
    if (kept(row)) previous = row.version;
  }
  for (std::size_t i = history.rows().size(); i-- > 0;) {
    const HistoryRow& row = history.rows()[i];
    if (kept(row)) continue;
    Step step;
    step.action = Step::Action::Remove;
    step.version = row.version;
    step.name = row.name;
    step.previous = row.previous;
    step.migration = source.find(row.version);
    step.row = &row;
    plan.steps.push_back(std::move(step));
  }
  for (const Migration& migration : source.migrations()) {
    if (!kept.wanted().contains(&migration) || history.find(migration.version) != nullptr) continue;
    Step step;
    step.action = Step::Action::Insert;
    step.version = migration.version;
    step.name = migration.name;
    step.previous = std::exchange(previous, migration.version);
    step.migration = &migration;
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

}  // namespace headway::migration
