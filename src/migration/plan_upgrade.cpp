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
void resume_unfinished(const Source& source, const Reconciliation& state, const Policy& policy,
                       Plan& plan) {
  std::vector<const HistoryRow*> hopeless;
  for (const HistoryRow* row : state.unfinished) {
    const Migration* const migration = source.find(row->version);
    if (migration == nullptr || migration->up.transaction != Transaction::None) {
      hopeless.push_back(row);
      continue;
    }
    if (!includes(policy.phases, migration->phase)) {
      plan.warnings.push_back(fmt::format("{} is half applied; --phase={} goes on with it",
                                          label(row->version, row->name),
                                          phase_name(migration->phase)));
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

/// A program that the other tool has run need not lie with its files.
std::string advice_on_fileless(ErrorId id, const std::vector<const HistoryRow*>& rows) {
  std::string out(error_id_info(id).next);
  const auto adopted = [](const HistoryRow* row) {
    return row->kind == RowKind::Adopted && row->checksum.empty();
  };
  if (std::ranges::any_of(rows, adopted)) {
    out += "  If the other tool has run a program there (Java, Go), pass --skip-foreign-code.";
  }
  return out;
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
      .version(state.missing.front()->version.text())
      .next(advice_on_fileless(ErrorId::MissingFile, state.missing));
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
    if (!left_out && includes(policy.phases, migration->phase)) eligible.push_back(migration);
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

/// The version bounds, the phases choose among what is within the bound.
Selection select_version(const Source& source, const History& history, const Reconciliation& state,
                         const Policy& policy, const std::string& text) {
  const Version version = resolve_version(text, source, history, Scope::Source);
  const Migrations within = source.with_ancestors({&version, 1});
  Selection selection;
  selection.ends = policy.phases == Phases::All ? std::vector<Version>{version}
                                                : heads_among(source, within, policy.phases);
  const std::vector<Version> heads = heads_of(source, policy.phases);
  selection.at_head = std::ranges::any_of(selection.ends, [&heads](const Version& end) {
    return std::ranges::find(heads, end) != heads.end();
  });
  const std::unordered_set<const Migration*> wanted(within.begin(), within.end());
  for (const Migration* migration : state.pending) {
    if (wanted.contains(migration) && includes(policy.phases, migration->phase)) {
      selection.migrations.push_back(migration);
    }
  }
  return selection;
}

Migrations of_phases(const Migrations& migrations, Phases phases) {
  Migrations out;
  for (const Migration* migration : migrations) {
    if (includes(phases, migration->phase)) out.push_back(migration);
  }
  return out;
}

Selection select_target(const Source& source, const History& history, const Reconciliation& state,
                        const Target& target, const Policy& policy) {
  switch (target.kind) {
    case Target::Kind::Head:
      return {of_phases(state.pending, policy.phases), single_head(source, policy.phases), true};
    case Target::Kind::Heads:
      return {of_phases(state.pending, policy.phases), heads_of(source, policy.phases), true};
    case Target::Kind::Base:
      if (history.empty()) return {{}, {Version(std::string(kBase))}, false};
      throw Error(ErrorId::BadTarget, "an upgrade can't go to base, the empty database")
          .next("Use `headway downgrade base`.");
    case Target::Kind::Relative: return select_relative(state, policy, target.steps);
    case Target::Kind::Version: return select_version(source, history, state, policy, target.text);
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
      for (const Version& parent : migration.needed()) {
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

/// Plain numbered files are written for several tools, of which sqlx applies late ones.
std::string advice_on_order(const Source& source, const History& history) {
  std::string out(error_id_info(ErrorId::OutOfOrder).next);
  const bool adopted = std::ranges::any_of(
      history.rows(), [](const HistoryRow& row) { return row.kind == RowKind::Adopted; });
  const bool may_be_of_sqlx = source.layout() == "headway" || source.layout() == "golang-migrate";
  if (adopted && may_be_of_sqlx) out += " If the files are sqlx's, --format=sqlx does so.";
  return out;
}

/// Takes from the selection what may not run.
void judge_order(const Source& source, const History& history, const Reconciliation& state,
                 const Policy& policy, Migrations& selected, Plan& plan) {
  if (policy.order == Order::Any || selected.empty()) return;
  const bool skip = policy.order == Order::Skip;
  const bool as_tool = policy.order == Order::Auto && source.habits().late;
  if (state.is_ahead() && !(as_tool && source.habits().forgets)) {
    if (!skip) {
      // A contract migration may be left pending while newer images expand.
      const Migrations diverging = of_phases(selected, Phases::Expand);
      if (diverging.empty()) return;
      throw Error(ErrorId::Diverged, fmt::format("the database has {} and lacks {}",
                                                 list_of(state.ahead, describe_row),
                                                 list_of(diverging, describe_migration)))
          .version(diverging.front()->version.text())
          .next(advice_on_fileless(ErrorId::Diverged, state.ahead));
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
  if (as_tool) {
    plan.warnings.push_back(fmt::format("applied late, as {} does: {}", source.layout(), which));
    return;
  }
  if (!skip) {
    throw Error(ErrorId::OutOfOrder, "out of order: " + which)
        .at(late.size() == 1 ? Location{late.front()->up.path, 0, 0} : Location{})
        .version(late.front()->version.text())
        .next(advice_on_order(source, history));
  }
  plan.warnings.push_back("left out, because it is out of order: " + which);
  std::erase_if(selected, [&](const Migration* one) { return contains(late, one); });
}

/// Refuses what needs a migration of the other phase that is not applied.  Whatever --order says:
/// that one is not late, it is for another run to apply.
void judge_phases(const Source& source, const History& history, const Reconciliation& state,
                  const Policy& policy, const Migrations& selected) {
  if (policy.phases == Phases::All) return;
  const auto is_open = [&](const Migration* migration) {
    const HistoryRow* const row = history.find(migration->version);
    if (row != nullptr) return row->state != RowState::Applied;
    return policy.order != Order::Skip || !contains(state.out_of_order, migration);
  };
  std::vector<std::string> blocked;
  const Migration* first = nullptr;
  for (const Migration* migration : selected) {
    for (const Version& version : migration->needed()) {
      const Migration* const needed = source.find(version);
      if (includes(policy.phases, needed->phase) || !is_open(needed)) continue;
      if (first == nullptr) first = migration;
      blocked.push_back(fmt::format("{} comes after {}", describe(*migration), describe(*needed)));
    }
  }
  if (first == nullptr) return;
  const bool contract = policy.phases == Phases::Contract;
  throw Error(ErrorId::PhaseOrder,
              fmt::format("{} not applied yet: {}",
                          contract ? "a contract migration follows an expand one that is"
                                   : "an expand migration names in after= a contract one that is",
                          join(blocked)))
      .at(blocked.size() == 1 ? Location{first->up.path, 0, 0} : Location{})
      .version(first->version.text())
      .next(contract ? "Run `headway upgrade --phase=expand` first."
                     : "Run `headway upgrade --phase=contract` first, or take the contract "
                       "migration out of after=.");
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

  resume_unfinished(source, state, policy, plan);
  refuse_edited(state);
  refuse_missing(state);
  judge_ahead(state, policy, plan);

  Selection selection = select_target(source, history, state, target, policy);
  judge_order(source, history, state, policy, selection.migrations, plan);
  judge_phases(source, history, state, policy, selection.migrations);

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

  const bool complete =
      selection.migrations.size() == of_phases(state.pending, policy.phases).size();
  const bool expands = includes(policy.phases, Phase::Expand);
  add_repeatables(state, expands && selection.at_head && complete, plan);
  return plan;
}

}  // namespace headway::migration
