#include "engine/stepwise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "engine/batch_run.hpp"
#include "engine/cancel_repeater.hpp"
#include "engine/units.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using migration::Step;

/// Before it did anything.  What only the catalogue tells: REINDEX of a partitioned table, DROP
/// SUBSCRIPTION of one with a slot.
constexpr std::string_view kRefusedInTransaction = "25001";

Location where(const PreparedScript& script, const PreparedStatement& statement) {
  return {script.path, statement.position.line, statement.position.column};
}

std::string done_so_far(std::size_t done) {
  if (done == 0) return "no statement before it";
  if (done == 1) return "statement 1 is done";
  return fmt::format("statements 1 to {} are done", done);
}

std::string repair_choices(const std::string& version) {
  return fmt::format(
      "Look at the database. If all that the file does is there, `headway repair --done {0}`; if "
      "nothing of it is there (undo what is), `headway repair --undone {0}`, then upgrade again.",
      version);
}

std::string statement_choices(const std::string& version) {
  return fmt::format(
      "Look at the database. If what the statement does is there, `headway repair "
      "--statement-done {0} --yes`; if nothing of it is there (undo what is), `headway repair "
      "--statement-undone {0} --yes`; then upgrade again.",
      version);
}

/// Waiting for old transactions blocks nobody: only CONCURRENTLY may wait without limit.
bool waits_politely(const PreparedStatement& statement) {
  return statement.facts().command.find("CONCURRENTLY") != std::string::npos;
}

/// What may be run again on resuming, because it changes nothing but the session.
bool is_replayable(const PreparedStatement& statement) {
  const std::string command = statement.facts().command;
  if (command.starts_with("SET") || command.starts_with("RESET")) return true;
  if (command == "LOAD" || command == "LISTEN" || command == "UNLISTEN") return true;
  std::string text;
  for (const char c : statement.text.substr(0, 64)) {
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  // The form that pg_dump writes; one call, nothing else.
  return (text.starts_with("select set_config(") ||
          text.starts_with("select pg_catalog.set_config(")) &&
         std::count(statement.text.begin(), statement.text.end(), '(') == 1;
}

class Stepwise {
 public:
  Stepwise(Workplace& place, const Work& work)
      : place_(place), work_(work), script_(*work.script), units_(units_of(script_)) {}

  Microseconds apply();
  Microseconds revert();
  Microseconds repeat();

 private:
  [[nodiscard]] const Step& step() const { return work_.info.step; }
  [[nodiscard]] std::size_t size() const { return script_.statements.size(); }
  [[nodiscard]] std::string label() const { return label_of(step()); }

  void begin_row();
  void check_resumable(const migration::HistoryRow& row);
  void settle_doubt();
  void warn(const std::string& message);
  void replay_session(std::size_t finished);
  void run_statements();
  void run_unit(std::size_t index);
  void run_one(std::size_t index);
  void run_alone(std::size_t index);
  void run_batch(std::size_t index);
  void write_journal(std::size_t finished);
  void write_batch(std::size_t index, const std::optional<migration::BatchProgress>& progress);
  void leave_failed();
  [[nodiscard]] std::string batch_so_far() const;
  [[nodiscard]] Error explain(const Error& error) const;
  [[nodiscard]] Error in_doubt(std::size_t index, const std::string& what) const;
  bool heal_before(std::size_t index, const sql::Effect& effect);
  void heal_after(const sql::Effect& effect, const Error& error) noexcept;

  Workplace& place_;
  const Work& work_;
  const PreparedScript& script_;
  std::vector<Unit> units_;
  bool journals_ = false;            // only an Apply or Resume has a row to write to
  int attempt_ = 1;                  // of the row
  std::size_t next_ = 0;             // the statement to run next
  std::size_t finished_ = 0;         // statements whose effect and journal entry are committed
  bool unjournaled_ = false;         // a statement took effect that the journal does not hold yet
  std::vector<std::string> hashes_;  // of the finished statements
  std::optional<migration::BatchProgress> batch_;  // of the next statement, if it has begun
  std::optional<EffectFound> in_doubt_;  // what is there of the statement behind the journal
};

void Stepwise::begin_row() {
  Connection& connection = place_.connection;
  Progress& progress = place_.progress;
  journals_ = true;
  if (step().action != Step::Action::Resume) {
    progress.version = step().version;
    progress.attempt = attempt_;
    progress.begun = 0;
    connection.insert_row(row_of(step(), migration::RowState::Running));
    ++place_.progress.commits;
    return;
  }
  migration::HistoryRow row = *step().row;
  check_resumable(row);
  progress.version = row.version;
  progress.attempt = row.attempt + 1;
  progress.begun = row.journal.size();
  in_transaction(place_, {}, [&] {
    if (row.checksum != step().migration->up.checksum) {  // what is behind the journal was edited
      connection.set_checksum(row, step().migration->up.checksum);
      row.checksum = step().migration->up.checksum;
    }
    attempt_ = connection.resume_row(row);
  });
  hashes_ = row.journal;
  batch_ = row.batch;
  next_ = finished_ = hashes_.size();
}

void Stepwise::warn(const std::string& message) {
  place_.context.observer.warning("resumed", fmt::format("{}: {}", label(), message));
}

/// Goes on from what was found of the statement that nobody saw the end of.
void Stepwise::settle_doubt() {
  if (!in_doubt_) return;
  const EffectFound found = *std::exchange(in_doubt_, std::nullopt);
  const std::size_t number = next_ + 1;
  if (found.state == EffectFound::State::Remainder) {
    warn(fmt::format("statement {} of {} had not ended; {} {}", number, size(),
                     found.cleanup_finishes ? "finishing" : "taking away", found.what));
    place_.connection.clean_up(found);
  }
  const bool done = found.state == EffectFound::State::Done || found.cleanup_finishes;
  if (!done) return;
  if (found.state == EffectFound::State::Done) {
    warn(fmt::format("statement {} of {} had taken effect before its process or server died",
                     number, size()));
  }
  with_lock_retries(place_, [&] { write_journal(number); });
  next_ = finished_ = number;
}

/// What an attempt that was stopped left behind: CREATE INDEX CONCURRENTLY IF NOT EXISTS is content
/// with an invalid index, REINDEX adds another one to it.  False: it was finished instead of taken
/// away, and nothing is left to run.
bool Stepwise::heal_before(std::size_t index, const sql::Effect& effect) {
  using Kind = sql::Effect::Kind;
  const bool builds = effect.kind == Kind::CreateIndex;
  const bool again = effect.kind == Kind::ReindexIndex || effect.kind == Kind::ReindexTable;
  if (!builds && !again && effect.kind != Kind::Detach) return true;
  const EffectFound found = place_.connection.find_effect(effect);
  if (found.state == EffectFound::State::Remainder) {
    warn(fmt::format("an earlier attempt left {}: it is {}", found.what,
                     found.cleanup_finishes ? "finished" : "dropped and built again"));
    place_.connection.clean_up(found);
    return !found.cleanup_finishes;
  }
  if (builds && found.state == EffectFound::State::Unknown && !found.what.empty()) {
    const PreparedStatement& statement = script_.statements[index];
    throw Error(ErrorId::MigrationFailed, found.what)
        .at(where(script_, statement))
        .statement(sql::normalize(statement.text))
        .next("See what it is, drop it if nobody needs it, and run this again.");
  }
  return true;
}

/// What our own attempt left behind goes at once: an invalid unique index still rejects rows.
void Stepwise::heal_after(const sql::Effect& effect, const Error& error) noexcept {
  if (is_lost(error) || error.id() == ErrorId::Interrupted) return;  // the next run will
  try {
    const EffectFound found = place_.connection.find_effect(effect);
    if (found.state != EffectFound::State::Remainder || found.cleanup_finishes) return;
    place_.connection.clean_up(found);
    warn(fmt::format("{} that the failed statement left behind is dropped", found.what));
  } catch (const Error&) {
    return;  // the next run finds it again
  }
}

void Stepwise::check_resumable(const migration::HistoryRow& row) {
  const std::size_t finished = row.journal.size();
  const auto halted = [&](std::string message) {
    return Error(ErrorId::HalfApplied, std::move(message))
        .version(row.version.text())
        .next(repair_choices(row.version.text()));
  };
  if (finished > size()) {
    throw halted(fmt::format("{} of its statements are done, but the file now holds only {}",
                             finished, size()))
        .at({script_.path});
  }
  for (std::size_t i = 0; i < finished; ++i) {
    const PreparedStatement& statement = script_.statements[i];
    if (journal_hash(statement) == row.journal[i]) continue;
    throw halted(fmt::format("statement {} was edited after it was done; {} in the database, so "
                             "the rest can't be gone on with",
                             i + 1, done_so_far(finished)))
        .at(where(script_, statement))
        .statement(sql::normalize(statement.text))
        .next(fmt::format("Restore the statement as it was and run it again. Otherwise: {}",
                          repair_choices(row.version.text())));
  }
  if (row.batch && (finished == size() || !script_.statements[finished].batch ||
                    journal_hash(script_.statements[finished]) != row.batch->statement)) {
    throw halted(
        fmt::format("statement {} was edited after {} ranges of its keys with {} rows were "
                    "done, so the rest can't be gone on with",
                    finished + 1, row.batch->ranges, row.batch->rows))
        .at(finished == size() ? Location{script_.path}
                               : where(script_, script_.statements[finished]))
        .next(fmt::format("Restore the statement, its table and its key as they were and run it "
                          "again. Otherwise: {}",
                          statement_choices(row.version.text())));
  }
  const Progress& progress = place_.progress;
  const bool ours = progress.version == row.version && progress.attempt == row.attempt;
  const bool never_sent = ours && progress.begun <= finished;
  const bool died = row.state == migration::RowState::Running;
  if (died && !never_sent && finished < size() && units_[finished].doubtful) {
    in_doubt_ = place_.connection.find_effect(sql::effect_of(script_.statements[finished].text));
    if (in_doubt_->state == EffectFound::State::Unknown) throw in_doubt(finished, in_doubt_->what);
  }
  for (std::size_t i = 0; i < finished; ++i) {
    const PreparedStatement& statement = script_.statements[i];
    if (!statement.changes_session || is_replayable(statement)) continue;
    throw halted(fmt::format("{}, but what statement {} left in its session is gone with it",
                             done_so_far(finished), i + 1))
        .at(where(script_, statement))
        .statement(sql::normalize(statement.text));
  }
}

Error Stepwise::in_doubt(std::size_t index, const std::string& what) const {
  const PreparedStatement& statement = script_.statements[index];
  return Error(ErrorId::HalfApplied,
               fmt::format("the process or the server died while statement {} of {} ran, and "
                           "whether that took effect can't be told{}; {}: {}",
                           index + 1, size(), what.empty() ? what : " (" + what + ")",
                           done_so_far(index), sql::normalize(statement.text)))
      .at(where(script_, statement))
      .version(label())
      .statement(sql::normalize(statement.text))
      .next(statement_choices(label()));
}

void Stepwise::replay_session(std::size_t finished) {
  for (std::size_t i = 0; i < finished; ++i) {
    const PreparedStatement& statement = script_.statements[i];
    if (statement.changes_session) place_.connection.run(statement, script_.path);
  }
}

void Stepwise::write_journal(std::size_t finished) {
  if (!journals_) return;
  hashes_.resize(finished_);  // an attempt that was rolled back may have added some
  while (hashes_.size() < finished) {
    hashes_.push_back(journal_hash(script_.statements[hashes_.size()]));
  }
  place_.connection.write_journal(step().version, attempt_, hashes_);
}

void Stepwise::run_one(std::size_t index) {
  place_.context.observer.statement_started(work_.info, index, script_.statements[index]);
  place_.progress.begun = std::max(place_.progress.begun, index + 1);
  const PreparedStatement& statement = script_.statements[index];
  // Not as they stand: so a COMMIT counts only if the server says COMMIT, and a connection that is
  // lost meanwhile leaves it in doubt.
  switch (units_[index].boundary) {
    case Unit::Boundary::Begin:
      place_.connection.begin(statement.facts().transaction_modes);
      return;
    case Unit::Boundary::Commit: place_.connection.commit(); return;
    case Unit::Boundary::Rollback: place_.connection.rollback(); return;
    case Unit::Boundary::None: place_.connection.run(statement, script_.path); return;
  }
}

void Stepwise::run_alone(std::size_t index) {
  Connection& connection = place_.connection;
  const Settings& settings = place_.context.settings;
  const bool patient = !script_.lock_timeout && waits_politely(script_.statements[index]);
  const auto be_short = [&] {
    if (patient && settings.lock_timeout) {
      connection.set_timeouts(settings.lock_timeout, std::nullopt);
    }
  };
  if (patient) connection.set_timeouts(Milliseconds::zero(), std::nullopt);
  const sql::Effect effect = sql::effect_of(script_.statements[index].text);
  try {
    const CancelRepeater cancel(place_.stopping.now(), connection);
    if (heal_before(index, effect)) run_one(index);
  } catch (const Error& error) {
    if (!is_lost(error)) be_short();
    heal_after(effect, error);
    throw;
  }
  unjournaled_ = units_[index].doubtful;
  be_short();
}

void Stepwise::write_batch(std::size_t index,
                           const std::optional<migration::BatchProgress>& progress) {
  if (!progress) return write_journal(index + 1);
  std::vector<std::string> journal(hashes_.begin(),
                                   hashes_.begin() + static_cast<std::ptrdiff_t>(finished_));
  journal.push_back(migration::journal_entry(*progress));
  place_.connection.write_journal(step().version, attempt_, journal);
}

void Stepwise::run_batch(std::size_t index) {
  const PreparedStatement& statement = script_.statements[index];
  place_.context.observer.statement_started(work_.info, index, statement);
  place_.progress.begun = std::max(place_.progress.begun, index + 1);
  if (!batch_) {
    batch_.emplace();
    batch_->statement = journal_hash(statement);
  }
  BatchRun(place_, work_, index, *batch_, [this, index](const auto& progress) {
    write_batch(index, progress);
  }).run();
  batch_.reset();
}

void Stepwise::run_unit(std::size_t index) {
  const Unit& unit = units_[index];
  switch (unit.mode) {
    case Unit::Mode::Atomic:
      try {
        with_lock_retries(place_, [&] {
          in_transaction(place_, {}, [&] {
            run_one(index);
            write_journal(index + 1);
          });
        });
      } catch (const Error& error) {
        if (error.sqlstate() != kRefusedInTransaction) throw;
        units_[index] = Unit{.mode = Unit::Mode::Alone, .doubtful = true};
        run_unit(index);
        return;
      }
      finished_ = index + 1;
      return;
    case Unit::Mode::Batch:
      run_batch(index);
      finished_ = index + 1;
      return;
    case Unit::Mode::Group: {
      const CancelRepeater cancel(place_.stopping.now(), place_.connection);
      if (unit.journal == Unit::Journal::Before) write_journal(index + 1);
      run_one(index);
      break;
    }
    case Unit::Mode::Alone: run_alone(index); break;
  }
  if (unit.journal == Unit::Journal::None) return;
  if (unit.journal == Unit::Journal::After) {
    with_lock_retries(place_, [&] { write_journal(index + 1); });
  }
  unjournaled_ = false;
  finished_ = index + 1;
  ++place_.progress.commits;
}

void Stepwise::run_statements() {
  set_timeouts(place_, script_);
  replay_session(next_);
  if (next_ < size() && units_[next_].in_transaction) place_.connection.begin({});
  for (; next_ < size(); ++next_) {
    place_.stopping.check_now(fmt::format("statement {} was not begun", next_ + 1));
    run_unit(next_);
  }
}

void Stepwise::leave_failed() {
  // What a group had not committed goes: the journal knows only what is.
  roll_back(place_.connection);
  // A row that stays `running` makes the next run ask about the statement behind the journal.
  if (!journals_ || unjournaled_) return;
  try {
    place_.connection.fail_row(step().version, attempt_);
  } catch (const Error&) {
    roll_back(place_.connection);
  }
}

Error Stepwise::explain(const Error& error) const {
  ErrorInfo info = error.info();
  info.version = label();
  if (info.id == ErrorId::Interrupted) {
    info.message =
        fmt::format("stopped in {}; {} of {} statements are done{}, the next run goes on", label(),
                    finished_, size(), batch_so_far());
    info.sqlstate.clear();
    return Error(std::move(info));
  }
  if (is_lost(error)) return Error(std::move(info));
  if (info.kind() == Kind::LockTimeout) info.id = ErrorId::MigrationFailed;  // not rolled back
  if (info.id == ErrorId::MigrationFailed) info.id = ErrorId::PartlyApplied;
  info.message += fmt::format("; {}{}, the next run goes on at statement {} of {}",
                              done_so_far(finished_), batch_so_far(), finished_ + 1, size());
  return Error(std::move(info));
}

/// Without its keys, which are the user's data.
std::string Stepwise::batch_so_far() const {
  if (!batch_ || batch_->ranges == 0) return {};
  return fmt::format(" and {} range{} of keys of statement {} with {} rows", batch_->ranges,
                     batch_->ranges == 1 ? "" : "s", finished_ + 1, batch_->rows);
}

Microseconds Stepwise::apply() {
  begin_row();
  Microseconds duration{};
  try {
    settle_doubt();
    run_statements();
    in_transaction(place_, {}, [&] {
      place_.connection.restore_identity();
      duration = place_.connection.finish_row(step().version, attempt_);
      place_.connection.write_event(event_of(step(), duration));
    });
  } catch (const Error& error) {
    if (is_lost(error)) throw;
    leave_failed();
    throw explain(error);
  }
  return duration;
}

Microseconds Stepwise::revert() {
  Connection& connection = place_.connection;
  const auto started = place_.context.clock.steady();
  // Whether the row is as expected is asked before anything runs, and rolled back.
  try {
    connection.begin({});
    connection.delete_row(*step().row);
  } catch (const Error&) {
    roll_back(connection);
    throw;
  }
  connection.rollback();
  EventRow reverting = event_of(step(), std::nullopt);
  reverting.event = "reverting";
  connection.write_event(reverting);
  try {
    set_timeouts(place_, script_);
    for (; next_ < size(); ++next_) {
      place_.stopping.check_now(fmt::format("statement {} was not begun", next_ + 1));
      const CancelRepeater cancel(place_.stopping.now(), connection);
      run_one(next_);
    }
    const auto duration =
        std::chrono::duration_cast<Microseconds>(place_.context.clock.steady() - started);
    in_transaction(place_, {}, [&] {
      connection.restore_identity();
      connection.delete_row(*step().row);
      connection.write_event(event_of(step(), duration));
    });
    return duration;
  } catch (const Error& error) {
    ErrorInfo info = error.info();
    info.version = label();
    const std::string previous = step().row->previous.text();
    const std::string how = fmt::format(
        "Look at the database and finish the way back by hand, then run `headway stamp "
        "{}`; running `headway downgrade` again begins with its first statement.",
        previous);
    info.message += fmt::format(
        "; the way back of {} runs outside a transaction: {} of {}, and "
        "the history still holds {}",
        label(), done_so_far(next_), size(), label());
    info.next = how;
    if (is_lost(error)) info.id = ErrorId::HalfApplied;
    if (info.kind() == Kind::LockTimeout) info.id = ErrorId::MigrationFailed;  // not rolled back
    leave_failed();
    throw Error(std::move(info));
  }
}

Microseconds Stepwise::repeat() {
  Connection& connection = place_.connection;
  const auto started = place_.context.clock.steady();
  try {
    run_statements();
    const auto duration =
        std::chrono::duration_cast<Microseconds>(place_.context.clock.steady() - started);
    in_transaction(place_, {}, [&] {
      connection.restore_identity();
      connection.record_repeatable(step().repeatable->name, step().repeatable->script.checksum,
                                   current_checksum(place_.history, step().repeatable->name),
                                   duration);
      connection.write_event(event_of(step(), duration));
    });
    return duration;
  } catch (const Error&) {
    leave_failed();
    throw;
  }
}

}  // namespace

Microseconds execute_stepwise(Workplace& place, const Work& work) {
  Stepwise stepwise(place, work);
  switch (work.info.step.action) {
    case Step::Action::Revert: return stepwise.revert();
    case Step::Action::Repeat: return stepwise.repeat();
    default: return stepwise.apply();
  }
}

}  // namespace headway::engine
