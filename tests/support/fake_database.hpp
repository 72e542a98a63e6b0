// A database in memory, shared by several connections: the history with the constraints of the real
// tables, transactions that are seen by nobody else until COMMIT, one advisory lock.
//
// It records every call in order, and fails when told to.  Calls are named like this: "connect",
// "read_history", "try_lock", "begin", "begin ISOLATION LEVEL SERIALIZABLE", "insert_row 1",
// "run CREATE TABLE a()", "close_row 1", "event applied 1", "commit", "disconnect" ...; faults and
// hooks name a part of them.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/connection.hpp"

namespace headway::testing {

class FakeConnection;

/// What is committed.
struct FakeTables {
  std::vector<migration::HistoryRow> rows;  ///< in no particular order
  std::map<std::string, std::string> down_sql;
  std::vector<migration::RepeatableRow> repeatables;
  std::vector<engine::EventRow> events;
  std::vector<std::string> effects;  ///< of statements: their texts
};

class FakeDatabase {
 public:
  // ---- what is there ----
  bool exists = true;    ///< the history tables
  bool complete = true;  ///< all of them
  bool in_recovery = false;
  FakeTables tables;

  /// "1 2 3": the applied versions along the chain, others as "3(failed)".
  [[nodiscard]] std::string chain() const;
  /// Events as "applied 1", in order.
  [[nodiscard]] std::vector<std::string> events() const;
  /// Adds an applied row behind the last one, as another process would.
  void apply(const migration::Migration& migration, const std::string& run_id = "other");
  /// Takes the row out of the chain, as another process would.
  void remove(const std::string& version);
  [[nodiscard]] migration::HistoryRow& row(const std::string& version);
  [[nodiscard]] bool is_locked() const noexcept {
    return owner_ != nullptr || ghosts_ > 0 || held_elsewhere;
  }

  // ---- what was done ----
  std::vector<std::string> calls;
  /// Calls that begin with one of the words, in order.
  [[nodiscard]] std::vector<std::string> calls_like(const std::vector<std::string>& words) const;
  [[nodiscard]] std::size_t count(const std::string& part) const;
  int connections = 0;  ///< open now
  int most_connections = 0;

  /// What batches cut into ranges: integers, in order.
  std::vector<std::int64_t> keys;
  engine::BatchTable batch_table{
      .problem = "", .table = "public.t", .column = "id", .type = "bigint", .is_target = true};
  /// Other tools' tables, and what is in each of them.
  std::vector<formats::FoundTable> foreign_tables;
  std::vector<formats::ForeignRow> foreign_rows;
  /// What settings_left() tells.
  std::vector<engine::SessionSetting> settings_left;
  int foreign_lock_refusals = 0;  ///< so often somebody else holds it

  /// What is seen of replicas.
  std::function<engine::Replication()> replication;
  /// How many rows a statement touches.
  std::function<std::uint64_t(const std::string& text)> touched;

  /// What is found of a statement whose end nobody saw.
  engine::EffectFound effect_found;

  // ---- what goes wrong ----
  bool held_elsewhere = false;  ///< the lock, by a session that is not ours
  std::string holder = "headway pod-1";
  /// What happens while a connection waits for the release; empty: it can't.
  std::function<bool(Milliseconds longest)> await_release;
  /// The next `times` calls that contain `part` fail with this SQLSTATE.
  void fail_on(std::string part, std::string sqlstate, int times = 1);
  /// The connection goes away at the next call that contains `part`, before it takes effect.
  void lose_connection_on(std::string part, int times = 1);
  enum class Commit { Applied, NotApplied };
  /// The connection goes away while the nth COMMIT from now is answered.  Its backend holds the
  /// lock for `lingers` more attempts of others, and only then does an applied COMMIT show.
  void lose_connection_at_commit(int nth, Commit outcome, int lingers = 0);
  /// The next `times` attempts to connect fail.
  void refuse_connections(int times, ErrorId id = ErrorId::Unreachable, std::string sqlstate = "");
  /// Whoever has the lock loses it, as by DISCARD ALL.
  void drop_lock() noexcept { owner_ = nullptr; }
  /// Called once, before the next call that contains `part`.
  void before(std::string part, std::function<void()> hook);
  /// Statements that contain "pg_sleep" run until they were cancelled this often.
  int cancels_to_stop = 1;

 private:
  friend class FakeConnection;
  friend class FakeConnector;
  struct Fault {
    std::string part;
    std::string sqlstate;  ///< empty: the connection is lost
    int times = 1;
  };
  struct Hook {
    std::string part;
    std::function<void()> call;
  };
  struct LostCommit {
    int countdown = 0;  ///< 0: none planned
    Commit outcome = Commit::NotApplied;
    int lingers = 0;
  };
  std::vector<Fault> faults_;
  std::deque<Hook> hooks_;
  LostCommit lost_commit_;
  struct Refusal {
    int times = 0;
    ErrorId id = ErrorId::Unreachable;
    std::string sqlstate;
  } refusal_;
  FakeConnection* owner_ = nullptr;
  int ghosts_ = 0;                   ///< attempts for which a dead client's backend keeps the lock
  std::function<void()> ghost_end_;  ///< what its COMMIT does in the end
  int next_pid_ = 100;
};

class FakeConnection final : public engine::Connection {
 public:
  FakeConnection(FakeDatabase& database, std::string run_id);
  ~FakeConnection() override;

  [[nodiscard]] const engine::ServerInfo& server() const override { return server_; }
  engine::HistorySnapshot read_history() override;
  std::string read_down_sql(const migration::Version& version) override;
  engine::LockAttempt try_lock() override;
  void require_lock() override;
  std::optional<engine::LockHolder> lock_holder() override;
  bool await_release(Milliseconds longest, const std::stop_token& /*stop*/) override {
    return database_.await_release && database_.await_release(longest);
  }
  [[nodiscard]] bool can_run_ahead() const override { return true; }
  void run_ahead(const std::function<std::optional<engine::AheadMigration>(std::size_t)>& next,
                 engine::AheadEvents& events) override;
  void unlock() noexcept override;
  void ensure_tables() override;
  void reset_session() override;
  std::vector<engine::SessionSetting> settings_left() override;
  void keep_settings(const std::vector<engine::SessionSetting>& kept) override;
  void require_runnable(const engine::PreparedScript& /*script*/) const override {}
  void reset_transaction() override;
  void begin(std::string_view modes) override;
  void commit() override;
  void check_deferred() override { call("check_deferred"); }
  void rollback() override;
  void set_timeouts(std::optional<Milliseconds> lock_timeout,
                    std::optional<Milliseconds> statement_timeout) override;
  void restore_identity() override;
  std::uint64_t run(const engine::PreparedStatement& statement, const std::string& path) override;
  engine::BatchTable find_batch_table(const migration::Batch& batch,
                                      const std::string& target) override;
  std::optional<std::string> last_key(const engine::BatchTable& table) override;
  std::optional<engine::BatchRange> next_range(const engine::BatchTable& table,
                                               const std::optional<std::string>& after,
                                               const std::string& until, std::size_t size) override;
  engine::Replication read_replication() override;
  std::vector<formats::FoundTable> find_tables(std::span<const std::string> names,
                                               std::span<const std::string> columns) override;
  std::vector<formats::ForeignRow> read_rows(const std::string& query) override;
  void create_foreign_table(const std::string& statement) override;
  bool try_foreign_lock(std::int64_t key) override;
  void release_foreign_lock(std::int64_t key) override;
  void keep_mirror(const formats::Mirror* mirror) override;
  void insert_row(const engine::NewRow& row) override;
  Microseconds close_row(const migration::Version& version) override;
  Microseconds finish_row(const migration::Version& version, int attempt) override;
  void fail_row(const migration::Version& version, int attempt) override;
  int resume_row(const migration::HistoryRow& expected) override;
  void write_journal(const migration::Version& version, int attempt,
                     std::span<const std::string> hashes) override;
  void delete_row(const migration::HistoryRow& expected) override;
  void set_checksum(const migration::HistoryRow& expected,
                    const migration::Checksum& checksum) override;
  void record_repeatable(const std::string& name, const migration::Checksum& checksum,
                         const migration::Checksum& expected, Microseconds duration) override;
  void write_event(const engine::EventRow& event) override;
  engine::EffectFound find_effect(const sql::Effect& effect) override;
  void clean_up(const engine::EffectFound& found) override;
  void write_event_soon(const engine::EventRow& event) override { write_event(event); }
  std::optional<engine::EventRow> last_failure() override;
  void cancel() noexcept override;
  void forget_cancel() noexcept override {}

 private:
  using Write = std::function<void(FakeTables&)>;
  void call(const std::string& name);
  /// Applies to what this connection sees; outside a transaction it is committed at once.
  void write(const Write& write);
  [[nodiscard]] FakeTables seen() const;
  void require_alive() const;
  [[noreturn]] void fail(const std::string& sqlstate, const std::string& what);
  [[noreturn]] void lose();
  void start(const std::string& modes);
  void end_with_commit();
  void wait_for_cancel();

  FakeDatabase& database_;
  std::string run_id_;
  engine::ServerInfo server_;
  bool alive_ = true;
  bool open_ = false;     ///< a transaction
  bool aborted_ = false;  ///< and a statement of it failed
  std::vector<Write> writes_;
  std::mutex mutex_;
  std::condition_variable cancelled_;
  int cancels_ = 0;
};

class FakeConnector final : public engine::Connector {
 public:
  explicit FakeConnector(FakeDatabase& database, std::string run_id = "run")
      : database_(database), run_id_(std::move(run_id)) {}
  [[nodiscard]] std::unique_ptr<engine::Connection> connect(const std::stop_token& stop,
                                                            Milliseconds longest) override;
  [[nodiscard]] std::string description() const override { return "fake@memory/test"; }

 private:
  FakeDatabase& database_;
  std::string run_id_;
};

}  // namespace headway::testing
