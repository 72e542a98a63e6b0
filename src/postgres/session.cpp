#include "postgres/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "engine/session_reset.hpp"
#include "postgres/pooler.hpp"
#include "postgres/queries.hpp"
#include "postgres/quick_look.hpp"
#include "postgres/statement_runner.hpp"
#include "sql/normalize.hpp"
#include "sql/outlives_rollback.hpp"

namespace headway::postgres {
namespace {

constexpr int kOldestServer = 140000;
constexpr std::chrono::seconds kLongestLook{10};
/// So few that one failure leaves few follow-up errors in the server's log.
constexpr std::size_t kMigrationsAhead = 32;

Error lock_not_held() {
  return {ErrorId::ConnectionLost, "the session no longer holds the migration lock"};
}

std::string version_text(const PGconn* connection) {
  const char* text = PQparameterStatus(connection, "server_version");
  std::string out = text == nullptr ? std::string() : std::string(text);
  out.resize(std::min(out.find(' '), out.size()));
  return out;
}

int number(std::string_view text) {
  int out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool asks_for_read_only(std::string_view modes) {
  std::string upper;
  for (const char c : modes) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!upper.empty() && upper.back() != ' ') upper += ' ';
      continue;
    }
    upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const auto read_only = upper.rfind("READ ONLY");
  const auto read_write = upper.rfind("READ WRITE");
  if (read_only == std::string::npos) return false;
  return read_write == std::string::npos || read_write < read_only;
}

/// COMMIT counts only by its tag.
void require_committed(const PGresult* result) {
  const std::string_view tag = PQcmdStatus(const_cast<PGresult*>(result));
  if (tag == "COMMIT") return;
  throw Error(ErrorId::MigrationFailed,
              fmt::format("the server answered COMMIT with {}: a statement had failed, and nothing "
                          "was committed",
                          tag));
}

void check_lock_held(const PGresult* held) {
  if (!is_true(held, 0, 0)) throw lock_not_held();
}

/// As they are right after they were made.
constexpr TablesFound all_tables() {
  TablesFound out;
  out.schema = out.history = out.repeatable = out.events = out.layout = true;
  return out;
}

}  // namespace

Session::Session(PGconn* connection, std::shared_ptr<const ConnectorSettings> settings,
                 TableNames names, const ConnectionParameters& parameters,
                 std::chrono::steady_clock::time_point deadline)
    : settings_(std::move(settings)),
      names_(std::move(names)),
      wire_(connection, settings_->log_literals),
      session_settings_(*settings_, parameters, PQserverVersion(connection)),
      lock_(wire_, lock_key(names_.schema(), names_.history())),
      store_(wire_, names_, *settings_, current_role_,
             transaction_pooling() ? session_settings_.transaction_sql() : std::string()) {
  if (settings_->sink != nullptr) {
    watch_ = std::make_unique<StatementWatch>(wire_, names_, *settings_->sink, settings_->sampler);
  }
  note_connection();
  require_server_version(info_.version_number, info_.version);
  if (settings_->pooler != PoolerMode::Refuse) wire_.never_prepare();
  const Wire::Deadline in_time(wire_, deadline);
  if (settings_->quick_look && PQparameterStatus(connection, "in_hot_standby") != nullptr) {
    require_server_connection();
    history_ahead_ = quick_look(wire_, names_);
  }
  if (history_ahead_) {  // the rest has time until there is something to do
    tables_known_ = history_ahead_->exists;
    return;
  }
  set_up();
  if (settings_->history_ahead) read_ahead();
}

Session::~Session() { unlock(); }

// A server's process that a pooler lends us serves others afterwards: nothing is set there unless
// the user vouches for it (--pooler=session).
std::string Session::own_settings_sql() const {
  if (transaction_pooling()) return {};
  if (settings_->pooler == PoolerMode::Session) return session_settings_.session_sql(std::nullopt);
  return session_settings_.session_sql(PQbackendPID(wire_.raw()));
}

void Session::set_up() {
  if (!is_set_up_) ask(Locking::No);
}

Session::Questions Session::questions(Locking locking) const {
  Questions out;
  if (!is_set_up_) {
    const std::string settings = own_settings_sql();
    if (!settings.empty()) out.batch.add(settings);
    out.server_info = out.batch.add(queries::kServerInfo);
  }
  if (locking == Locking::Yes) {
    // What is behind a pooler is not known yet: it is not to lock anything there.
    const bool guarded = !is_set_up_ && settings_->pooler == PoolerMode::Refuse;
    out.lock = out.batch.add(
        lock_.try_sql(guarded ? std::optional(PQbackendPID(wire_.raw())) : std::nullopt));
  }
  out.tables = out.batch.add(names_.fill(queries::kLookupTables));
  if (locking == Locking::Yes && tables_known_) {
    out.reading = store_.put_reading(all_tables(), out.batch);
  }
  return out;
}

/// Sets the session up if it isn't, looks for the tables, and with Locking::Yes tries to lock and
/// reads the history if it is there: all in one round trip.
void Session::ask(Locking locking) {
  for (;;) {
    const Questions asked = questions(locking);
    const auto results = wire_.try_execute(asked.batch.sql(), "set up the session");
    if (PQresultStatus(results.back().get()) == PGRES_TUPLES_OK) return take(asked, results);
    // All of it is rolled back, but not the lock.
    if (asked.lock && results.size() > *asked.lock + 1 &&
        is_true(results[*asked.lock].get(), 0, 0)) {
      lock_.release();
    }
    if (may_ask_again(asked, results)) continue;
    auto info = own_error(results.back().get(), wire_.context(), "set up the session").info();
    // A name or value of --set, --role or --search-path; ours are known to every server.
    if (info.id == ErrorId::MigrationFailed) info.id = ErrorId::BadConfiguration;
    throw Error(std::move(info));
  }
}

bool Session::may_ask_again(const Questions& asked, const std::vector<ResultPtr>& results) {
  if (wire_.lost()) return false;
  if (results.size() > asked.tables + 1) {
    tables_known_ = false;  // dropped or replaced in between
    return true;
  }
  if (!session_settings_.has_connection_check() ||
      diagnostic(results.back().get(), PG_DIAG_MESSAGE_PRIMARY)
              .find("client_connection_check_interval") == std::string::npos) {
    return false;
  }
  session_settings_.without_connection_check();
  return true;
}

void Session::take(const Questions& asked, const std::vector<ResultPtr>& results) {
  is_set_up_ = true;
  if (asked.lock) locked_ = is_true(results[*asked.lock].get(), 0, 0);
  if (asked.server_info) note_server(results[*asked.server_info].get());
  looked_up_ = tables_found(results[asked.tables].get(), names_);
  tables_known_ = looked_up_->complete() && looked_up_->readable();
  if (asked.lock) note_lock(results[*asked.lock].get());
  require_server_connection();
  if (!locked_ || !asked.reading) return;
  try {
    history_ahead_ = store_.snapshot(*looked_up_, *asked.reading, results);
  } catch (const Error&) {
    history_ahead_.reset();  // who asks for the history is told
  }
}

/// The statement that took the lock is the one that counts: who answered it?
void Session::note_lock(const PGresult* answer) {
  info_.in_recovery = is_true(answer, 0, 2);
  const int pid = number(field(answer, 0, 1));
  if (pid == info_.backend_pid) return;
  throw Error(ErrorId::Pooler,
              fmt::format("the pooler does not keep one server connection per client: process {} "
                          "answered, and before that {}",
                          pid, info_.backend_pid));
}

/// What libpq was told at connect.
void Session::note_connection() {
  info_.version_number = PQserverVersion(wire_.raw());
  info_.version = version_text(wire_.raw());
  info_.database = PQdb(wire_.raw());
  info_.user = PQuser(wire_.raw());
  info_.backend_pid = PQbackendPID(wire_.raw());
  const char* standby = PQparameterStatus(wire_.raw(), "in_hot_standby");
  info_.in_recovery = standby != nullptr && std::string_view(standby) == "on";
}

void Session::note_server(const PGresult* info) {
  info_.database = std::string(field(info, 0, 0));
  info_.user = std::string(field(info, 0, 1));
  current_role_ = std::string(field(info, 0, 2));
  info_.backend_pid = number(field(info, 0, 3));
  info_.in_recovery = is_true(info, 0, 4);
  replication_role_ = std::string(field(info, 0, 5));
  is_direct_ = is_own_address(wire_.raw(), field(info, 0, 6), field(info, 0, 7));
  info_.deadlock_timeout = parse_time_setting(field(info, 0, 8));
  info_.pooler = pooler_sign(PQbackendPID(wire_.raw()), info_.backend_pid);
}

void Session::require_server_connection() const {
  if (settings_->read_only || !info_.in_recovery) return;
  throw Error(ErrorId::ReadOnly,
              fmt::format("the server of database {} is a standby in recovery", info_.database));
}

void Session::require_origin() const {
  if (replication_role_ == "origin") return;
  throw Error(ErrorId::ReplicationRole, fmt::format("session_replication_role is {} for role {}",
                                                    replication_role_, current_role_));
}

void Session::require_no_pooler() const {
  if (settings_->pooler != PoolerMode::Refuse || info_.pooler.empty()) return;
  throw pooler_refused(info_.pooler);
}

// Where the session's settings are not in force, they come along: the role, and that row security
// raises instead of hiding rows.
std::string Session::read_prefix() const {
  const bool in_force =
      settings_->pooler == PoolerMode::Session || (info_.pooler.empty() && !transaction_pooling());
  return in_force ? std::string() : session_settings_.transaction_sql();
}

void Session::read_ahead() {
  try {
    history_ahead_ = read_history();
  } catch (const Error&) {
    // Who asks for the history is told.
    history_ahead_.reset();
  }
}

engine::HistorySnapshot Session::read_history() {
  if (history_ahead_) return *std::exchange(history_ahead_, std::nullopt);
  // A look takes milliseconds; who does not answer it is as good as gone.
  const Wire::Deadline in_time(wire_, std::chrono::steady_clock::now() + kLongestLook);
  set_up();
  HistoryTables tables(wire_, names_, {}, {});
  // What was seen on the way serves the first read; later ones look again.
  auto found = std::exchange(looked_up_, std::nullopt);
  if (!found) found = tables.look_up();
  const auto prefix = read_prefix();
  try {
    return store_.read(*found, prefix);
  } catch (const Error& error) {
    // Dropped or replaced in between.
    if (error.sqlstate() != "42P01" && error.sqlstate() != "42703") throw;
    return store_.read(tables.look_up(), prefix);
  }
}

std::string Session::read_down_sql(const migration::Version& version) {
  return store_.read_down_sql(version);
}

engine::LockAttempt Session::try_lock() {
  forget_looks();  // what others did until now is not in them
  // What a pooler hands out has to be known before anything is done with it.
  if (settings_->pooler != PoolerMode::Refuse) set_up();
  if (is_set_up_) {
    require_no_pooler();
    require_origin();
  }
  if (transaction_pooling() || locked_) return {true, std::nullopt};
  if (settings_->pooler == PoolerMode::Session) require_one_backend(wire_, info_.backend_pid);
  try {
    ask(Locking::Yes);
    require_no_pooler();
    require_origin();
    if (locked_ && settings_->pooler == PoolerMode::Refuse && !is_direct_ && is_pgpool(wire_)) {
      info_.pooler = "it answers SHOW pool_version, as Pgpool does";
      require_no_pooler();
    }
  } catch (const Error&) {
    unlock();
    throw;
  }
  if (locked_) return {true, std::nullopt};
  if (settings_->pooler == PoolerMode::Refuse && !std::exchange(listens_, true)) lock_.listen();
  // Asked once it listens: whoever holds it now will be heard.
  seen_holder_ = lock_.holder();
  return {false, seen_holder_};
}

bool Session::await_release(Milliseconds longest, const std::stop_token& stop) {
  if (!listens_ || (seen_holder_ && seen_holder_->slots_are_scarce)) return false;
  if (seen_holder_) {
    if (!lock_.await_release(longest, stop)) return false;
  } else if (std::exchange(missed_holder_, true)) {
    return false;  // it is held again and again by nobody that is seen
  }
  forget_looks();
  const Wire::Deadline in_time(wire_, std::chrono::steady_clock::now() + kLongestLook);
  if (settings_->quick_look) history_ahead_ = quick_look(wire_, names_);
  return true;
}

void Session::forget_looks() noexcept {
  history_ahead_.reset();
  looked_up_.reset();
}

void Session::require_lock() {
  if (transaction_pooling()) return;
  if (!locked_) throw lock_not_held();
  const std::string what = "check the migration lock";
  wire_.later({.sql = lock_.held_sql(),
               .parameters = {},
               .what = what,
               .name = "headway_holds_lock",
               .answer = check_lock_held});
  if (settings_->pooler != PoolerMode::Refuse) return wire_.flush();
  wire_.later_apart();
}

void Session::unlock() noexcept {
  wire_.forget_transaction();
  if (!std::exchange(locked_, false) || wire_.lost()) return;
  try {
    if (!wire_.idle()) wire_.try_execute("ROLLBACK", "roll back");
    lock_.release();
  } catch (const std::exception&) {
    // The backend is gone or going, and the lock with it.
    return;
  }
}

void Session::ensure_tables() {
  set_up();
  require_no_pooler();
  require_origin();
  HistoryTables tables(wire_, names_, settings_->history_readers,
                       transaction_pooling() ? session_settings_.transaction_sql() : "");
  Batch more;
  std::optional<Reading> reading;
  if (read_prefix().empty()) reading = store_.put_reading(all_tables(), more);
  TablesFound found = looked_up_ ? *looked_up_ : tables.look_up();
  // With the history in hand, the content was looked at as well.
  found.content_checked = history_ahead_ && history_ahead_->complete;
  const auto where =
      wire_.idle() ? HistoryTables::In::OwnTransaction : HistoryTables::In::OpenTransaction;
  const auto answers = tables.ensure(std::move(found), current_role_, info_.database, more, where);
  looked_up_.reset();
  if (!locked_) history_ahead_.reset();  // others may write
  if (answers.empty() || !locked_ || where == HistoryTables::In::OpenTransaction) return;
  tables_known_ = true;
  history_ahead_ = store_.snapshot(all_tables(), *reading, answers);
}

void Session::put_off_reset(Forgetting forgetting) {
  const std::string what = "reset the session";
  for (const std::string_view statement : engine::kSessionReset) {
    wire_.later({std::string(statement), {}, what, std::string(statement)});
  }
  // What is kept changes, and what is prepared under a name does not.
  wire_.later(
      {own_settings_sql(), {}, what, session_settings_.keeps_any() ? "" : "headway_settings"});
  wire_.later({.sql = std::string(queries::kServerInfo),
               .parameters = {},
               .what = what,
               .name = "headway_server_info",
               .answer = [this](const PGresult* info) {
                 note_server(info);
                 require_origin();
               }});
  if (forgetting == Forgetting::Nothing) return;
  wire_.later({.sql = std::string(queries::kOthersPrepared),
               .parameters = {},
               .what = what,
               .name = "headway_others_prepared",
               .answer = [this](const PGresult* found) {
                 if (is_true(found, 0, 0)) wire_.deallocate_all();
               }});
}

void Session::reset_session() {
  set_up();
  if (!wire_.idle()) rollback();
  if (transaction_pooling()) return;
  put_off_session_reset(Forgetting::Prepared);
}

std::vector<engine::SessionSetting> Session::settings_left() {
  const auto result = wire_.ask({.sql = std::string(queries::kSettingsLeft),
                                 .parameters = {},
                                 .what = "look at the session's settings"});
  std::vector<engine::SessionSetting> out;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    const std::string_view name = field(result.get(), row, 0);
    if (session_settings_.is_own(name)) continue;
    out.push_back({std::string(name), std::string(field(result.get(), row, 1))});
  }
  return out;
}

void Session::keep_settings(const std::vector<engine::SessionSetting>& kept) {
  SessionSettings::Values values;
  for (const engine::SessionSetting& one : kept) values.emplace_back(one.name, one.value);
  session_settings_.keep(std::move(values));
}

void Session::put_off_session_reset(Forgetting forgetting) {
  put_off_reset(forgetting);
  if (locked_) {
    wire_.later({.sql = lock_.held_sql(),
                 .parameters = {},
                 .what = "reset the session",
                 .name = "headway_holds_lock",
                 .answer = check_lock_held});
  }
  wire_.later_apart();
}

void Session::reset_transaction() {
  if (!transaction_pooling()) return put_off_reset(Forgetting::Prepared);
  // Only what is local to the transaction can have changed.
  wire_.execute("SET LOCAL search_path TO DEFAULT; " + session_settings_.transaction_sql(),
                "reset the session");
}

void Session::begin(std::string_view modes) {
  set_up();
  forget_looks();
  require_origin();
  read_only_transaction_ = asks_for_read_only(modes);
  // PostgreSQL takes the last of several modes of a kind.
  auto script = fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE{}{};",
                            modes.empty() ? "" : ", ", modes);
  constexpr std::string_view kWhat = "begin a transaction";
  if (settings_->pooler == PoolerMode::Refuse) {
    // 0A000: READ WRITE on a standby.
    wire_.later({.sql = std::move(script),
                 .parameters = {},
                 .what = std::string(kWhat),
                 .name = modes.empty() ? "headway_begin" : "",
                 .begins = true,
                 .if_not_supported = ErrorId::ReadOnly});
    return;
  }
  // A pooler's answer is waited for: one that pools statements knows no transactions and hangs up.
  if (transaction_pooling()) script += session_settings_.transaction_sql();
  const auto results = wire_.try_execute(script, kWhat);
  const auto* last = results.back().get();
  if (PQresultStatus(last) != PGRES_FATAL_ERROR) return;
  auto info = own_error(last, wire_.context(), kWhat).info();
  if (info.sqlstate == "0A000") info.id = ErrorId::ReadOnly;
  if (!info_.pooler.empty() && info.sqlstate.starts_with("08")) info.id = ErrorId::Pooler;
  throw Error(std::move(info));
}

void Session::commit() {
  constexpr std::string_view kWhat = "commit";
  if (settings_->rehearsal) throw Error(ErrorId::Internal, "a rehearsal was about to commit");
  if (wire_.lost()) throw lost_error(wire_.raw(), kWhat);
  ResultPtr result;
  try {
    result = wire_.try_ask({"COMMIT", {}, std::string(kWhat), "headway_commit"});
  } catch (const Error& error) {
    if (!wire_.lost()) throw;  // of what travelled with it; COMMIT was skipped
    auto info = error.info();
    info.id = ErrorId::OutcomeUnknown;
    throw Error(std::move(info));
  }
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw commit_refused(result.get());
  require_committed(result.get());
}

// Afterwards each constraint is as deferred as in a transaction that begins.
void Session::check_deferred() {
  auto results = wire_.try_execute("SET CONSTRAINTS ALL IMMEDIATE", "commit");
  if (PQresultStatus(results.back().get()) == PGRES_FATAL_ERROR) {
    throw commit_refused(results.back().get());
  }
  results = wire_.execute(std::string(queries::kDefer), "defer the constraints again");
  std::string script = "SET CONSTRAINTS ALL DEFERRED";
  if (PQgetisnull(results.back().get(), 0, 0) == 0) {
    script += fmt::format("; SET CONSTRAINTS {} IMMEDIATE", field(results.back().get(), 0, 0));
  }
  wire_.execute(script, "defer the constraints again");
}

Error Session::commit_refused(const PGresult* result) const {
  auto info = own_error(result, wire_.context(), "commit").info();
  // A constraint that is checked here is the migration's, not ours.
  if (info.id == ErrorId::StalePlan) {
    info.id = ErrorId::MigrationFailed;
    info.message = fmt::format("could not commit: {}", info.server_text);
  }
  if (info.id == ErrorId::ConnectionLost) {
    info.id = ErrorId::OutcomeUnknown;
    info.message = fmt::format("the connection was lost during COMMIT: {}", info.server_text);
  }
  return Error(std::move(info));
}

void Session::rollback() {
  wire_.forget_transaction();
  if (wire_.lost()) throw lost_error(wire_.raw(), "roll back");
  if (wire_.idle()) return;
  wire_.execute("ROLLBACK", "roll back");
}

void Session::set_timeouts(std::optional<Milliseconds> lock_timeout,
                           std::optional<Milliseconds> statement_timeout) {
  const std::string_view scope = wire_.idle() ? "SET" : "SET LOCAL";
  std::string script;
  if (lock_timeout) script += fmt::format("{} lock_timeout = {};", scope, lock_timeout->count());
  if (statement_timeout) {
    script += fmt::format("{} statement_timeout = {};", scope, statement_timeout->count());
  }
  if (!script.empty()) wire_.execute(script, "set the timeouts");
}

void Session::restore_identity() {
  // Resetting the authorization resets the role as well.  The encoding is that of the texts we
  // send.
  const std::array<std::string, 3> statements{"RESET SESSION AUTHORIZATION",
                                              "RESET client_encoding",
                                              session_settings_.role_sql(transaction_pooling())};
  constexpr std::string_view kWhat = "restore the session's role";
  if (wire_.in_transaction() && !transaction_pooling()) {
    for (const auto& statement : statements) {
      wire_.later({statement, {}, std::string(kWhat), statement});
    }
  } else {
    wire_.execute(fmt::format("{}", fmt::join(statements, "; ")), kWhat);
  }
}

void Session::require_runnable(const engine::PreparedScript& script) const {
  if (!transaction_pooling()) return;
  const bool outside = script.transaction == migration::Transaction::None;
  const auto refused = [&](std::size_t line, std::size_t column, std::string text) {
    return Error(ErrorId::PoolerNeedsSession,
                 outside ? "a migration outside a transaction can't run with --pooler=transaction"
                         : "the statement leaves something behind in the session, and with "
                           "--pooler=transaction the session belongs to others as well")
        .at({script.path, line, column})
        .statement(std::move(text));
  };
  if (script.outline && script.outline->changes_session) {
    const auto& place = *script.outline->changes_session;
    throw refused(place.line, place.column, place.statement);
  }
  for (const engine::PreparedStatement& statement : script.statements) {
    if (!outside && !statement.changes_session) continue;
    throw refused(statement.position.line, statement.position.column,
                  sql::normalize(statement.text));
  }
}

std::uint64_t Session::run(const engine::PreparedStatement& statement, const std::string& path) {
  forget_looks();
  if (settings_->rehearsal) require_undone_by_rollback(statement, path);
  const bool inside = wire_.in_transaction();
  std::uint64_t rows = 0;
  try {
    rows = watch_ == nullptr ? run_statement(wire_, statement, path, protocol()).value_or(0)
                             : run_watched(statement, path);
  } catch (const Error& error) {
    // The file made its own transaction read-only; the server is not.
    if (error.id() != ErrorId::ReadOnly || !read_only_transaction_) throw;
    auto info = error.info();
    info.id = ErrorId::MigrationFailed;
    throw Error(std::move(info));
  }
  if (!inside || wire_.in_transaction()) return rows;
  throw Error(ErrorId::MigrationFailed, "the statement ended the migration's transaction")
      .at({path, statement.position.line, statement.position.column})
      .statement(sql::normalize(statement.text));
}

// Whoever chose the statements has looked at them; here it is certain.
void Session::require_undone_by_rollback(const engine::PreparedStatement& statement,
                                         const std::string& path) const {
  const auto refused = [&](std::string reason) {
    return Error(ErrorId::TransactionControl, std::move(reason))
        .at({path, statement.position.line, statement.position.column})
        .statement(sql::normalize(statement.text));
  };
  if (!wire_.in_transaction()) throw refused("a rehearsal runs nothing outside its transaction");
  if (const auto reason = sql::outlives_rollback(statement.text)) {
    throw refused(fmt::format("the statement {}: it is not rehearsed", *reason));
  }
}

Protocol Session::protocol() const noexcept {
  return settings_->rehearsal ? Protocol::OneCommand : Protocol::Simple;
}

std::uint64_t Session::run_watched(const engine::PreparedStatement& statement,
                                   const std::string& path) {
  watch_->begin(statement, path);
  std::optional<std::uint64_t> rows;
  try {
    rows = run_statement(wire_, statement, path, protocol());
  } catch (const Error&) {
    watch_->failed();
    throw;
  }
  watch_->end(rows);
  return rows.value_or(0);
}

void Session::clean_up(const engine::EffectFound& found) {
  for (const std::string& statement : found.cleanup) {
    wire_.execute(statement, "take away " + found.what);
  }
}

// The server keeps its answers until a sync or a flush: that a migration has begun is known from
// the one in front of it, whose COMMIT was answered.
class Session::Progress {
 public:
  explicit Progress(engine::AheadEvents& events) : events_(events) {}

  void sent(bool has_statements) {
    has_statements_.push_back(has_statements);
    if (has_statements_.size() == committed_ + 1) begin();
  }
  void statement_done(std::size_t statement) { events_.statement_begun(committed_, statement + 1); }
  void committed(Microseconds duration) {
    events_.committed(committed_, duration);
    ++committed_;
    if (committed_ < has_statements_.size()) begin();
  }

 private:
  void begin() {
    events_.begun(committed_);
    if (has_statements_[committed_]) events_.statement_begun(committed_, 0);
  }

  engine::AheadEvents& events_;
  std::vector<bool> has_statements_;  // of those that were sent
  std::size_t committed_ = 0;
};

void Session::run_ahead(
    const std::function<std::optional<engine::AheadMigration>(std::size_t)>& next,
    engine::AheadEvents& events) {
  Progress progress(events);
  std::size_t index = 0;
  try {
    wire_.stream(
        [&] {
          const auto migration = next(index++);
          if (!migration) return false;
          put_off(*migration, progress);
          progress.sent(!migration->script->statements.empty());
          return true;
        },
        kMigrationsAhead);
  } catch (const Error& error) {
    if (!wire_.lost()) throw;
    // Any COMMIT that was sent may have been the last thing the server did.
    auto info = error.info();
    info.id = ErrorId::OutcomeUnknown;
    throw Error(std::move(info));
  }
}

void Session::put_off(const engine::AheadMigration& migration, Progress& progress) {
  // What prepares statements is not followed by another one in the same stream.
  if (migration.reset_before) put_off_session_reset(Forgetting::Nothing);
  begin(migration.script->begin_modes);
  const auto later = [this](std::string sql, std::string_view what) {
    wire_.later({.sql = sql, .parameters = {}, .what = std::string(what), .name = sql});
  };
  if (!migration.durable) later("SET LOCAL synchronous_commit = off", "begin a transaction");
  if (migration.lock_timeout) {
    later(fmt::format("SET LOCAL lock_timeout = {}", migration.lock_timeout->count()),
          "set the timeouts");
  }
  if (migration.statement_timeout) {
    later(fmt::format("SET LOCAL statement_timeout = {}", migration.statement_timeout->count()),
          "set the timeouts");
  }
  store_.insert_row(migration.row);
  put_off_statements(*migration.script, progress);
  if (!migration.script->statements.empty()) restore_identity();
  const auto duration = std::make_shared<Microseconds>();
  store_.close_row_soon(migration.row.version,
                        [duration](Microseconds measured) { *duration = measured; });
  wire_.later({.sql = "COMMIT",
               .parameters = {},
               .what = "commit",
               .name = "headway_commit",
               .answer =
                   [duration, &progress](const PGresult* result) {
                     require_committed(result);
                     progress.committed(*duration);
                   },
               .translate = [this](const PGresult* result) { return commit_refused(result); }});
}

void Session::put_off_statements(const engine::PreparedScript& script, Progress& progress) {
  auto patience = engine::PreparedStatement::Patience::Short;
  for (std::size_t i = 0; i < script.statements.size(); ++i) {
    const engine::PreparedStatement& statement = script.statements[i];
    if (const auto timeout =
            engine::change_of_patience(patience, statement, settings_->lock_timeout)) {
      wire_.later({.sql = fmt::format("SET LOCAL lock_timeout = {}", timeout->count()),
                   .parameters = {},
                   .what = "set the timeouts"});
    }
    const bool last = i + 1 == script.statements.size();
    wire_.later({.sql = std::string(statement.text),
                 .parameters = {},
                 .what = "run a statement",
                 .answer =
                     [i, last, &progress](const PGresult*) {
                       if (!last) progress.statement_done(i);
                     },
                 .translate =
                     [this, &statement, &script](const PGresult* result) {
                       return statement_error(result, wire_.context(), statement, script.path);
                     },
                 .drops_rows = true,
                 .flushes = !last});
  }
}

std::optional<engine::EventRow> Session::last_failure() {
  try {
    return store_.last_failure(read_prefix());
  } catch (const Error& error) {
    // No table yet: nothing has failed.
    if (error.sqlstate() == "42P01" || error.sqlstate() == "3F000") return std::nullopt;
    throw;
  }
}

void require_server_version(int number, const std::string& version) {
  if (number >= kOldestServer) return;
  throw Error(ErrorId::UnsupportedServer,
              fmt::format("the server runs PostgreSQL {}; Headway needs 14 or newer", version));
}

}  // namespace headway::postgres
