#include "cli/live.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "cli/error_text.hpp"
#include "cli/text.hpp"

namespace headway::cli {
namespace {

std::string_view state_text(migration::RowState state) {
  switch (state) {
    case migration::RowState::Applied: return "applied";
    case migration::RowState::Running: return "running";
    case migration::RowState::Failed: return "failed";
  }
  return "applied";
}

std::shared_ptr<const LiveHistory> live_history(const migration::History& history,
                                                const migration::Reconciliation& state,
                                                migration::Phases phases) {
  auto live = std::make_shared<LiveHistory>();
  live->applied.reserve(history.rows().size());
  for (const migration::HistoryRow& row : history.rows()) {
    live->applied.push_back({row.version.text(), row.name, std::string(state_text(row.state)),
                             row.applied_at, row.duration});
  }
  for (const migration::Migration* one : state.pending) {
    auto& list = includes(phases, one->phase) ? live->pending : live->other_phase;
    list.push_back({one->version.text(), one->name});
  }
  const bool expands = includes(phases, migration::Phase::Expand);
  for (const migration::Repeatable* one : state.repeatables_pending) {
    (expands ? live->pending : live->other_phase).push_back({"", one->name});
  }
  for (const migration::HistoryRow* row : state.ahead) {
    live->unknown.push_back({row->version.text(), row->name});
  }
  return live;
}

}  // namespace

std::vector<LiveHistory::Row> LiveStatus::applied_now() const {
  std::vector<LiveHistory::Row> rows;
  if (history) rows = history->applied;
  rows.insert(rows.end(), done.begin(), done.end());
  const std::set<std::string_view> gone(reverted.begin(), reverted.end());
  std::erase_if(rows, [&gone](const LiveHistory::Row& row) {
    return row.version.empty() || gone.contains(row.version);  // a repeatable is not in the chain
  });
  return rows;
}

std::vector<LiveHistory::Named> LiveStatus::pending_now() const {
  std::vector<LiveHistory::Named> rows;
  if (history) rows = history->pending;
  // Sets, because the HTTP thread asks for each page: 10,000 times 10,000 would hold up the probes.
  std::set<std::pair<std::string_view, std::string_view>> gone;
  for (const LiveHistory::Row& row : done) gone.emplace(row.version, row.name);
  std::erase_if(rows, [&gone](const LiveHistory::Named& row) {
    return gone.contains({row.version, row.name});
  });
  return rows;
}

LiveView::LiveView(std::string database, const Clock& clock, migration::Phases phases)
    : clock_(clock), phases_(phases) {
  status_.database = std::move(database);
  status_.started = clock.now();
}

LiveStatus LiveView::status() const {
  const MutexLock lock(mutex_);
  return status_;
}

void LiveView::let_start_degraded() {
  const MutexLock lock(mutex_);
  status_.degraded = true;
}

void LiveView::state_changed(engine::State state) {
  const MutexLock lock(mutex_);
  status_.state = state;
  if (state != engine::State::Done) return;
  status_.at_target = true;
  status_.degraded = false;
}

void LiveView::run_started(std::string_view, std::string_view run_id) {
  const MutexLock lock(mutex_);
  status_.run_id = run_id;
}

void LiveView::connect_failed(const ErrorInfo& error, int attempt, Milliseconds) {
  const MutexLock lock(mutex_);
  status_.waiting_for = fmt::format("the database (attempt {}): {}", attempt, error.message);
}

void LiveView::connected(const engine::ServerInfo&) {
  const MutexLock lock(mutex_);
  // Who waits for the lock connects anew for each look, and goes on waiting.
  if (status_.state == engine::State::Connecting) status_.waiting_for.clear();
}

void LiveView::database_up(bool up) {
  const MutexLock lock(mutex_);
  status_.database_up = up;
}

void LiveView::lock_waiting(const engine::LockAttempt& attempt, Milliseconds) {
  const MutexLock lock(mutex_);
  status_.waiting_for = attempt.holder
                            ? fmt::format("the migration lock, held by {}", attempt.holder->text())
                            : std::string("the migration lock");
}

void LiveView::lock_acquired(Milliseconds) {
  const MutexLock lock(mutex_);
  status_.waiting_for.clear();
}

void LiveView::schema_status(const engine::SchemaStatus& schema) {
  const MutexLock lock(mutex_);
  status_.schema = schema;
}

void LiveView::step_started(const engine::StepInfo& info) {
  const MutexLock lock(mutex_);
  status_.running =
      LiveStatus::Running{info.step.version.text(), info.step.name, info.index, info.total, 0,
                          info.statements,          clock_.now(),   {}};
}

void LiveView::statement_started(const engine::StepInfo&, std::size_t index,
                                 const engine::PreparedStatement&) {
  const MutexLock lock(mutex_);
  status_.waiting_for.clear();
  if (status_.running) status_.running->statement = index + 1;
}

void LiveView::step_finished(const engine::StepInfo& info, Microseconds duration) {
  const MutexLock lock(mutex_);
  status_.running.reset();
  status_.waiting_for.clear();
  using Action = migration::Step::Action;
  switch (info.step.action) {
    case Action::Apply:
    case Action::Insert:
    case Action::Adopt:
    case Action::Repeat:
      std::erase(status_.reverted, info.step.version.text());
      status_.done.push_back(
          {info.step.version.text(), info.step.name, "applied", clock_.now(), duration});
      break;
    case Action::Revert:
    case Action::Remove:
      std::erase_if(status_.done, [&info](const LiveHistory::Row& row) {
        return row.version == info.step.version.text();
      });
      status_.reverted.push_back(info.step.version.text());
      break;
    case Action::Resume: break;  // its row is there
  }
}

void LiveView::step_failed(const engine::StepInfo&, const ErrorInfo&, Microseconds) {
  const MutexLock lock(mutex_);
  status_.running.reset();
}

void LiveView::retrying(std::string_view, const ErrorInfo& error, int attempt, Milliseconds) {
  const MutexLock lock(mutex_);
  status_.waiting_for = fmt::format("another try (attempt {} gave up: {})", attempt, error.message);
}

void LiveView::history_read(const migration::Source&, const migration::History& history,
                            const migration::Reconciliation& state) {
  auto live = live_history(history, state, phases_);
  const MutexLock lock(mutex_);
  status_.history = std::move(live);
  status_.looked_at = clock_.now();
  status_.done.clear();
  status_.reverted.clear();
}

void LiveView::activity(const engine::Activity& activity) {
  const MutexLock lock(mutex_);
  if (status_.running) status_.running->around = activity;
}

void LiveView::run_finished(const engine::RunReport& report) {
  const MutexLock lock(mutex_);
  status_.running.reset();
  status_.waiting_for.clear();
  status_.last_run = LiveStatus::Run{report.command,  report.run_id,      report.started,
                                     report.duration, report.done.size(), report.error};
  if (!report.error) status_.at_target = true;
}

}  // namespace headway::cli
