// From reconciliation and target to steps: first everything that forbids an upgrade whatever its
// target, then what the target asks for, then what --order says about it.
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

using Migrations = std::vector<const Migration*>;

template <typename Items, typename Describe>
std::string list_of(const Items& items, const Describe& describe_one) {
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const auto& item : items) texts.push_back(describe_one(item));
  return join(texts);
}

std::string describe_row(const HistoryRow* row) { return describe(*row); }
std::string describe_migration(const Migration* migration) { return describe(*migration); }

bool contains(const Migrations& migrations, const Migration* one) {
  return std::ranges::find(migrations, one) != migrations.end();
}

// ---- what forbids any upgrade ----

/// Half-applied rows come first of all; whether they can really go on is for the engine, which has
/// the journal and the statements.
void resume_unfinished(const Source& source, const Reconciliation& state, Plan& plan) {
  std::vector<const HistoryRow*> hopeless;
  for (const HistoryRow* row : state.unfinished) {
    const Migration* const migration = source.find(row->version);
    if (migration == nullptr || migration->up.transaction != Transaction::None) {
      hopeless.push_back(row);
      continue;
    }
    Step step;
    step.action = Step::Action::Resume;
    step.version = migration->version;
    step.name = migration->name;
    step.previous = row->previous;
    step.migration = migration;
    step.row = row;
    plan.steps.push_back(std::move(step));
  }
  if (hopeless.empty()) return;
  throw Error(ErrorId::HalfApplied,
              fmt::format("{} half applied, and no file here can finish it: {}",
                          hopeless.size() == 1 ? "a migration is" : "migrations are",
                          list_of(hopeless,
                                  [](const HistoryRow* row) {
                                    return fmt::format(
                                        "{} ({}, attempt {})", label(row->version, row->name),
                                        row->state == RowState::Running ? "running" : "failed",
                                        row->attempt);
                                  })))
      .version(hopeless.front()->version.text());
}

void refuse_edited(const Reconciliation& state) {
  if (state.edited.empty()) return;
  const auto& first = state.edited.front();
  const auto describe_edited = [](const Reconciliation::Edited& edited) {
    return fmt::format("{} ({}), applied {}", label(edited.migration->version, edited.row->name),
                       edited.migration->up.path, utc_text(edited.row->applied_at));
  };
  throw Error(
      ErrorId::ChecksumMismatch,
      fmt::format("{} edited after being applied: {}",
                  state.edited.size() == 1 ? "a file was"
                                           : fmt::format("{} files were", state.edited.size()),
                  list_of(state.edited, describe_edited)))
      .at(state.edited.size() == 1 ? Location{first.migration->up.path, 0, 0} : Location{})
      .version(first.migration->version.text());
}

void refuse_missing(const Reconciliation& state) {
  if (state.missing.empty()) return;
  throw Error(ErrorId::MissingFile,
              fmt::format("{} no file in the source: {}",
                          state.missing.size() == 1
                              ? "an applied migration has"
                              : fmt::format("{} applied migrations have", state.missing.size()),
                          list_of(state.missing, describe_row)))
      .version(state.missing.front()->version.text());
}

void judge_ahead(const Reconciliation& state, const Policy& policy, Plan& plan) {
  if (!state.is_ahead()) return;
  const std::string ahead =
      fmt::format("the database is ahead of this source by {}: {}",
                  count_of(state.ahead.size(), "migration"), list_of(state.ahead, describe_row));
  if (policy.if_ahead == IfAhead::Fail) {
    throw Error(ErrorId::DatabaseAhead, ahead).version(state.ahead.back()->version.text());
  }
  plan.warnings.push_back(ahead + "; nothing is taken back");
}

// ---- the target ----

struct Selection {
  Migrations migrations;      ///< pending ones that the target asks for, in source order
  std::vector<Version> ends;  ///< what the plan ends at; empty: at its last step
  bool at_head = false;       ///< the target is where the source ends
};

Selection select_relative(const Reconciliation& state, const Policy& policy, int steps) {
  if (steps < 0) {
    throw Error(ErrorId::BadTarget, fmt::format("an upgrade can't go {} back", -steps))
        .next(fmt::format("Use `headway downgrade {}`.", steps));
  }
  Migrations eligible;
  for (const Migration* migration : state.pending) {
    const bool left_out = policy.order == Order::Skip && contains(state.out_of_order, migration);
    if (!left_out) eligible.push_back(migration);
  }
  const auto wanted = static_cast<std::size_t>(steps);
  if (wanted > eligible.size()) {
    throw Error(ErrorId::BadTarget,
                fmt::format("+{} is more than there is: {} pending", steps,
                            eligible.empty() ? "nothing is"
                                             : count_of(eligible.size(), "migration") +
                                                   (eligible.size() == 1 ? " is" : " are")));
  }
  Selection selection;
  selection.at_head = wanted == eligible.size();
  eligible.resize(wanted);
  selection.migrations = std::move(eligible);
  return selection;
}

Selection select_version(const Source& source, const History& history, const Reconciliation& state,
                         const std::string& text) {
  const Version version = resolve_version(text, source, history, Scope::Source);
  Selection selection;
  selection.ends = {version};
  selection.at_head = std::ranges::find(source.heads(), version) != source.heads().end();
  std::unordered_set<const Migration*> wanted;
  for (const Migration* migration : source.with_ancestors({&version, 1})) wanted.insert(migration);
  for (const Migration* migration : state.pending) {
    if (wanted.contains(migration)) selection.migrations.push_back(migration);
  }
  return selection;
}

Selection select_target(const Source& source, const History& history, const Reconciliation& state,
                        const Target& target, const Policy& policy) {
  switch (target.kind) {
    case Target::Kind::Head: return {state.pending, single_head(source), true};
    case Target::Kind::Heads: return {state.pending, source.heads(), true};
    case Target::Kind::Base:
      if (history.empty()) return {{}, {Version(std::string(kBase))}, false};
      throw Error(ErrorId::BadTarget, "an upgrade can't go to base, the empty database")
          .next("Use `headway downgrade base`.");
    case Target::Kind::Relative: return select_relative(state, policy, target.steps);
    case Target::Kind::Version: return select_version(source, history, state, target.text);
  }
  return {};
}

// ---- order ----

/// For every migration of the source the first applied one, along the chain, that builds on it.
class AppliedAfter {
 public:
  AppliedAfter(const Source& source, const History& history)
      : source_(source), first_(source.migrations().size()) {
    // Parents stand before their children: one pass from the end carries rows down to the roots.
    // Rows are compared by address, which grows along the chain.
    for (std::size_t i = first_.size(); i-- > 0;) {
      const Migration& migration = source.migrations()[i];
      const HistoryRow* const own = history.find(migration.version);
      const HistoryRow* const seen = earlier(own, first_[i]);
      for (const Version& parent : migration.parents) {
        const HistoryRow*& of_parent = first_[index_of(*source.find(parent))];
        of_parent = earlier(of_parent, seen);
      }
    }
  }

  [[nodiscard]] const HistoryRow* first(const Migration& migration) const {
    return first_[index_of(migration)];
  }

 private:
  [[nodiscard]] std::size_t index_of(const Migration& migration) const {
    return static_cast<std::size_t>(&migration - source_.migrations().data());
  }
  static const HistoryRow* earlier(const HistoryRow* a, const HistoryRow* b) {
    if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
    return std::min(a, b);
  }

  const Source& source_;
  std::vector<const HistoryRow*> first_;
};

/// Takes from the selection what may not run.
void judge_order(const Source& source, const History& history, const Reconciliation& state,
                 const Policy& policy, Migrations& selected, Plan& plan) {
  if (policy.order == Order::Any || selected.empty()) return;
  const bool skip = policy.order == Order::Skip;
  if (state.is_ahead()) {
    if (!skip) {
      throw Error(ErrorId::Diverged, fmt::format("the database has {} and lacks {}",
                                                 list_of(state.ahead, describe_row),
                                                 list_of(selected, describe_migration)))
          .version(selected.front()->version.text());
    }
    plan.warnings.push_back(fmt::format("left out, because the database is ahead: {}",
                                        list_of(selected, describe_migration)));
    selected.clear();
    return;
  }
  Migrations late;
  for (const Migration* migration : selected) {
    if (contains(state.out_of_order, migration)) late.push_back(migration);
  }
  if (late.empty()) return;
  const AppliedAfter after(source, history);
  const std::string which = list_of(late, [&](const Migration* migration) {
    return fmt::format("{} belongs before {}", describe(*migration),
                       describe(*after.first(*migration)));
  });
  if (!skip) {
    throw Error(ErrorId::OutOfOrder, "out of order: " + which)
        .at(late.size() == 1 ? Location{late.front()->up.path, 0, 0} : Location{})
        .version(late.front()->version.text());
  }
  plan.warnings.push_back("left out, because it is out of order: " + which);
  std::erase_if(selected, [&](const Migration* one) { return contains(late, one); });
}

// ---- repeatables ----

void add_repeatables(const Reconciliation& state, bool at_head, Plan& plan) {
  for (const Repeatable* repeatable : state.repeatables_superseded) {
    plan.warnings.push_back(
        fmt::format("{} is not run: it was applied before and then replaced by a newer text",
                    repeatable->script.path));
  }
  if (!at_head || state.is_ahead()) return;
  for (const Repeatable* repeatable : state.repeatables_pending) {
    Step step;
    step.action = Step::Action::Repeat;
    step.name = repeatable->name;
    step.repeatable = repeatable;
    plan.steps.push_back(std::move(step));
  }
}

}  // namespace

Plan plan_upgrade(const Source& source, const History& history, const Target& target,
                  const Policy& policy) {
  const Reconciliation state = reconcile(source, history);
  Plan plan;
  plan.current = history.last();

  resume_unfinished(source, state, plan);
  refuse_edited(state);
  refuse_missing(state);
  judge_ahead(state, policy, plan);

  Selection selection = select_target(source, history, state, target, policy);
  judge_order(source, history, state, policy, selection.migrations, plan);

  Version previous = plan.current;
  for (const Migration* migration : selection.migrations) {
    Step step;
    step.action = Step::Action::Apply;
    step.version = migration->version;
    step.name = migration->name;
    step.previous = std::exchange(previous, migration->version);
    step.migration = migration;
    plan.steps.push_back(std::move(step));
  }
  plan.target = selection.ends.empty() ? std::vector<Version>{previous} : selection.ends;

  const bool complete = selection.migrations.size() == state.pending.size();
  add_repeatables(state, selection.at_head && complete, plan);
  return plan;
}

}  // namespace headway::migration
