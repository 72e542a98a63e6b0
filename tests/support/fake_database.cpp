#include "support/fake_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace headway::testing {
namespace {

using migration::HistoryRow;
using migration::RowState;
using migration::Version;

const Version kBaseVersion{std::string(migration::kBase)};
constexpr Microseconds kDuration{1500};

[[noreturn]] void stale(const std::string& what) {
  throw Error(ErrorId::StalePlan, what).sqlstate("23505");
}

HistoryRow* find(FakeTables& tables, const Version& version) {
  const auto at = std::ranges::find(tables.rows, version, &HistoryRow::version);
  return at == tables.rows.end() ? nullptr : &*at;
}

HistoryRow& expect(FakeTables& tables, const Version& version) {
  HistoryRow* row = find(tables, version);
  if (row == nullptr) stale(version.text() + " is not there");
  return *row;
}

HistoryRow& expect(FakeTables& tables, const HistoryRow& expected) {
  HistoryRow& row = expect(tables, expected.version);
  const bool same = row.previous == expected.previous && row.checksum == expected.checksum &&
                    row.state == expected.state && row.attempt == expected.attempt;
  if (!same) stale(expected.version.text() + " is not as expected");
  return row;
}

HistoryRow& expect_attempt(FakeTables& tables, const Version& version, int attempt) {
  HistoryRow& row = expect(tables, version);
  if (row.state == RowState::Applied || row.attempt != attempt) {
    stale(fmt::format("{} is not at attempt {}", version.text(), attempt));
  }
  return row;
}

void insert(FakeTables& tables, const HistoryRow& row) {
  if (find(tables, row.version) != nullptr) stale(row.version.text() + " is there already");
  for (const HistoryRow& other : tables.rows) {
    if (other.previous == row.previous) stale(row.previous.text() + " has a successor already");
  }
  if (row.previous != kBaseVersion && find(tables, row.previous) == nullptr) {
    stale(row.previous.text() + " is not there");
  }
  tables.rows.push_back(row);
}

void erase(FakeTables& tables, const Version& version) {
  const HistoryRow gone = expect(tables, version);
  std::erase_if(tables.rows, [&](const HistoryRow& row) { return row.version == version; });
  for (HistoryRow& row : tables.rows) {
    if (row.previous == version) row.previous = gone.previous;
  }
}

ErrorId id_of(const std::string& sqlstate) {
  if (sqlstate == "55P03") return ErrorId::LockTimeout;
  if (sqlstate == "40P01") return ErrorId::Deadlock;
  if (sqlstate == "40001") return ErrorId::Serialization;
  if (sqlstate == "25006") return ErrorId::ReadOnly;
  if (sqlstate == "42501") return ErrorId::PermissionDenied;
  return ErrorId::MigrationFailed;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string text_of(std::optional<Milliseconds> timeout) {
  return timeout ? fmt::format("{}", timeout->count()) : "-";
}

}  // namespace

// ---- FakeDatabase ----

std::string FakeDatabase::chain() const {
  std::string text;
  const migration::History history(tables.rows, {});
  for (const HistoryRow& row : history.rows()) {
    if (!text.empty()) text += ' ';
    text += row.version.text();
    if (row.state == RowState::Failed) text += "(failed)";
    if (row.state == RowState::Running) text += "(running)";
  }
  return text;
}

std::vector<std::string> FakeDatabase::events() const {
  std::vector<std::string> out;
  for (const engine::EventRow& event : tables.events) {
    out.push_back(event.version.empty() ? event.event : event.event + " " + event.version);
  }
  return out;
}

void FakeDatabase::apply(const migration::Migration& migration, const std::string& run_id) {
  HistoryRow row;
  row.version = migration.version;
  row.previous = migration::History(tables.rows, {}).last();
  row.name = migration.name;
  row.checksum = migration.up.checksum;
  row.run_id = run_id;
  row.duration = kDuration;
  if (migration.down) {
    row.has_down = true;
    row.down_checksum = migration.down->checksum;
    tables.down_sql[migration.version.text()] = migration.down->text;
  }
  insert(tables, row);
}

void FakeDatabase::remove(const std::string& version) { erase(tables, Version(version)); }

HistoryRow& FakeDatabase::row(const std::string& version) {
  return expect(tables, Version(version));
}

std::vector<std::string> FakeDatabase::calls_like(const std::vector<std::string>& words) const {
  std::vector<std::string> out;
  for (const std::string& call : calls) {
    if (std::ranges::any_of(words, [&](const auto& word) { return call.starts_with(word); })) {
      out.push_back(call);
    }
  }
  return out;
}

std::size_t FakeDatabase::count(const std::string& part) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(calls, [&](const std::string& call) { return contains(call, part); }));
}

void FakeDatabase::fail_on(std::string part, std::string sqlstate, int times) {
  faults_.push_back({std::move(part), std::move(sqlstate), times});
}

void FakeDatabase::lose_connection_on(std::string part, int times) {
  faults_.push_back({std::move(part), {}, times});
}

void FakeDatabase::lose_connection_at_commit(int nth, Commit outcome, int lingers) {
  lost_commit_ = {nth, outcome, lingers};
}

void FakeDatabase::refuse_connections(int times, ErrorId id, std::string sqlstate) {
  refusal_ = {times, id, std::move(sqlstate)};
}

void FakeDatabase::before(std::string part, std::function<void()> hook) {
  hooks_.push_back({std::move(part), std::move(hook)});
}

// ---- FakeConnection ----

FakeConnection::FakeConnection(FakeDatabase& database, std::string run_id)
    : database_(database), run_id_(std::move(run_id)) {
  server_.version_number = 150004;
  server_.version = "15.4";
  server_.database = "test";
  server_.user = "fake";
  server_.backend_pid = database_.next_pid_++;
  server_.in_recovery = database_.in_recovery;
  ++database_.connections;
  database_.most_connections = std::max(database_.most_connections, database_.connections);
}

FakeConnection::~FakeConnection() {
  if (database_.owner_ == this) database_.owner_ = nullptr;
  --database_.connections;
  database_.calls.emplace_back("disconnect");
}

void FakeConnection::require_alive() const {
  if (!alive_) throw Error(ErrorId::ConnectionLost, "the connection is gone");
}

void FakeConnection::lose() {
  alive_ = false;
  open_ = false;
  writes_.clear();
  if (database_.owner_ == this) database_.owner_ = nullptr;
  throw Error(ErrorId::ConnectionLost, "the server closed the connection unexpectedly");
}

void FakeConnection::fail(const std::string& sqlstate, const std::string& what) {
  aborted_ = open_;
  throw Error(id_of(sqlstate), what + " failed").sqlstate(sqlstate);
}

void FakeConnection::call(const std::string& name) {
  require_alive();
  for (auto hook = database_.hooks_.begin(); hook != database_.hooks_.end(); ++hook) {
    if (!contains(name, hook->part)) continue;
    const auto run = std::move(hook->call);
    database_.hooks_.erase(hook);
    run();
    break;
  }
  database_.calls.push_back(name);
  for (FakeDatabase::Fault& fault : database_.faults_) {
    if (fault.times == 0 || !contains(name, fault.part)) continue;
    --fault.times;
    if (fault.sqlstate.empty()) lose();
    fail(fault.sqlstate, name);
  }
  if (aborted_ && name != "rollback") {
    throw Error(ErrorId::MigrationFailed, "current transaction is aborted").sqlstate("25P02");
  }
}

FakeTables FakeConnection::seen() const {
  FakeTables tables = database_.tables;
  for (const Write& write : writes_) write(tables);
  return tables;
}

void FakeConnection::write(const Write& write) {
  try {
    FakeTables tables = seen();
    write(tables);
    if (open_) {
      writes_.push_back(write);
    } else {
      database_.tables = std::move(tables);
    }
  } catch (const Error&) {
    aborted_ = open_;
    throw;
  }
}

engine::HistorySnapshot FakeConnection::read_history() {
  call("read_history");
  engine::HistorySnapshot snapshot;
  snapshot.exists = database_.exists;
  snapshot.complete = database_.complete;
  const FakeTables tables = seen();
  snapshot.history = migration::History(tables.rows, tables.repeatables);
  return snapshot;
}

std::string FakeConnection::read_down_sql(const Version& version) {
  call("read_down_sql " + version.text());
  return seen().down_sql.at(version.text());
}

engine::LockAttempt FakeConnection::try_lock() {
  call("try_lock");
  engine::LockAttempt attempt;
  if (database_.ghosts_ > 0 && --database_.ghosts_ == 0 && database_.ghost_end_) {
    std::exchange(database_.ghost_end_, nullptr)();
    database_.ghosts_ = 0;
  } else if (database_.ghosts_ > 0) {
    return attempt;
  }
  if (database_.held_elsewhere || (database_.owner_ != nullptr && database_.owner_ != this)) {
    attempt.holder = engine::LockHolder{
        .pid = 4711, .application_name = database_.holder, .client = "10.0.0.7", .since = {}};
    return attempt;
  }
  database_.owner_ = this;
  attempt.acquired = true;
  return attempt;
}

void FakeConnection::run_ahead(
    const std::function<std::optional<engine::AheadMigration>(std::size_t)>& next,
    engine::AheadEvents& events) {
  for (std::size_t i = 0;; ++i) {
    const auto migration = next(i);
    if (!migration) return;
    if (migration->reset_before) reset_session();
    begin(migration->script->begin_modes);
    events.begun(i);
    insert_row(migration->row);
    if (migration->lock_timeout || migration->statement_timeout) {
      set_timeouts(migration->lock_timeout, migration->statement_timeout);
    }
    const auto& statements = migration->script->statements;
    for (std::size_t s = 0; s < statements.size(); ++s) {
      events.statement_begun(i, s);
      run(statements[s], migration->script->path);
    }
    if (!statements.empty()) restore_identity();
    const Microseconds duration = close_row(migration->row.version);
    engine::EventRow event;
    event.event = "applied";
    event.version = migration->row.version.text();
    event.duration = duration;
    write_event(event);
    commit();
    events.committed(i, duration);
  }
}

std::optional<engine::LockHolder> FakeConnection::lock_holder() {
  call("lock_holder");
  if (!database_.is_locked()) return std::nullopt;
  return engine::LockHolder{
      .pid = 4711, .application_name = database_.holder, .client = "10.0.0.7", .since = {}};
}

void FakeConnection::require_lock() {
  call("require_lock");
  if (database_.owner_ == this) return;
  throw Error(ErrorId::ConnectionLost, "the session no longer holds the migration lock");
}

engine::EffectFound FakeConnection::find_effect(const sql::Effect& effect) {
  static_cast<void>(effect);
  return database_.effect_found;
}

void FakeConnection::clean_up(const engine::EffectFound& found) {
  for (const std::string& statement : found.cleanup) call("clean_up " + statement);
  database_.effect_found = {};
}

void FakeConnection::unlock() noexcept {
  database_.calls.emplace_back("unlock");
  if (database_.owner_ == this) database_.owner_ = nullptr;
}

void FakeConnection::ensure_tables() {
  call("ensure_tables");
  database_.exists = true;
  database_.complete = true;
}

void FakeConnection::reset_session() {
  call("reset_session");
  if (database_.owner_ != this) throw Error(ErrorId::ConnectionLost, "the lock is held no more");
}

std::vector<engine::SessionSetting> FakeConnection::settings_left() {
  call("settings_left");
  return database_.settings_left;
}

void FakeConnection::keep_settings(const std::vector<engine::SessionSetting>& kept) {
  if (kept.empty()) return;
  std::string names;
  for (const engine::SessionSetting& one : kept) names += " " + one.name + "=" + one.value;
  call("keep_settings" + names);
}

void FakeConnection::reset_transaction() {
  call("reset_transaction");
  if (!open_) fail("25P01", "no transaction to reset in");
}

void FakeConnection::start(const std::string& modes) {
  call(modes.empty() ? "begin" : "begin " + modes);
  if (open_) fail("25001", "BEGIN inside a transaction");
  open_ = true;
}

void FakeConnection::begin(std::string_view modes) { start(std::string(modes)); }

void FakeConnection::end_with_commit() {
  if (!open_) return;
  if (aborted_) {
    open_ = aborted_ = false;
    writes_.clear();
    throw Error(ErrorId::MigrationFailed, "COMMIT answered ROLLBACK").sqlstate("25P02");
  }
  const auto apply = [this, writes = writes_] {
    FakeTables tables = database_.tables;
    for (const Write& write : writes) write(tables);
    database_.tables = std::move(tables);
  };
  FakeDatabase::LostCommit& lost = database_.lost_commit_;
  if (lost.countdown > 0 && --lost.countdown == 0) {
    if (lost.outcome == FakeDatabase::Commit::Applied) {
      if (lost.lingers > 0) {
        database_.ghost_end_ = [&database = database_, writes = writes_] {
          for (const Write& write : writes) write(database.tables);
        };
      } else {
        apply();
      }
    }
    database_.ghosts_ = lost.lingers;
    alive_ = false;
    open_ = false;
    writes_.clear();
    if (database_.owner_ == this) database_.owner_ = nullptr;
    throw Error(ErrorId::OutcomeUnknown, "the connection was lost during COMMIT");
  }
  try {
    apply();
  } catch (const Error&) {
    open_ = false;
    writes_.clear();
    throw;
  }
  open_ = false;
  writes_.clear();
}

void FakeConnection::commit() {
  if (!alive_) throw Error(ErrorId::OutcomeUnknown, "the connection is gone");
  call("commit");
  end_with_commit();
}

void FakeConnection::rollback() {
  call("rollback");
  open_ = aborted_ = false;
  writes_.clear();
}

void FakeConnection::set_timeouts(std::optional<Milliseconds> lock_timeout,
                                  std::optional<Milliseconds> statement_timeout) {
  call(fmt::format("set_timeouts {} {}", text_of(lock_timeout), text_of(statement_timeout)));
}

void FakeConnection::restore_identity() { call("restore_identity"); }

void FakeConnection::wait_for_cancel() {
  {
    std::unique_lock lock(mutex_);
    cancelled_.wait(lock, [this] { return cancels_ >= database_.cancels_to_stop; });
    cancels_ = 0;
  }
  aborted_ = open_;
  throw Error(ErrorId::Interrupted, "canceling statement due to user request").sqlstate("57014");
}

std::uint64_t FakeConnection::run(const engine::PreparedStatement& statement,
                                  const std::string& path) {
  static_cast<void>(path);
  call("run " + std::string(statement.text));
  using sql::Control;
  switch (statement.control) {
    case Control::Begin:
    case Control::Commit:
    case Control::Rollback: return 0;  // warnings: the engine begins and ends transactions by calls
    case Control::Chain:
      end_with_commit();
      open_ = true;
      return 0;
    case Control::None:
    case Control::Prepared:
    case Control::Savepoint:
    case Control::SetTransaction: break;
  }
  if (open_ && statement.needs_no_transaction) fail("25001", std::string(statement.text));
  if (contains(std::string(statement.text), "pg_sleep")) wait_for_cancel();
  write(
      [text = std::string(statement.text)](FakeTables& tables) { tables.effects.push_back(text); });
  return database_.touched ? database_.touched(std::string(statement.text)) : 0;
}

engine::BatchTable FakeConnection::find_batch_table(const migration::Batch& batch,
                                                    const std::string& target) {
  call(fmt::format("find_batch_table {} {} {}", batch.table, batch.key, target));
  return database_.batch_table;
}

std::optional<std::string> FakeConnection::last_key(const engine::BatchTable& table) {
  static_cast<void>(table);
  call("last_key");
  if (!open_) fail("25P01", "no transaction to look in");
  if (database_.keys.empty()) return std::nullopt;
  return std::to_string(database_.keys.back());
}

std::optional<engine::BatchRange> FakeConnection::next_range(
    const engine::BatchTable& table, const std::optional<std::string>& after,
    const std::string& until, std::size_t size) {
  static_cast<void>(table);
  call(fmt::format("next_range {} {}", after.value_or("-"), size));
  if (!open_) fail("25P01", "no transaction to look in");
  engine::BatchRange range;
  for (const std::int64_t key : database_.keys) {
    if ((after && key <= std::stoll(*after)) || key > std::stoll(until)) continue;
    if (range.rows == size) break;
    range.last = std::to_string(key);
    if (range.rows++ == 0) range.first = range.last;
  }
  if (range.rows == 0) return std::nullopt;
  return range;
}

engine::Replication FakeConnection::read_replication() {
  call("read_replication");
  return database_.replication ? database_.replication() : engine::Replication{};
}

std::vector<formats::FoundTable> FakeConnection::find_tables(std::span<const std::string> names,
                                                             std::span<const std::string> columns) {
  call("find_tables");
  std::vector<formats::FoundTable> out;
  for (const formats::FoundTable& table : database_.foreign_tables) {
    auto sorted = table.columns;
    std::ranges::sort(sorted);
    const std::string text = fmt::format("{}", fmt::join(sorted, " "));
    const bool alike = table.in_search_path && std::ranges::find(columns, text) != columns.end();
    if (alike || std::ranges::find(names, table.name) != names.end()) out.push_back(table);
  }
  return out;
}

std::vector<formats::ForeignRow> FakeConnection::read_rows(const std::string& query) {
  static_cast<void>(query);
  call("read_rows");
  return database_.foreign_rows;
}

void FakeConnection::create_foreign_table(const std::string& statement) {
  call("create_foreign_table " + statement);
}

bool FakeConnection::try_foreign_lock(std::int64_t key) {
  call(fmt::format("try_foreign_lock {}", key));
  if (database_.foreign_lock_refusals == 0) return true;
  --database_.foreign_lock_refusals;
  return false;
}

void FakeConnection::keep_mirror(const formats::Mirror* mirror) {
  call(fmt::format("keep_mirror {}", mirror->table().table.text()));
}

void FakeConnection::release_foreign_lock(std::int64_t key) {
  call(fmt::format("release_foreign_lock {}", key));
}

void FakeConnection::insert_row(const engine::NewRow& row) {
  call("insert_row " + row.version.text());
  HistoryRow stored;
  stored.version = row.version;
  stored.previous = row.previous;
  stored.name = row.name;
  stored.checksum = row.checksum;
  stored.kind = row.kind;
  stored.state = row.state;
  stored.has_down = row.down_sql.has_value();
  stored.down_checksum = row.down_checksum;
  stored.irreversible = row.irreversible;
  stored.run_id = run_id_;
  write([stored, down = row.down_sql](FakeTables& tables) {
    insert(tables, stored);
    if (down) tables.down_sql[stored.version.text()] = *down;
  });
}

Microseconds FakeConnection::close_row(const Version& version) {
  call("close_row " + version.text());
  write([version](FakeTables& tables) { expect(tables, version).duration = kDuration; });
  return kDuration;
}

Microseconds FakeConnection::finish_row(const Version& version, int attempt) {
  call(fmt::format("finish_row {} {}", version.text(), attempt));
  write([version, attempt](FakeTables& tables) {
    HistoryRow& row = expect_attempt(tables, version, attempt);
    row.state = RowState::Applied;
    row.duration = kDuration;
  });
  return kDuration;
}

void FakeConnection::fail_row(const Version& version, int attempt) {
  call(fmt::format("fail_row {} {}", version.text(), attempt));
  write([version, attempt](FakeTables& tables) {
    expect_attempt(tables, version, attempt).state = RowState::Failed;
  });
}

int FakeConnection::resume_row(const HistoryRow& expected) {
  call("resume_row " + expected.version.text());
  write([expected](FakeTables& tables) {
    HistoryRow& row = expect(tables, expected);
    row.state = RowState::Running;
    ++row.attempt;
  });
  return expected.attempt + 1;
}

void FakeConnection::write_journal(const Version& version, int attempt,
                                   std::span<const std::string> hashes) {
  call(fmt::format("write_journal {} {}", version.text(), hashes.size()));
  write([version, attempt,
         journal = std::vector<std::string>(hashes.begin(), hashes.end())](FakeTables& tables) {
    migration::set_journal(expect_attempt(tables, version, attempt), journal);
  });
}

void FakeConnection::delete_row(const HistoryRow& expected) {
  call("delete_row " + expected.version.text());
  write([expected](FakeTables& tables) {
    expect(tables, expected);
    erase(tables, expected.version);
    tables.repeatables.clear();
  });
}

void FakeConnection::set_checksum(const HistoryRow& expected, const migration::Checksum& checksum) {
  call("set_checksum " + expected.version.text());
  write([expected, checksum](FakeTables& tables) { expect(tables, expected).checksum = checksum; });
}

void FakeConnection::record_repeatable(const std::string& name, const migration::Checksum& checksum,
                                       const migration::Checksum& expected, Microseconds duration) {
  call("record_repeatable " + name);
  write([=, run_id = run_id_](FakeTables& tables) {
    migration::Checksum current;
    for (migration::RepeatableRow& row : tables.repeatables) {
      if (row.name != name || !row.current) continue;
      current = row.checksum;
      row.current = false;
    }
    if (current != expected) stale(name + " is not as expected");
    std::erase_if(tables.repeatables, [&](const migration::RepeatableRow& row) {
      return row.name == name && row.checksum == checksum;
    });
    tables.repeatables.push_back({.name = name,
                                  .checksum = checksum,
                                  .current = true,
                                  .applied_at = {},
                                  .duration = duration,
                                  .run_id = run_id});
  });
}

void FakeConnection::write_event(const engine::EventRow& event) {
  call(event.version.empty() ? "event " + event.event
                             : fmt::format("event {} {}", event.event, event.version));
  write([event](FakeTables& tables) { tables.events.push_back(event); });
}

std::optional<engine::EventRow> FakeConnection::last_failure() {
  call("last_failure");
  const FakeTables tables = seen();
  if (tables.events.empty() || tables.events.back().error_id.empty()) return std::nullopt;
  return tables.events.back();
}

void FakeConnection::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  ++cancels_;
  cancelled_.notify_all();
}

// ---- FakeConnector ----

std::unique_ptr<engine::Connection> FakeConnector::connect(const std::stop_token& /*stop*/,
                                                           Milliseconds /*longest*/) {
  database_.calls.emplace_back("connect");
  FakeDatabase::Refusal& refusal = database_.refusal_;
  if (refusal.times > 0) {
    --refusal.times;
    throw Error(refusal.id, "could not connect").sqlstate(refusal.sqlstate);
  }
  return std::make_unique<FakeConnection>(database_, run_id_);
}

}  // namespace headway::testing
