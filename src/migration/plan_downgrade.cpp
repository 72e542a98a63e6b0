// The way back.  Rows are chosen by what the target keeps, and are taken back newest first along
// the chain, whatever the graph says about their order: that is the order in which they can be
// undone.  A contract migration stands in the chain behind younger expand ones.  What the source
// does not know has no place in the graph, so for it the chain decides.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <unordered_set>
#include <utility>

#include "base/error.hpp"
#include "migration/plan.hpp"
#include "migration/resolve.hpp"
#include "migration/wording.hpp"

namespace headway::migration {
namespace {

using Rows = std::vector<const HistoryRow*>;

// ---- what a target leaves in place ----

Rows newest_first(const History& history, const std::function<bool(const HistoryRow&)>& wanted) {
  Rows rows;
  for (std::size_t i = history.rows().size(); i-- > 0;) {
    if (wanted(history.rows()[i])) rows.push_back(&history.rows()[i]);
  }
  return rows;
}

Rows ahead_of(const Source& source, const History& history) {
  const Reconciliation state = reconcile(source, history);
  return {state.ahead.rbegin(), state.ahead.rend()};
}

Rows last_rows(const History& history, int steps) {
  if (steps > 0) {
    throw Error(ErrorId::BadTarget, fmt::format("a downgrade can't go {} up", steps))
        .next(fmt::format("Use `headway upgrade +{}`.", steps));
  }
  const auto& rows = history.rows();
  const std::size_t wanted = static_cast<std::size_t>(-(steps + 1)) + 1;  // -INT_MIN is no int
  if (wanted > rows.size()) {
    throw Error(ErrorId::BadTarget,
                fmt::format("{} is more than there is: {} applied", steps,
                            rows.empty() ? "nothing is"
                                         : count_of(rows.size(), "migration") +
                                               (rows.size() == 1 ? " is" : " are")));
  }
  const HistoryRow* const first = rows.data() + (rows.size() - wanted);
  return newest_first(history, [first](const HistoryRow& row) { return &row >= first; });
}

/// Within the target's phase the graph decides.  The other phase runs apart, so of it stays what
/// was applied before the target; and what anything needs that stays.
std::unordered_set<const Migration*> kept_at(const Source& source, const History& history,
                                             const Migration& target, const HistoryRow* row) {
  std::unordered_set<const Migration*> kept;
  for (const Migration* migration : source.with_ancestors({&target.version, 1})) {
    if (migration->phase == target.phase) kept.insert(migration);
  }
  const auto& migrations = source.migrations();
  for (std::size_t i = migrations.size(); i-- > 0;) {
    const Migration& migration = migrations[i];
    if (migration.phase != target.phase) {
      const HistoryRow* const own = history.find(migration.version);
      if (own != nullptr && own < row) kept.insert(&migration);
    }
    if (!kept.contains(&migration)) continue;
    for (const Version& needed : migration.needed()) kept.insert(source.find(needed));
  }
  return kept;
}

Rows rows_beyond(const Source& source, const History& history, const std::string& text) {
  const Version version = resolve_version(text, source, history, Scope::SourceAndHistory);
  const HistoryRow* const target = history.find(version);
  if (target == nullptr) {
    throw Error(ErrorId::BadTarget,
                fmt::format("{} is not applied, so there is no way back to it", version.text()))
        .version(version.text())
        .next("`headway history` lists what is applied; `headway upgrade` goes forward.");
  }
  const Migration* const in_graph = source.find(version);
  const std::unordered_set<const Migration*> kept =
      in_graph == nullptr ? std::unordered_set<const Migration*>()
                          : kept_at(source, history, *in_graph, target);
  return newest_first(history, [&](const HistoryRow& row) {
    const Migration* const migration = in_graph == nullptr ? nullptr : source.find(row.version);
    return migration == nullptr ? &row > target : !kept.contains(migration);
  });
}

Rows rows_to_revert(const Source& source, const History& history, const Target& target) {
  switch (target.kind) {
    case Target::Kind::Head: return ahead_of(source, history);
    case Target::Kind::Heads: break;
    case Target::Kind::Base: return newest_first(history, [](const HistoryRow&) { return true; });
    case Target::Kind::Relative: return last_rows(history, target.steps);
    case Target::Kind::Version: return rows_beyond(source, history, target.text);
  }
  throw Error(ErrorId::BadTarget, "a downgrade can't go to heads")
      .next("`headway downgrade head` takes back what this source does not know.");
}

// ---- whether there is a way back ----

void refuse_unfinished(const Rows& rows) {
  for (const HistoryRow* row : rows) {
    if (row->state == RowState::Applied) continue;
    throw Error(ErrorId::HalfApplied,
                fmt::format("{} is half applied, and its way back expects all of it",
                            label(row->version, row->name)))
        .version(row->version.text())
        .next("Finish it with `headway upgrade`, or settle it with `headway repair`.");
  }
}

bool has_way_back(const HistoryRow& row, const Migration* migration) {
  if (row.irreversible || (migration != nullptr && migration->irreversible)) return false;
  return row.has_down || (migration != nullptr && migration->down);
}

std::string why_irreversible(const HistoryRow& row, const Migration* migration) {
  if (row.irreversible || (migration != nullptr && migration->irreversible)) {
    return "it says that it is irreversible";
  }
  if (row.kind == RowKind::Baseline) return "it was stamped, not applied, and has no down file";
  if (row.kind == RowKind::Adopted) return "it was adopted, not applied, and has no down file";
  return migration == nullptr ? "its file is gone and the history holds no way back"
                              : "it has no down file";
}

void refuse_irreversible(const Source& source, const Rows& rows) {
  std::vector<std::string> lines;
  const HistoryRow* first = nullptr;
  bool only_rows = true;  // nothing of ours ever ran: a stamp undoes all that we did
  for (const HistoryRow* row : rows) {
    const Migration* const migration = source.find(row->version);
    if (has_way_back(*row, migration)) continue;
    if (first == nullptr) first = row;
    only_rows = only_rows && row->kind != RowKind::Migration;
    lines.push_back(
        fmt::format("{}: {}", label(row->version, row->name), why_irreversible(*row, migration)));
  }
  if (first == nullptr) return;
  Error error(ErrorId::Irreversible, "there is no way back: " + join(lines));
  if (only_rows) {
    throw std::move(error)
        .version(first->version.text())
        .next(fmt::format("To take only the rows out of the history: `headway stamp {}`.",
                          first->previous.text()));
  }
  throw std::move(error).version(first->version.text());
}

Plan revert(const Source& source, const History& history, const Rows& rows) {
  refuse_unfinished(rows);
  refuse_irreversible(source, rows);
  Plan plan;
  plan.current = history.last();
  for (const HistoryRow* row : rows) {
    Step step;
    step.action = Step::Action::Revert;
    step.version = row->version;
    step.name = row->name;
    step.previous = row->previous;
    step.migration = source.find(row->version);
    step.row = row;
    // The file's way back may have been corrected since the other one was stored.
    step.stored_down = step.migration == nullptr || !step.migration->down;
    plan.steps.push_back(std::move(step));
  }
  const std::unordered_set<const HistoryRow*> gone(rows.begin(), rows.end());
  Version end{std::string(kBase)};
  for (const HistoryRow& row : history.rows()) {
    if (!gone.contains(&row)) end = row.version;
  }
  plan.target = {std::move(end)};
  return plan;
}

}  // namespace

Plan plan_downgrade(const Source& source, const History& history, const Target& target) {
  return revert(source, history, rows_to_revert(source, history, target));
}

Plan plan_downgrade_last_run(const Source& source, const History& history) {
  if (history.empty()) return revert(source, history, {});
  const HistoryRow& newest = history.rows().back();
  if (newest.run_id.empty()) {
    throw Error(ErrorId::BadTarget, fmt::format("the history does not say which run {} belongs to",
                                                label(newest.version, newest.name)))
        .next("Name a target: `headway downgrade -1`, or a version.");
  }
  return revert(source, history, newest_first(history, [&](const HistoryRow& row) {
                  return row.run_id == newest.run_id;
                }));
}

Plan plan_redo_down(const Source& source, const History& history) {
  if (history.empty()) {
    throw Error(ErrorId::BadTarget, "nothing is applied, so there is nothing to redo")
        .next("Use `headway upgrade`.");
  }
  const HistoryRow& last = history.rows().back();
  if (source.find(last.version) == nullptr) {
    throw Error(ErrorId::MissingFile,
                fmt::format("{} can't be redone: the source has no file of it",
                            label(last.version, last.name)))
        .version(last.version.text());
  }
  return revert(source, history, {&last});
}

}  // namespace headway::migration
