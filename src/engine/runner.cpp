#include "engine/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/backoff.hpp"
#include "engine/cancel_repeater.hpp"
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
    case Step::Action::Adopt: return "taking over";
  }
  return "applying";
}

bool is_adoption(const migration::Plan& plan) {
  return !plan.empty() && plan.steps.front().action == Step::Action::Adopt;
}

}  // namespace

Runner::Runner(Context& context, const migration::Source& source, RunRequest request)
    : context_(context),
      source_(source),
      request_(std::move(request)),
      stopping_(context.stop),
      session_(context.observer),
      adoption_(context, source, stopping_),
      mirroring_(context, source),
      kept_(context.observer, source.layout()),
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
    session_.connection().require_lock();
  }
  context_.observer.state_changed(State::Validating);
  look(Looking::ToExecute);
  if (plan_.empty()) {
    report_.waited_for_other = report_.done.empty();
    return false;
  }
  const bool adopts = is_adoption(plan_);
  if (request_.adopts != RunRequest::Adopts::No) {
    adoption_.provide_table(session_.connection(), plan_);
  }
  mirroring_.begin(session_.connection());
  execute_plan();
  return request_.until_empty || adopts;
}

void Runner::connect() {
  context_.observer.state_changed(State::Connecting);
  session_.use(engine::connect(context_, stopping_, Needs::Writing));
  session_.connection().keep_settings(kept_.values());
  fresh_session_ = true;
}

void Runner::look(Looking looking) {
  Connection& connection = session_.connection();
  HistorySnapshot snapshot = connection.read_history();
  require_repeatables(snapshot, source_);
  plan_ = {};  // it points into the snapshot that goes
  next_ = 0;
  snapshot_ = std::move(snapshot);
  const migration::History& history = snapshot_.history;
  const migration::Reconciliation state = migration::reconcile(source_, history);
  // Without the lock it may be somebody else's; with it, it is a dead one's.
  schema_ = schema_status(source_, history, state, context_.settings.policy.phases,
                          session_.locked() ? AtWork::Nobody : AtWork::Somebody);
  chain_.clear();
  for (const migration::HistoryRow& row : history.rows()) chain_.push_back(row.version);
  looked_ = true;
  commits_at_look_ = progress_.commits;
  context_.observer.history_read(source_, history, state);
  context_.observer.schema_status(schema_);
  settle_doubt();
  std::optional<Adoption::Adopting> adopting;
  using Adopts = RunRequest::Adopts;
  if (request_.adopts == Adopts::Always ||
      (request_.adopts == Adopts::UnderLock && session_.locked())) {
    adopting = adoption_.plan(connection, snapshot_, session_.locked());
  }
  if (request_.adopts == Adopts::No && history.empty() && looking == Looking::ToExecute) {
    adoption_.report_left_alone(connection);
  }
  // With the history that it will be: what can't go on from there is better not taken over.
  plan_ = request_.plan(adopting ? adopting->history : history, report_.done);
  if (adopting) plan_ = std::move(adopting->plan);
  report_.target = join(plan_.target);
  for (const std::string& warning : plan_.warnings) warn("plan", warning);
  if (looking == Looking::Only) return;
  for (const Step& step : plan_.steps) {
    const PreparedScript* script = scripts_.of(step, connection);
    if (script == nullptr) continue;
    connection.require_runnable(*script);
    warn_of_short_patience(*script);
    if (!script->empty()) continue;
    if (step.action != Step::Action::Revert) {
      warn("empty-file", empty_warning(script->path));
    } else if (!step.stored_down && script->path != step.migration->up.path) {
      warn("empty-file", empty_down_warning(script->path));
    }
  }
  if (request_.transactions == Transactions::All) refuse_mixed_transactions();
}

/// An autovacuum that holds what we wait for is cancelled, but only once we have waited for
/// deadlock_timeout.
void Runner::warn_of_short_patience(const PreparedScript& script) {
  const auto patience = script.lock_timeout ? script.lock_timeout : context_.settings.lock_timeout;
  const auto deadlock_timeout = session_.connection().server().deadlock_timeout;
  if (!patience || *patience == Milliseconds::zero() || !deadlock_timeout ||
      *patience > *deadlock_timeout) {
    return;
  }
  warn("short-lock-timeout",
       fmt::format("the lock timeout of {} ({}) is not longer than the server's deadlock_timeout "
                   "({}): an autovacuum that is in the way never gives way to this migration",
                   script.lock_timeout ? script.path : "this run", words(*patience),
                   words(*deadlock_timeout)));
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

bool Runner::happened(const Step& step) const {
  if (step.repeatable != nullptr) {
    return current_checksum(snapshot_.history, step.name) == step.repeatable->script.checksum;
  }
  const migration::HistoryRow* row = snapshot_.history.find(step.version);
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Insert:
    case Step::Action::Adopt:
      return row != nullptr && row->state == migration::RowState::Applied &&
             row->run_id == context_.settings.run_id;
    case Step::Action::Resume: return row != nullptr && row->state == migration::RowState::Applied;
    case Step::Action::Revert:
    case Step::Action::Remove: return row == nullptr;
    case Step::Action::Repeat: break;  // is one of a repeatable
  }
  return false;
}

/// What was in doubt, now that the lock is ours and the history was read: it happened or it didn't.
void Runner::settle_doubt() {
  if (!doubt_ || !session_.locked()) return;
  const Doubt doubt = std::move(*doubt_);
  doubt_.reset();
  if (doubt.apart) {
    settle_apart(doubt);
  } else {
    settle_together(doubt);
  }
}

void Runner::settle_apart(const Doubt& doubt) {
  for (const Step& step : doubt.steps) {
    if (!happened(step)) return;  // nor did what was sent behind it
    happened_after_all(doubt, step);
    ++progress_.commits;
  }
}

void Runner::settle_together(const Doubt& doubt) {
  // All steps of a transaction share its fate; the last one is not undone by an earlier one.
  const Step& witness = doubt.steps.back();
  const bool leaves_a_row = witness.action == Step::Action::Apply ||
                            witness.action == Step::Action::Insert ||
                            witness.action == Step::Action::Adopt;
  if (!happened(witness) || (!doubt.at_commit && !leaves_a_row)) return;
  for (const Step& step : doubt.steps) happened_after_all(doubt, step);
  ++progress_.commits;
}

void Runner::happened_after_all(const Doubt& doubt, const Step& step) {
  const migration::HistoryRow* row = snapshot_.history.find(step.version);
  const Microseconds duration =
      row != nullptr && row->duration ? *row->duration : Microseconds::zero();
  report_.done.push_back({step.action, step.version.text(), step.name, duration});
  context_.observer.step_finished(
      {.step = step, .index = report_.done.size() - 1, .total = doubt.total, .statements = 0},
      duration);
}

void Runner::execute_plan() {
  context_.observer.planned(plan_);
  context_.observer.state_changed(State::Applying);
  EventRow locked;
  locked.event = "locked";
  session_.connection().write_event_soon(locked);
  Attendance attendance(context_, session_.connection());
  attendance_ = &attendance;
  if (request_.transactions == Transactions::All || is_adoption(plan_)) {
    execute_all_at_once();
  } else {
    execute_one_by_one();
  }
}

Workplace Runner::workplace() {
  return {.context = context_,
          .connection = session_.connection(),
          .stopping = stopping_,
          .history = snapshot_.history,
          .progress = progress_,
          .attendance = *attendance_,
          .kept = &kept_};
}

Work Runner::work_for(std::size_t index) {
  const Step& step = plan_.steps[index];
  const PreparedScript* script = scripts_.of(step, session_.connection());
  const std::size_t done = report_.done.size();
  return {.info = {.step = step,
                   .index = done + index - next_,
                   .total = done + plan_.steps.size() - next_,
                   .statements = script == nullptr ? 0 : script->size()},
          .script = script};
}

void Runner::execute_one_by_one() {
  while (next_ < plan_.steps.size()) {
    stopping_.check(fmt::format("{} was not begun", label_of(plan_.steps[next_])));
    if (execute_ahead()) continue;
    if (!fresh_session_) session_.connection().reset_session();
    const Work work = work_for(next_);
    execute({&work, 1});
    if (next_ < plan_.steps.size() && work.script != nullptr) {
      kept_.note(session_.connection(), *work.script);
    }
  }
}

/// A COPY talks back and forth; what is large or leaves something in its session goes alone.
bool Runner::may_go_ahead(std::size_t index) {
  static constexpr std::size_t kLargest = std::size_t{1024} * 1024;
  const Step& step = plan_.steps[index];
  if (step.action != Step::Action::Apply || step.migration->up.large ||
      step.migration->up.text.size() > kLargest) {
    return false;
  }
  const PreparedScript& script = *scripts_.of(step, session_.connection());
  return script.transaction == migration::Transaction::Each &&
         std::ranges::none_of(script.statements, [](const auto& one) {
           return one.plain_only || one.changes_session;
         });
}

// The steps from the next one on as far as they may be sent before the answers have come.
class Runner::Ahead final : public AheadEvents {
 public:
  explicit Ahead(Runner& runner) : runner_(runner), first_(runner.next_) {}

  [[nodiscard]] std::optional<AheadMigration> next(std::size_t index) {
    const std::size_t at = first_ + index;
    if (at == runner_.plan_.steps.size() || !runner_.may_go_ahead(at)) return std::nullopt;
    if (runner_.stopping_.token().stop_requested()) return std::nullopt;
    const Settings& settings = runner_.context_.settings;
    const Step& step = runner_.plan_.steps[at];
    const PreparedScript& script = *runner_.scripts_.of(step, runner_.session_.connection());
    const bool has_timeouts = script.lock_timeout || script.statement_timeout;
    AheadMigration migration;
    migration.row = row_of(step, migration::RowState::Applied);
    migration.script = &script;
    if (has_timeouts) {
      migration.lock_timeout = script.lock_timeout ? script.lock_timeout : settings.lock_timeout;
      migration.statement_timeout =
          script.statement_timeout ? script.statement_timeout : settings.statement_timeout;
    }
    migration.reset_before = !std::exchange(runner_.fresh_session_, false);
    migration.durable = at + 1 == runner_.plan_.steps.size();
    sent_ = index + 1;
    return migration;
  }

  void begun(std::size_t index) override {
    runner_.attendance_->transaction_begun();
    work_.emplace(runner_.work_for(first_ + index));
    since_ = runner_.context_.clock.steady();
    begun_ = index + 1;
    runner_.context_.observer.step_started(work_->info);
  }
  void statement_begun(std::size_t index, std::size_t statement) override {
    static_cast<void>(index);
    runner_.context_.observer.statement_started(work_->info, statement,
                                                work_->script->statements[statement]);
  }
  void committed(std::size_t index, Microseconds duration) override {
    static_cast<void>(index);
    ++runner_.progress_.commits;
    runner_.step_done(*work_, duration);
  }

  /// Steps that may have been committed although nothing was heard of it.
  [[nodiscard]] Doubt doubt(bool at_commit) const {
    Doubt doubt;
    for (std::size_t at = runner_.next_; at < first_ + sent_; ++at) {
      doubt.steps.push_back(detached(runner_.plan_.steps[at]));
    }
    doubt.at_commit = at_commit;
    doubt.apart = true;
    doubt.total = runner_.report_.done.size() + runner_.plan_.steps.size() - runner_.next_;
    return doubt;
  }
  /// The step that failed, begun or not.
  [[nodiscard]] Work failed() {
    const std::size_t index = runner_.next_ - first_;
    if (begun_ <= index) begun(index);
    return *work_;
  }
  [[nodiscard]] Microseconds elapsed() const {
    return std::chrono::duration_cast<Microseconds>(runner_.context_.clock.steady() - since_);
  }
  [[nodiscard]] bool sent_any() const noexcept { return sent_ > 0; }

 private:
  Runner& runner_;
  const std::size_t first_;
  std::size_t sent_ = 0;
  std::size_t begun_ = 0;
  std::optional<Work> work_;
  Clock::Steady since_{};
};

/// False: the next step is to be executed by itself.
bool Runner::execute_ahead() {
  Connection& connection = session_.connection();
  const bool several = next_ + 1 < plan_.steps.size();
  if (!context_.settings.ahead || !several || !connection.can_run_ahead()) return false;
  if (std::exchange(alone_, false) || !may_go_ahead(next_) || !may_go_ahead(next_ + 1))
    return false;
  Ahead ahead(*this);
  Workplace place = workplace();
  try {
    const Attendance::Yielding yielding(*attendance_);
    const CancelRepeater cancel(stopping_.now(), connection);
    connection.run_ahead([&ahead](std::size_t index) { return ahead.next(index); }, ahead);
    return ahead.sent_any();
  } catch (const Error& error) {
    if (is_lost(error)) {
      doubt_ = ahead.doubt(error.id() == ErrorId::OutcomeUnknown);
      throw;
    }
    ErrorInfo info = explained(place, error.info());
    roll_back(connection);
    if (gives_way(info.id)) {
      // It gave way to other sessions: by itself it is tried again for as long as it takes.
      alone_ = true;
      give_way(place, std::move(info));
      return true;
    }
    if (info.id == ErrorId::StalePlan && request_.stale == RunRequest::Stale::PlanAgain) throw;
    if (info.id == ErrorId::ReadOnly) throw;
    const Work work = ahead.failed();
    failed(work, info, ahead.elapsed());
    throw Error(std::move(info));
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
  Workplace place = workplace();
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

bool Runner::counts_as_pending(const Step& step) const {
  return step.migration != nullptr &&
         includes(context_.settings.policy.phases, step.migration->phase);
}

void Runner::count(const Step& step) {
  if (step.repeatable != nullptr) {
    if (schema_.pending > 0) --schema_.pending;
    return;
  }
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Adopt:
    case Step::Action::Insert: {
      auto at = chain_.begin();
      if (step.previous.text() != migration::kBase) {
        at = std::ranges::find(chain_, step.previous);
        if (at != chain_.end()) ++at;
      }
      chain_.insert(at, step.version);
      ++schema_.applied;
      if (counts_as_pending(step) && schema_.pending > 0) --schema_.pending;
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
      if (counts_as_pending(step)) ++schema_.pending;
      break;
    case Step::Action::Repeat: break;  // is one of a repeatable
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
  if (!doubt_->at_commit) return error;
  // Of several transactions the first one in doubt, else the one that all share.
  const Step& step = doubt_->apart ? doubt_->steps.front() : doubt_->steps.back();
  const bool more = doubt_->apart && doubt_->steps.size() > 1;
  const std::string label = label_of(step);
  ErrorInfo info = error.info();
  info.message = fmt::format(
      "unknown: migration {}{}: the connection was lost during its COMMIT, and "
      "the history could not be read since: {}",
      label, more ? " and those behind it, up to " + label_of(doubt_->steps.back()) : "",
      info.message);
  info.id = ErrorId::OutcomeUnknown;
  info.version = label;
  info.next.clear();
  return Error(std::move(info));
}

}  // namespace headway::engine
