// A Plan is the ordered steps that bring a database from its history to a target.  It is a value,
// made by pure code; a dry run prints the very object that upgrade executes.
//
// reconcile() says how files and history stand to each other; the plan_*() functions turn that and
// a target into steps, or throw the Error of section 8 that forbids it (kinds Mismatch, Order,
// Policy, Usage), naming every migration concerned.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "migration/history.hpp"
#include "migration/phases.hpp"
#include "migration/source.hpp"
#include "migration/target.hpp"

namespace headway::migration {

/// --order.  Auto: Any where the source's tool has that habit, else Strict.
enum class Order { Auto, Strict, Skip, Any };
enum class IfAhead { Ok, Fail };  ///< --if-ahead

struct Policy {
  Order order = Order::Auto;
  IfAhead if_ahead = IfAhead::Ok;
  Phases phases = Phases::All;  ///< --phase
};

/// How a source and a history stand to each other.  Pointers point into the two arguments.
struct Reconciliation {
  std::vector<const Migration*> pending;       ///< in the source, not in the history; source order
  std::vector<const Migration*> out_of_order;  ///< the pending ones that an applied one depends on
  std::vector<const HistoryRow*> missing;      ///< applied, no file, and not `ahead`
  std::vector<const HistoryRow*> ahead;        ///< applied by a newer image: no file
  std::vector<const HistoryRow*> gone;  ///< taken over without a file, and its tool didn't mind
  struct Edited {
    const Migration* migration = nullptr;
    const HistoryRow* row = nullptr;
  };
  /// The checksum differs.  Not rows without one (baseline), and not unfinished ones: their file
  /// may be corrected before it is resumed.
  std::vector<Edited> edited;
  std::vector<const HistoryRow*> unfinished;  ///< state running or failed
  std::vector<const Repeatable*> repeatables_pending;
  std::vector<const Repeatable*>
      repeatables_superseded;  ///< this checksum was applied and replaced: an older image

  [[nodiscard]] bool is_ahead() const noexcept { return !ahead.empty(); }
};

/// Whether an upgrade of these phases would have something to run.
[[nodiscard]] bool has_pending(const Reconciliation& state, Phases phases);

[[nodiscard]] Reconciliation reconcile(const Source& source, const History& history);

/// One step.  `row` and `migration` point into the history and the source the plan was made from.
struct Step {
  enum class Action {
    Apply,   ///< run up, insert the row after `previous`
    Resume,  ///< go on with a half-applied non-transactional one; `row` is its row
    Revert,  ///< run down, delete `row`, relink `successor`
    Repeat,  ///< run a repeatable
    Insert,  ///< stamp: insert a baseline row after `previous`, run nothing
    Remove,  ///< stamp: delete `row`, run nothing
    Adopt,   ///< record what another tool has applied, run nothing
  };
  Action action = Action::Apply;
  Version version;  ///< empty for a repeatable
  std::string name;
  Version previous;                        ///< Apply, Insert: the row it is appended to
  const Migration* migration = nullptr;    ///< null when only the history knows it
  const HistoryRow* row = nullptr;         ///< Resume, Revert, Remove
  const Repeatable* repeatable = nullptr;  ///< Repeat; Adopt, if it is not a migration
  bool stored_down = false;                ///< Revert: the file is gone, run the history's down SQL
};

struct Plan {
  std::vector<Step> steps;
  Version current;              ///< the last applied version before the plan ("base" if none)
  std::vector<Version> target;  ///< what the plan ends at
  std::vector<std::string>
      warnings;  ///< ahead, superseded repeatables, skipped out-of-order ones ...
  [[nodiscard]] bool empty() const noexcept { return steps.empty(); }
};

/// upgrade TARGET: of the policy's phases what the target asks for.  Resume steps come first.
/// Repeatables belong to the expand phase: they follow when the plan leaves nothing pending of its
/// phases, the target is a head and the database is not ahead.
[[nodiscard]] Plan plan_upgrade(const Source&, const History&, const Target&, const Policy&);
/// downgrade TARGET: newest first along the chain.  Which rows stay is for the graph to say within
/// the target's phase; of the other phase, what was applied before the target.  `head` takes back
/// what this source does not know.
[[nodiscard]] Plan plan_downgrade(const Source&, const History&, const Target&);
/// downgrade --last-run: everything the last run applied.
[[nodiscard]] Plan plan_downgrade_last_run(const Source&, const History&);
/// redo: the last applied migration down; the up step follows from plan_upgrade afterwards.
[[nodiscard]] Plan plan_redo_down(const Source&, const History&);
/// stamp TARGET: rows only, nothing runs; what goes comes before what is inserted.
[[nodiscard]] Plan plan_stamp(const Source&, const History&, const Target&);

/// What another tool has applied, in its order, to an empty history: rows only.
struct AppliedElsewhere {
  Version version;
  std::string name;
  const Migration* migration = nullptr;  ///< null: the source has no such
};
/// `repeatables`: those of the source that are as the tool has run them last.
[[nodiscard]] Plan plan_adopt(std::span<const AppliedElsewhere> applied,
                              std::span<const Repeatable* const> repeatables = {});

/// What `repair` would do, in words and as data.
struct Repair {
  struct Recheck {
    const HistoryRow* row;
    Checksum checksum;
  };  ///< take over the file's checksum
  std::vector<Recheck> rechecks;
  std::vector<const HistoryRow*> half_applied;  ///< running or failed: needs the user's word
  [[nodiscard]] bool empty() const noexcept { return rechecks.empty() && half_applied.empty(); }
};
[[nodiscard]] Repair plan_repair(const Source&, const History&);

}  // namespace headway::migration
