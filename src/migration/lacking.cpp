#include "migration/lacking.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "migration/resolve.hpp"
#include "migration/wording.hpp"

namespace headway::migration {
namespace {

std::vector<Version> ends_of(const Source& source, const Target& target, Phases phases) {
  switch (target.kind) {
    case Target::Kind::Head: return single_head(source, phases);
    case Target::Kind::Heads: return heads_of(source, phases);
    case Target::Kind::Version:
      if (source.migrations().empty()) return {Version(target.text)};
      return {resolve_version(target.text, source, History(), Scope::Source)};
    case Target::Kind::Base:
    case Target::Kind::Relative: break;
  }
  throw Error(ErrorId::BadTarget, "a target to wait for is head, heads or a version")
      .next("A step such as +2 counts from where the database is, and that changes while waiting.");
}

bool is_applied(const History& history, const Version& version) {
  const HistoryRow* const row = history.find(version);
  return row != nullptr && row->state == RowState::Applied;
}

}  // namespace

WaitTarget::WaitTarget(const Source& source, const Target& target, Phases phases)
    : source_(source) {
  std::vector<Version> ends = ends_of(source, target, phases);
  const std::vector<const Migration*> within = source.with_ancestors(ends);
  if (within.empty() && !ends.empty()) foreign_ = ends.front();
  if (!foreign_ && phases != Phases::All) ends = heads_among(source, within, phases);
  for (const Migration* const migration : within) {
    if (includes(phases, migration->phase)) wanted_.push_back(migration);
  }
  const std::vector<Version> heads = heads_of(source, phases);
  at_head_ = !foreign_ && includes(phases, Phase::Expand) &&
             std::ranges::all_of(ends, [&heads](const Version& end) {
               return std::ranges::find(heads, end) != heads.end();
             });
  std::vector<std::string> texts;
  for (const Version& end : ends) texts.push_back(end.text());
  text_ = texts.empty() ? std::string(kBase) : join(texts, ",");
}

Lacking WaitTarget::lacking(const History& history, Order order) const {
  const Reconciliation state = reconcile(source_, history);
  const auto left_out = [&state, order](const Migration* migration) {
    if (order != Order::Skip) return false;
    return state.is_ahead() ||
           std::ranges::find(state.out_of_order, migration) != state.out_of_order.end();
  };
  Lacking lacking;
  for (const Migration* const migration : wanted_) {
    if (is_applied(history, migration->version)) continue;
    const bool pending = history.find(migration->version) == nullptr;
    if (pending && left_out(migration)) continue;
    lacking.migrations.push_back(label(migration->version, migration->name));
  }
  if (foreign_ && !is_applied(history, *foreign_)) lacking.migrations.push_back(foreign_->text());
  // The same rule by which an upgrade runs them.
  if (at_head_ && !state.is_ahead()) {
    for (const Repeatable* const one : state.repeatables_pending) {
      lacking.repeatables.push_back(one->name);
    }
  }
  return lacking;
}

}  // namespace headway::migration
