#include "engine/runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/backoff.hpp"
#include "engine/connecting.hpp"
#include "engine/stepwise.hpp"

namespace headway::engine {
namespace {

using migration::Step;

constexpr int kLossesWithoutProgress = 3;
constexpr Milliseconds kFirstPause{200};
constexpr Milliseconds kLongestPause{5000};

bool is_stepwise(const Work& work) {
  if (work.script == nullptr) return false;
  return work.info.step.action == Step::Action::Resume ||
         work.script->transaction == migration::Transaction::None;
}

Step detached(Step step) {
  step.row = nullptr;  // the history it points into does not outlive the run
  return step;
}

std::string_view verb(const Step& step) {
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Resume:
    case Step::Action::Repeat: return "applying";
    case Step::Action::Revert: return "taking back";
    case Step::Action::Insert:
    case Step::Action::Remove: return "stamping";
  }
  return "applying";
}

}  // namespace

Runner::Runner(Context& context, const migration::Source& source, RunRequest request)
    : context_(context),
      source_(source),
      request_(std::move(request)),
      stopping_(context.stop),
      session_(context.observer),
      started_(context.clock.steady()) {
  report_.command = context.settings.command;
  report_.run_id = context.settings.run_id;
  report_.started = context.clock.now();
}

RunReport Runner::run() {
  context_.observer.run_started(report_.command, report_.run_id);
  std::optional<ErrorInfo> error;
  try {
    drive();
  } catch (const Error& caught) {
    error = caught.info();
  }
  finish(error);
  return std::move(report_);
}

void Runner::finish(const std::optional<ErrorInfo>& error) {
  session_.drop();
  if (error) {
    report_.error = error;
    for (std::size_t i = next_; i < plan_.steps.size(); ++i) {
      report_.remaining_steps.push_back(detached(plan_.steps[i]));
    }
  }
  if (looked_) {
    report_.current = schema_.current_version;
    context_.observer.schema_status(schema_);
  }
  report_.duration = std::chrono::duration_cast<Milliseconds>(context_.clock.steady() - started_);
  context_.observer.state_changed(error ? State::Failed : State::Done);
  context_.observer.run_finished(report_);
}

void Runner::drive() {
  for (;;) {
    try {
      if (!round()) return;
    } catch (const Error& error) {
      if (recover(error)) continue;
      if (doubt_) throw unknown_outcome(error);
      throw;
    }
  }
}

/// From connecting to the end of one plan.  False: nothing is left to do.
bool Runner::round() {
  if (!session_.connected()) connect();
  if (!looked_) {
    context_.observer.state_changed(State::Validating);
    look(Looking::ToExecute);
    if (plan_.empty()) return false;
  }
  if (!session_.locked()) {
    context_.observer.state_changed(State::WaitingLock);
    if (!take_lock()) {
      report_.waited_for_other = report_.done.empty();
      return false;
    }
    session_.connection().ensure_tables();
    check_lock();
  }
  context_.observer.state_changed(State::Validating);
  look(Looking::ToExecute);
  if (plan_.empty()) {
    report_.waited_for_other = report_.done.empty();
    return false;
  }
  execute_plan();
  return request_.until_empty;
}

void Runner::connect() {
  context_.observer.state_changed(State::Connecting);
  session_.use(engine::connect(context_, stopping_, Needs::Writing));
  fresh_session_ = true;
}

void Runner::look(Looking looking) {
  Connection& connection = session_.connection();
  HistorySnapshot snapshot = connection.read_history();
  plan_ = {};  // it points into the snapshot that goes
  next_ = 0;
  snapshot_ = std::move(snapshot);
  const migration::History& history = snapshot_.history;
  const migration::Reconciliation state = migration::reconcile(source_, history);
  // Without the lock it may be somebody else's; with it, it is a dead one's.
  schema_ =
      schema_status(source_, history, state, session_.locked() ? AtWork::Nobody : AtWork::Somebody);
  chain_.clear();
  for (const migration::HistoryRow& row : history.rows()) chain_.push_back(row.version);
  looked_ = true;
  commits_at_look_ = progress_.commits;
  context_.observer.history_read(source_, history, state);
  context_.observer.schema_status(schema_);
  settle_doubt();
  plan_ = request_.plan(history, report_.done);
  report_.target = join(plan_.target);
  for (const std::string& warning : plan_.warnings) warn("plan", warning);
  if (looking == Looking::Only) return;
  for (const Step& step : plan_.steps) {
    const PreparedScript* script = scripts_.of(step, connection);
    if (script != nullptr) connection.require_runnable(*script);
    if (script == nullptr || !script->statements.empty()) continue;
    if (step.action != Step::Action::Revert) {
      warn("empty-file", empty_warning(script->path));
    } else if (!step.stored_down && script->path != step.migration->up.path) {
      warn("empty-file", empty_down_warning(script->path));
    }
  }
  if (request_.transactions == Transactions::All) refuse_mixed_transactions();
}

void Runner::warn(std::string_view id, const std::string& message) {
  if (std::ranges::find(report_.warnings, message) != report_.warnings.end()) return;
  report_.warnings.push_back(message);
  context_.observer.warning(id, message);
}

/// False: another process brought the database to the target meanwhile.
bool Runner::take_lock() {
  std::function<bool(Connection&)> not_needed;
  // With a step in doubt only the lock proves that the old backend is gone.
  if (!doubt_) {
    not_needed = [this](Connection&) {
      look(Looking::Only);
      return plan_.empty();
    };
  }
  fresh_session_ = true;
  return acquire_lock(context_, stopping_, session_, not_needed, report_.lock_wait);
}

void Runner::check_lock() {
  if (session_.connection().holds_lock()) return;
  throw Error(ErrorId::ConnectionLost, "the session no longer holds the migration lock");
}

bool Runner::happened(const Step& step) const {
  const migration::HistoryRow* row = snapshot_.history.find(step.version);
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Insert:
      return row != nullptr && row->state == migration::RowState::Applied &&
             row->run_id == context_.settings.run_id;
    case Step::Action::Resume: return row != nullptr && row->state == migration::RowState::Applied;
    case Step::Action::Revert:
    case Step::Action::Remove: return row == nullptr;
    case Step::Action::Repeat:
      return current_checksum(snapshot_.history, step.name) == step.repeatable->script.checksum;
  }
  return false;
}

/// What was in doubt, now that the lock is ours and the history was read: it happened or it didn't.
void Runner::settle_doubt() {
  if (!doubt_ || !session_.locked()) return;
  const Doubt doubt = std::move(*doubt_);
  doubt_.reset();
  // All steps of a transaction share its fate; the last one is not undone by an earlier one.
  const Step& witness = doubt.steps.back();
  const bool leaves_a_row =
      witness.action == Step::Action::Apply || witness.action == Step::Action::Insert;
  if (!happened(witness) || (!doubt.at_commit && !leaves_a_row)) return;
  for (const Step& step : doubt.steps) {
    const migration::HistoryRow* row = snapshot_.history.find(step.version);
    const Microseconds duration =
        row != nullptr && row->duration ? *row->duration : Microseconds::zero();
    report_.done.push_back({step.action, step.version.text(), step.name, duration});
    context_.observer.step_finished(
        {.step = step, .index = report_.done.size() - 1, .total = doubt.total, .statements = 0},
        duration);
  }
  ++progress_.commits;
}

void Runner::execute_plan() {
  context_.observer.planned(plan_);
  context_.observer.state_changed(State::Applying);
  EventRow locked;
  locked.event = "locked";
  session_.connection().write_event(locked);
  if (request_.transactions == Transactions::All) {
    execute_all_at_once();
  } else {
    execute_one_by_one();
  }
}

Work Runner::work_for(std::size_t index) {
  const Step& step = plan_.steps[index];
  const PreparedScript* script = scripts_.of(step, session_.connection());
  const std::size_t done = report_.done.size();
  return {.info = {.step = step,
                   .index = done + index - next_,
                   .total = done + plan_.steps.size() - next_,
                   .statements = script == nullptr ? 0 : script->statements.size()},
          .script = script};
}

void Runner::execute_one_by_one() {
  while (next_ < plan_.steps.size()) {
    stopping_.check(fmt::format("{} was not begun", label_of(plan_.steps[next_])));
    if (!fresh_session_) session_.connection().reset_session();
    const Work work = work_for(next_);
    execute({&work, 1});
  }
}

void Runner::refuse_mixed_transactions() const {
  for (const Step& step : plan_.steps) {
    const migration::Script* script = nullptr;
    if (step.action == Step::Action::Apply || step.action == Step::Action::Resume) {
      script = &step.migration->up;
    } else if (step.action == Step::Action::Repeat) {
      script = &step.repeatable->script;
    } else if (step.action == Step::Action::Revert && !step.stored_down) {
      script = &*step.migration->down;
    }
    if (step.action != Step::Action::Resume &&
        (script == nullptr || script->transaction != migration::Transaction::None)) {
      continue;
    }
    throw Error(ErrorId::BadConfiguration,
                fmt::format("{} runs outside a transaction, so --transaction=all can't hold "
                            "everything in one",
                            label_of(step)))
        .at({script == nullptr ? std::string() : script->path})
        .version(label_of(step))
        .next("Use --transaction=each, or apply the migrations up to and with this one first.");
  }
}

void Runner::execute_all_at_once() {
  stopping_.check("nothing was begun");
  std::vector<Work> works;
  works.reserve(plan_.steps.size());
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    works.push_back(work_for(i));
    const std::string& modes =
        works.back().script == nullptr ? std::string() : works.back().script->begin_modes;
    if (!modes.empty() && plan_.steps.size() > 1) {
      throw Error(ErrorId::BadConfiguration,
                  fmt::format("{} asks for a transaction of its own kind ({}), so "
                              "--transaction=all can't hold everything in one",
                              label_of(plan_.steps[i]), modes))
          .at({works.back().script->path})
          .version(label_of(plan_.steps[i]))
          .next("Use --transaction=each.");
    }
  }
  execute(works);
}

/// One transaction's worth of steps, or one step that has none.
void Runner::execute(std::span<const Work> works) {
  const auto begun = context_.clock.steady();
  fresh_session_ = false;
  Workplace place{context_, session_.connection(), stopping_, snapshot_.history, progress_};
  const Work* current = &works.front();
  try {
    std::vector<Microseconds> durations;
    for (const Work& work : works) context_.observer.step_started(work.info);
    if (is_stepwise(works.front())) {
      durations.push_back(execute_stepwise(place, works.front()));
    } else {
      durations = execute_in_transaction(place, works);
    }
    for (std::size_t i = 0; i < works.size(); ++i) step_done(works[i], durations[i]);
  } catch (const Error& error) {
    if (is_lost(error)) {
      doubt_.emplace();
      for (const Work& work : works) doubt_->steps.push_back(detached(work.info.step));
      doubt_->at_commit = error.id() == ErrorId::OutcomeUnknown;
      doubt_->total = works.front().info.total;
      throw;
    }
    if (error.id() == ErrorId::StalePlan && request_.stale == RunRequest::Stale::PlanAgain) throw;
    if (error.id() == ErrorId::ReadOnly) throw;
    ErrorInfo info = error.info();
    if (works.size() > 1) {
      for (const Work& work : works) {
        if (work.script != nullptr && work.script->path == info.where.file) current = &work;
      }
    }
    failed(*current, info,
           std::chrono::duration_cast<Microseconds>(context_.clock.steady() - begun));
    throw Error(std::move(info));
  }
}

void Runner::step_done(const Work& work, Microseconds duration) {
  const Step& step = work.info.step;
  report_.done.push_back({step.action, step.version.text(), step.name, duration});
  ++next_;
  count(step);
  context_.observer.step_finished(work.info, duration);
  context_.observer.schema_status(schema_);
}

void Runner::count(const Step& step) {
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Insert: {
      auto at = chain_.begin();
      if (step.previous.text() != migration::kBase) {
        at = std::ranges::find(chain_, step.previous);
        if (at != chain_.end()) ++at;
      }
      chain_.insert(at, step.version);
      ++schema_.applied;
      if (schema_.pending > 0) --schema_.pending;
      break;
    }
    case Step::Action::Resume:
      ++schema_.applied;
      schema_.dirty = false;
      break;
    case Step::Action::Revert:
    case Step::Action::Remove:
      std::erase(chain_, step.version);
      if (schema_.applied > 0) --schema_.applied;
      if (step.migration != nullptr) ++schema_.pending;
      break;
    case Step::Action::Repeat: break;
  }
  schema_.current_version = chain_.empty() ? std::string(migration::kBase) : chain_.back().text();
}

/// Tells of a step that did not succeed; what it did is rolled back, or its row says `failed`.
void Runner::failed(const Work& work, ErrorInfo& info, Microseconds after) {
  const Step& step = work.info.step;
  if (info.version.empty()) info.version = label_of(step);
  if (info.id == ErrorId::Interrupted && !is_stepwise(work)) {
    info.message =
        fmt::format("stopped while {} {}; it was rolled back", verb(step), label_of(step));
    info.sqlstate.clear();
  }
  if (is_stepwise(work) && step.action == Step::Action::Apply && info.id != ErrorId::StalePlan) {
    schema_.dirty = true;
  }
  context_.observer.step_failed(work.info, info, after);
  EventRow event;
  event.event = info.id == ErrorId::Interrupted ? "interrupted" : "failed";
  event.version = info.version;
  event.error_id = info.id_text();
  event.sqlstate = info.sqlstate;
  event.message = info.message;
  try {
    session_.connection().write_event(event);
  } catch (const Error&) {
    // The error itself is what matters; it goes to the report.
    roll_back(session_.connection());
  }
}

/// A failover, perhaps: the server that we are connected to does not take writes any more.
bool Runner::may_become_writable() {
  const auto now = context_.clock.steady();
  if (!read_only_since_) read_only_since_ = now;
  return now - *read_only_since_ < context_.settings.connect_timeout;
}

void Runner::pause_after_loss(const Error& error, Milliseconds pause) {
  session_.drop();
  context_.observer.database_up(false);
  context_.observer.retrying("connection_lost", error.info(), losses_without_progress_, pause);
  context_.clock.sleep(pause, stopping_.token());
}

/// True: worth another round.
bool Runner::recover(const Error& error) {
  const bool stale =
      error.id() == ErrorId::StalePlan && request_.stale == RunRequest::Stale::PlanAgain;
  const bool read_only = error.id() == ErrorId::ReadOnly && session_.connected();
  if (!is_lost(error) && !stale && !read_only) return false;
  // Progress by others counts: where only the chain guards, they may well be faster.
  const std::size_t mark = snapshot_.history.rows().size() + progress_.commits - commits_at_look_;
  if (mark != mark_at_last_loss_) losses_without_progress_ = 0;
  mark_at_last_loss_ = mark;
  ++losses_without_progress_;
  if (read_only) {
    if (!may_become_writable()) return false;
    pause_after_loss(error, kLongestPause);
    return true;
  }
  if (losses_without_progress_ > kLossesWithoutProgress) return false;
  Backoff backoff(kFirstPause, kLongestPause, context_.random);
  Milliseconds pause{};
  for (int i = 0; i < losses_without_progress_; ++i) pause = backoff.next();
  if (!stale) {
    pause_after_loss(error, pause);
    return true;
  }
  warn("stale-plan", error.info().message);
  context_.clock.sleep(pause, stopping_.token());
  return true;
}

/// The budget is spent and nobody knows: say which, and what ended the asking.
Error Runner::unknown_outcome(const Error& error) const {
  const std::string label = label_of(doubt_->steps.back());
  if (!doubt_->at_commit) return error;
  ErrorInfo info = error.info();
  info.message = fmt::format(
      "unknown: migration {}: the connection was lost during its COMMIT, and "
      "the history could not be read since: {}",
      label, info.message);
  info.id = ErrorId::OutcomeUnknown;
  info.version = label;
  info.next.clear();
  return Error(std::move(info));
}

}  // namespace headway::engine
