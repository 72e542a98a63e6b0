// headway.history without a database: executes plans with the constraints of the table, so that a
// plan is checked against what PostgreSQL would let pass.
//
//   version PRIMARY KEY; previous UNIQUE REFERENCES history(version); one chain from base
//   INSERT violates them as in SQL; DELETE names the row it expects, relinks its successor and
//   forgets the repeatables
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "migration/history.hpp"
#include "migration/plan.hpp"

namespace headway::testing {

class SimulatedHistory {
 public:
  /// What a violated constraint throws.
  struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  /// The rows as a reader would get them: in no particular order.
  [[nodiscard]] migration::History history() const {
    std::vector<migration::HistoryRow> shuffled(rows_.rbegin(), rows_.rend());
    return {std::move(shuffled), repeatables_};
  }

  /// Runs every step.  The history that the plan was made from must still be alive.
  void execute(const migration::Plan& plan, const std::string& run_id = "run") {
    for (const migration::Step& step : plan.steps) execute(step, run_id);
  }

  void execute(const migration::Step& step, const std::string& run_id = "run") {
    using Action = migration::Step::Action;
    ++clock_;
    switch (step.action) {
      case Action::Apply: insert(step, migration::RowKind::Migration, run_id); break;
      case Action::Insert: insert(step, migration::RowKind::Baseline, run_id); break;
      case Action::Adopt: insert(step, migration::RowKind::Adopted, run_id); break;
      case Action::Resume: resume(step); break;
      case Action::Revert:
        if (!step.stored_down && (step.migration == nullptr || !step.migration->down)) {
          throw Violation(step.version.text() + " has no down file to run");
        }
        if (step.stored_down && !step.row->has_down) {
          throw Violation(step.version.text() + " has no stored way back to run");
        }
        remove(step);
        break;
      case Action::Remove: remove(step); break;
      case Action::Repeat: repeat(step, run_id); break;
    }
    static_cast<void>(history());  // throws if it is not one chain any more
  }

  /// For setting a scene: the row of a version, to be changed at will.
  migration::HistoryRow& row(const std::string& version) {
    const auto found =
        std::ranges::find(rows_, migration::Version(version), &migration::HistoryRow::version);
    if (found == rows_.end()) throw Violation("no row " + version);
    return *found;
  }

  /// For setting a scene: appends a row that no file of the source may know.
  migration::HistoryRow& append(const std::string& version, const std::string& run_id = "run") {
    migration::HistoryRow row;
    row.version = migration::Version(version);
    row.previous = history().last();
    row.checksum = migration::Checksum("checksum of " + version);
    row.run_id = run_id;
    row.applied_at = now();
    return insert(std::move(row));
  }

 private:
  [[nodiscard]] Timestamp now() const {
    return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}} +
           std::chrono::seconds{clock_};
  }

  void insert(const migration::Step& step, migration::RowKind kind, const std::string& run_id) {
    migration::HistoryRow row;
    row.version = step.version;
    row.previous = step.previous;
    row.name = step.name;
    row.checksum = step.migration->up.checksum;
    row.kind = kind;
    row.has_down = kind == migration::RowKind::Migration && step.migration->down.has_value();
    row.irreversible = step.migration->irreversible;
    row.run_id = run_id;
    row.applied_at = now();
    insert(std::move(row));
  }

  migration::HistoryRow& insert(migration::HistoryRow row) {
    const migration::Version base{std::string(migration::kBase)};
    bool previous_exists = row.previous == base;
    for (const migration::HistoryRow& other : rows_) {
      if (other.version == row.version) throw Violation("twice: " + row.version.text());
      if (other.previous == row.previous) {
        throw Violation(fmt::format("{} and {} both follow {}", row.version.text(),
                                    other.version.text(), row.previous.text()));
      }
      previous_exists = previous_exists || other.version == row.previous;
    }
    if (!previous_exists) throw Violation("nothing to follow: " + row.previous.text());
    rows_.push_back(std::move(row));
    return rows_.back();
  }

  void resume(const migration::Step& step) {
    migration::HistoryRow& found = row(step.version.text());
    if (found.state == migration::RowState::Applied) throw Violation("nothing to resume");
    found.state = migration::RowState::Applied;
    ++found.attempt;
    found.checksum = step.migration->up.checksum;
  }

  void remove(const migration::Step& step) {
    const auto gone = std::ranges::find(rows_, step.version, &migration::HistoryRow::version);
    if (gone == rows_.end()) throw Violation("no row " + step.version.text());
    if (gone->previous != step.row->previous || gone->state != step.row->state) {
      throw Violation(step.version.text() + " is not the row that was expected");
    }
    const migration::Version before = gone->previous;
    rows_.erase(gone);
    const auto successor = std::ranges::find(rows_, step.version, &migration::HistoryRow::previous);
    if (successor != rows_.end()) successor->previous = before;
    repeatables_.clear();
  }

  void repeat(const migration::Step& step, const std::string& run_id) {
    for (auto& row : repeatables_) {
      if (row.name == step.name) row.current = false;
    }
    migration::RepeatableRow row;
    row.name = step.name;
    row.checksum = step.repeatable->script.checksum;
    row.current = true;
    row.run_id = run_id;
    row.applied_at = now();
    repeatables_.push_back(std::move(row));
  }

  std::vector<migration::HistoryRow> rows_;
  std::vector<migration::RepeatableRow> repeatables_;
  int clock_ = 0;
};

}  // namespace headway::testing
