#include "telemetry/log_observer.hpp"

#include <fmt/format.h>

#include <optional>

#include "sql/normalize.hpp"
#include "telemetry/text.hpp"

namespace headway::telemetry {
namespace {

using migration::Step;

/// Somebody who watches a pod wait wants a sign of life, not five of them a second.
constexpr Milliseconds kWaitingInterval{5000};
constexpr Milliseconds kWorthTelling{5000};  // of waiting for other sessions
constexpr Milliseconds kAroundInterval{10000};
/// The same reason again; `wait` may take as long as a deployment does.
constexpr Milliseconds kNotYetInterval{30'000};

struct Wording {
  std::string_view action;  ///< field `action`
  std::string_view verb;    ///< "applying"
  std::string_view done;    ///< "applied"
  std::string_view event;   ///< when it is done
};

const Wording& wording(Step::Action action) {
  static constexpr Wording kApply{"apply", "applying", "applied", "migration_applied"};
  static constexpr Wording kResume{"resume", "resuming", "resumed and applied",
                                   "migration_applied"};
  static constexpr Wording kRevert{"revert", "reverting", "reverted", "migration_reverted"};
  static constexpr Wording kRepeat{"repeat", "applying repeatable", "applied repeatable",
                                   "repeatable_applied"};
  static constexpr Wording kInsert{"insert", "stamping", "stamped", "migration_stamped"};
  static constexpr Wording kAdopt{"adopt", "taking over", "took over", "migration_adopted"};
  static constexpr Wording kRemove{"remove", "removing the mark of", "removed the mark of",
                                   "migration_unstamped"};
  switch (action) {
    case Step::Action::Apply: return kApply;
    case Step::Action::Resume: return kResume;
    case Step::Action::Revert: return kRevert;
    case Step::Action::Repeat: return kRepeat;
    case Step::Action::Insert: return kInsert;
    case Step::Action::Adopt: return kAdopt;
    case Step::Action::Remove: return kRemove;
  }
  return kApply;
}

/// "20261122093000 create_metrics", or the name alone of a repeatable.
std::string title(const Step& step) {
  if (step.version.empty()) return step.name;
  if (step.name.empty()) return step.version.text();
  return step.version.text() + ' ' + step.name;
}

const std::string* path_of(const Step& step) {
  if (step.repeatable != nullptr) return &step.repeatable->script.path;
  if (step.migration == nullptr || step.stored_down) return nullptr;
  if (step.action != Step::Action::Revert) return &step.migration->up.path;
  return step.migration->down ? &step.migration->down->path : nullptr;
}

void add_step(LogLine& line, const engine::StepInfo& info) {
  line.add("version", info.step.version.text());
  line.add("name", info.step.name);
  line.add("action", wording(info.step.action).action);
  line.add_number("step", static_cast<std::int64_t>(info.index) + 1);
  line.add_number("steps", static_cast<std::int64_t>(info.total));
}

void add_error_fields(LogLine& line, const ErrorInfo& error) {
  line.add("error_id", error.id_text());
  line.add("error_kind", kind_info(error.kind()).name);
  line.add("error", error.message);
  line.add("file", error.where.file);
  if (error.where.line > 0) line.add_number("line", static_cast<std::int64_t>(error.where.line));
  if (error.where.column > 0) {
    line.add_number("column", static_cast<std::int64_t>(error.where.column));
  }
  line.add("statement", error.statement);
  line.add("sqlstate", error.sqlstate);
  line.add("server_message", error.server_text);
  line.add("hint", error.server_hint);
  line.add("detail", error.detail);
}

/// The first of an error's three lines: what happened, where, and the server's own words.
std::string what_happened(const ErrorInfo& error) {
  std::string out = error.where.text();
  if (!out.empty()) out += ": ";
  out += error.message;
  if (!error.server_text.empty() && error.message.find(error.server_text) == std::string::npos) {
    out += "; the server says: " + error.server_text;
  }
  if (!error.sqlstate.empty()) out += " (SQLSTATE " + error.sqlstate + ")";
  if (!error.detail.empty()) out += "; detail: " + error.detail;
  if (!error.server_hint.empty()) out += "; hint: " + error.server_hint;
  if (!error.statement.empty()) out += "; statement: " + error.statement;
  return out;
}

void add_error(LogLine& line, const ErrorInfo& error) {
  add_error_fields(line, error);
  line.add("why", error.why());
  line.add("next", error.next_step());
  line.add_number("exit_code", error.exit_code());
  line.more.push_back("why:  " + std::string(error.why()));
  line.more.push_back("next: " + std::string(error.next_step()));
}

std::string joined(const std::vector<migration::Version>& versions) {
  std::string out;
  for (const migration::Version& version : versions) {
    if (!out.empty()) out += ',';
    out += version.text();
  }
  return out;
}

std::string_view plural(std::size_t count) { return count == 1 ? "" : "s"; }

class LogObserver final : public engine::Observer {
 public:
  LogObserver(std::string database, std::unique_ptr<LogWriter> writer)
      : database_(std::move(database)), writer_(std::move(writer)) {}

  void state_changed(engine::State state) override {
    if (!writer_->wants(LogLevel::Debug)) return;
    LogLine line =
        start(LogLevel::Debug, "state_changed", fmt::format("now {}", engine::state_name(state)));
    line.add("state", engine::state_name(state));
    writer_->write(line);
  }

  void run_started(std::string_view command, std::string_view run_id) override {
    command_ = command;
    run_id_ = run_id;
    last_waiting_.reset();
    logged_failure_.reset();
    connection_told_ = false;
    LogLine line = start(LogLevel::Info, "run_started", fmt::format("{} started", command));
    line.add("command", command);
    writer_->write(line);
  }

  void connect_failed(const ErrorInfo& error, int attempt, Milliseconds next_try) override {
    connection_told_ = false;
    std::string message =
        fmt::format("attempt {} to connect failed: {}", attempt, what_happened(error));
    if (next_try > Milliseconds::zero()) {
      message += fmt::format("; trying again in {}", readable(next_try));
    }
    LogLine line = start(LogLevel::Warning, "connect_failed", std::move(message));
    line.add_number("attempt", attempt);
    if (next_try > Milliseconds::zero()) line.add_seconds("retry_in_seconds", next_try);
    add_error_fields(line, error);
    writer_->write(line);
  }

  void connected(const engine::ServerInfo& server) override {
    // Who waits for the lock connects for every poll; that is no news.
    const LogLevel level = connection_told_ ? LogLevel::Debug : LogLevel::Info;
    connection_told_ = true;
    if (!writer_->wants(level)) return;
    std::string message = fmt::format("connected to PostgreSQL {}, database {}, as {}",
                                      server.version, server.database, server.user);
    if (!server.pooler.empty()) message += fmt::format(", through a pooler: {}", server.pooler);
    LogLine line = start(level, "connected", std::move(message));
    line.add("server_version", server.version);
    line.add("server_database", server.database);
    line.add("user", server.user);
    line.add_number("backend_pid", server.backend_pid);
    line.add("pooler", server.pooler);
    writer_->write(line);
  }

  void lock_waiting(const engine::LockAttempt& attempt, Milliseconds waited) override {
    const bool due =
        !last_waiting_ || waited < *last_waiting_ || waited - *last_waiting_ >= kWaitingInterval;
    if (due) last_waiting_ = waited;
    const LogLevel level = due ? LogLevel::Info : LogLevel::Debug;
    if (!writer_->wants(level)) return;
    std::string message = "waiting for the migration lock";
    if (attempt.holder) message += ", held by " + attempt.holder->text();
    if (waited > Milliseconds::zero()) message += fmt::format("; {} so far", readable(waited));
    LogLine line = start(level, "lock_waiting", std::move(message));
    line.add_seconds("waited_seconds", waited);
    if (attempt.holder) {
      line.add("holder", attempt.holder->application_name);
      line.add_number("holder_pid", attempt.holder->pid);
      line.add("holder_client", attempt.holder->client);
    }
    writer_->write(line);
  }

  void lock_acquired(Milliseconds waited) override {
    std::string message = "took the migration lock";
    if (last_waiting_) message += fmt::format(" after {}", readable(waited));
    last_waiting_.reset();
    LogLine line = start(LogLevel::Info, "lock_acquired", std::move(message));
    line.add_seconds("waited_seconds", waited);
    writer_->write(line);
  }

  void lock_released() override {
    writer_->write(start(LogLevel::Debug, "lock_released", "released the migration lock"));
  }

  void schema_status(const engine::SchemaStatus& status) override {
    if (!writer_->wants(LogLevel::Debug)) return;
    LogLine line = start(
        LogLevel::Debug, "schema_status",
        fmt::format("the schema is at {}, its target is {}; {} applied, {} pending",
                    status.current_version, status.target_version, status.applied, status.pending));
    line.add("current", status.current_version);
    line.add("target", status.target_version);
    line.add_number("applied", static_cast<std::int64_t>(status.applied));
    line.add_number("pending", static_cast<std::int64_t>(status.pending));
    writer_->write(line);
  }

  void planned(const migration::Plan& plan) override {
    const std::string target = joined(plan.target);
    std::string message =
        plan.empty() ? fmt::format("nothing to do: the schema is at {}", plan.current.text())
                     : fmt::format("{} step{} to do, from {} to {}", plan.steps.size(),
                                   plural(plan.steps.size()), plan.current.text(), target);
    LogLine line = start(LogLevel::Info, "planned", std::move(message));
    line.add_number("steps", static_cast<std::int64_t>(plan.steps.size()));
    line.add("current", plan.current.text());
    line.add("target", target);
    writer_->write(line);
  }

  void step_started(const engine::StepInfo& info) override {
    if (!writer_->wants(LogLevel::Info)) return;
    LogLine line =
        start(LogLevel::Info, "migration_started",
              fmt::format("{} {} ({} of {}, {} statement{})", wording(info.step.action).verb,
                          title(info.step), info.index + 1, info.total, info.statements,
                          plural(info.statements)));
    add_step(line, info);
    line.add_number("statements", static_cast<std::int64_t>(info.statements));
    if (const std::string* path = path_of(info.step)) line.add("file", *path);
    writer_->write(line);
  }

  void statement_started(const engine::StepInfo& info, std::size_t index,
                         const engine::PreparedStatement& statement) override {
    if (!writer_->wants(LogLevel::Debug)) return;
    const std::string text = sql::normalize(statement.text);
    LogLine line = start(LogLevel::Debug, "statement_started",
                         fmt::format("{}, statement {} of {}: {}", title(info.step), index + 1,
                                     info.statements, text));
    add_step(line, info);
    line.add_number("statement_number", static_cast<std::int64_t>(index) + 1);
    if (const std::string* path = path_of(info.step)) line.add("file", *path);
    line.add_number("line", static_cast<std::int64_t>(statement.position.line));
    line.add_number("column", static_cast<std::int64_t>(statement.position.column));
    line.add("statement", text);
    writer_->write(line);
  }

  void batch_finished(const engine::StepInfo& info, const engine::BatchReport& report) override {
    if (!writer_->wants(LogLevel::Info)) return;
    const migration::BatchProgress& done = report.progress;
    LogLine line = start(
        LogLevel::Info, "batch_finished",
        fmt::format("{}, statement {} of {}: the batch on {} is done, {} range{} of keys with "
                    "{} row{}, {} touched, in {}",
                    title(info.step), report.statement + 1, info.statements, report.batch.table,
                    done.ranges, plural(done.ranges), done.rows, plural(done.rows), done.touched,
                    readable(report.duration)));
    add_step(line, info);
    line.add_number("statement_number", static_cast<std::int64_t>(report.statement) + 1);
    line.add_number("ranges", static_cast<std::int64_t>(done.ranges));
    line.add_number("rows", static_cast<std::int64_t>(done.rows));
    line.add_number("touched", static_cast<std::int64_t>(done.touched));
    line.add_seconds("duration_seconds", report.duration);
    writer_->write(line);
  }

  void step_finished(const engine::StepInfo& info, Microseconds duration) override {
    if (!writer_->wants(LogLevel::Info)) return;
    const Wording& words = wording(info.step.action);
    LogLine line =
        start(LogLevel::Info, words.event,
              fmt::format("{} {} in {}", words.done, title(info.step), readable(duration)));
    add_step(line, info);
    line.add_seconds("duration_seconds", duration);
    writer_->write(line);
  }

  void step_failed(const engine::StepInfo& info, const ErrorInfo& error,
                   Microseconds duration) override {
    logged_failure_ = error;
    LogLine line = start(LogLevel::Error, "migration_failed",
                         fmt::format("{} {} failed after {}: {}", wording(info.step.action).verb,
                                     title(info.step), readable(duration), what_happened(error)));
    add_step(line, info);
    line.add_seconds("duration_seconds", duration);
    add_error(line, error);
    writer_->write(line);
  }

  void retrying(std::string_view reason, const ErrorInfo& error, int attempt,
                Milliseconds pause) override {
    connection_told_ = false;
    LogLine line = start(LogLevel::Warning, "retrying",
                         fmt::format("attempt {} gave up, trying again in {}: {}", attempt,
                                     readable(pause), what_happened(error)));
    line.add("reason", reason);
    line.add("version", error.version);
    line.add_number("attempt", attempt);
    line.add_seconds("retry_in_seconds", pause);
    add_error_fields(line, error);
    writer_->write(line);
  }

  void warning(std::string_view id, std::string_view message) override {
    LogLine line = start(LogLevel::Warning, "warning", std::string(message));
    line.add("warning_id", id);
    writer_->write(line);
  }

  void not_yet(std::string_view reason, Milliseconds waited) override {
    const bool due =
        reason != not_yet_ || waited < not_yet_at_ || waited - not_yet_at_ >= kNotYetInterval;
    if (due) not_yet_at_ = waited;
    not_yet_ = reason;
    const LogLevel level = due ? LogLevel::Info : LogLevel::Debug;
    if (!writer_->wants(level)) return;
    LogLine line =
        start(level, "not_yet", fmt::format("not yet: {}; waited {}", reason, readable(waited)));
    line.add("reason", reason);
    line.add_seconds("waited_seconds", waited);
    writer_->write(line);
  }

  void activity(const engine::Activity& activity) override {
    if (activity.empty()) {
      around_told_ = {};
      return;
    }
    const auto now = std::chrono::steady_clock::now();
    const bool waits = activity.waited >= kWorthTelling && !activity.blocking.empty();
    const bool blocks = activity.longest_blocked() >= kWorthTelling;
    if (now - around_told_ < kAroundInterval || (!waits && !blocks && !activity.progress)) return;
    if (around_told_ == decltype(around_told_){} && !waits && !blocks) {
      around_told_ = now;  // that a command makes progress is news only when it takes long
      return;
    }
    around_told_ = now;
    if (waits) tell_of_waiting(activity);
    if (blocks) tell_of_blocking(activity);
    if (activity.progress) tell_of_progress(*activity.progress);
  }

  void unattended(const ErrorInfo& error) override {
    warning("unattended", fmt::format("nobody looks at whom the migrations wait for and who waits "
                                      "for them: {}; they go on",
                                      error.message));
  }

  void recovered(std::string_view message) override {
    writer_->write(start(LogLevel::Info, "recovered", std::string(message)));
  }

  void run_finished(const engine::RunReport& report) override {
    LogLine line = report.error ? finished_badly(report, *report.error) : finished_well(report);
    line.add("command", report.command);
    line.add("current", report.current);
    line.add("target", report.target);
    line.add_number("applied", static_cast<std::int64_t>(report.done.size()));
    line.add_number("pending", static_cast<std::int64_t>(report.remaining_steps.size()));
    line.add_seconds("duration_seconds", report.duration);
    line.add_seconds("lock_wait_seconds", report.lock_wait);
    writer_->write(line);
  }

 private:
  void tell_of_waiting(const engine::Activity& activity) {
    LogLine line =
        start(LogLevel::Warning, "waiting_for_sessions",
              fmt::format("the statement has waited {} for {}", readable(activity.waited),
                          engine::text_of(activity.blocking)));
    line.add_seconds("waited_seconds", activity.waited);
    add_sessions(line, activity.blocking);
    writer_->write(line);
  }

  void tell_of_blocking(const engine::Activity& activity) {
    const Milliseconds longest = activity.longest_blocked();
    LogLine line = start(LogLevel::Warning, "blocking_sessions",
                         fmt::format("{} waited {} for this migration",
                                     engine::text_of(activity.blocked), readable(longest)));
    line.add_seconds("waited_seconds", longest);
    add_sessions(line, activity.blocked);
    writer_->write(line);
  }

  void tell_of_progress(const engine::CommandProgress& progress) {
    LogLine line = start(LogLevel::Info, "progress", progress.text());
    line.add("command_name", progress.command);
    line.add("phase", progress.phase);
    if (progress.ratio) {
      line.add_number("percent", static_cast<std::int64_t>(*progress.ratio * 100));
    }
    writer_->write(line);
  }

  static void add_sessions(LogLine& line, const std::vector<engine::SessionSeen>& sessions) {
    line.add_number("sessions", static_cast<std::int64_t>(sessions.size()));
    line.add_number("pid", sessions.front().pid);
    line.add("application", sessions.front().application_name);
    line.add("session_state", sessions.front().state);
    line.add("query", sessions.front().query);
  }

  [[nodiscard]] LogLine start(LogLevel level, std::string_view event, std::string message) const {
    LogLine line;
    line.level = level;
    line.event = event;
    line.message = std::move(message);
    line.add("database", database_);
    line.add("run_id", run_id_);
    return line;
  }

  [[nodiscard]] LogLine finished_well(const engine::RunReport& report) const {
    std::string message =
        fmt::format("{} finished in {}: ", report.command, readable(report.duration));
    if (report.waited_for_other) {
      message += "another process brought the database to its target";
    } else if (!report.changed()) {
      message += "nothing to do";
    } else {
      message += fmt::format("{} step{} done", report.done.size(), plural(report.done.size()));
    }
    if (!report.current.empty()) message += "; the schema is at " + report.current;
    LogLine line = start(LogLevel::Info, "run_finished", std::move(message));
    line.add_number("exit_code", 0);
    return line;
  }

  [[nodiscard]] LogLine finished_badly(const engine::RunReport& report,
                                       const ErrorInfo& error) const {
    std::string message = fmt::format("{} failed after {} with exit code {}; {} step{} done",
                                      report.command, readable(report.duration), error.exit_code(),
                                      report.done.size(), plural(report.done.size()));
    // A migration's failure was told when it happened: once is enough.
    const bool told = logged_failure_ && logged_failure_->id == error.id &&
                      logged_failure_->message == error.message;
    if (!told) message += ": " + what_happened(error);
    LogLine line = start(LogLevel::Error, "run_finished", std::move(message));
    line.add("version", error.version);
    add_error(line, error);
    if (told) line.more.clear();
    return line;
  }

  const std::string database_;
  const std::unique_ptr<LogWriter> writer_;
  std::string command_;
  std::string run_id_;
  std::chrono::steady_clock::time_point around_told_{};  ///< of the thread that looks around
  bool connection_told_ = false;
  std::string not_yet_;  ///< the last reason, and when it was told at info
  Milliseconds not_yet_at_{};
  std::optional<Milliseconds> last_waiting_;  ///< `waited` of the last line at info
  std::optional<ErrorInfo> logged_failure_;   ///< of the last step that failed
};

}  // namespace

std::unique_ptr<engine::Observer> make_log_observer(std::string database,
                                                    std::unique_ptr<LogWriter> writer) {
  return std::make_unique<LogObserver>(std::move(database), std::move(writer));
}

LogLine targets_line(std::string_view database, const TargetsSummary& summary) {
  LogLine line;
  line.level = summary.exit_code == 0 ? LogLevel::Info : LogLevel::Error;
  line.event = "targets_finished";
  line.message = fmt::format("{} of {} target{}: {} ok, {} failed, {} not started", summary.command,
                             summary.total, plural(summary.total), summary.ok, summary.failed,
                             summary.not_started);
  line.add("database", database);
  line.add("run_id", summary.run_id);
  line.add("command", summary.command);
  line.add_number("exit_code", summary.exit_code);
  line.add_number("targets", static_cast<std::int64_t>(summary.total));
  line.add_number("ok", static_cast<std::int64_t>(summary.ok));
  line.add_number("failed", static_cast<std::int64_t>(summary.failed));
  line.add_number("not_started", static_cast<std::int64_t>(summary.not_started));
  line.add_number("steps", static_cast<std::int64_t>(summary.steps));
  line.add_seconds("duration_seconds", summary.duration);
  return line;
}

LogLine error_line(std::string_view database, const ErrorInfo& error) {
  LogLine line;
  line.level = LogLevel::Error;
  line.event = "error";
  line.message = what_happened(error);
  line.add("database", database);
  line.add("version", error.version);
  add_error(line, error);
  return line;
}

}  // namespace headway::telemetry
