// The ports through which the engine meets a database.
//
// A Connection is one PostgreSQL backend, the same one from construction to destruction: the
// advisory lock and SET depend on it.  It never reconnects; once its backend is gone every call
// throws Error ConnectionLost (commit(): Error OutcomeUnknown).  Use from one thread at a time,
// except cancel(), which any thread may call at any time.
//
// Every call throws headway::Error with the server's SQLSTATE when the server refuses:
// 42501 PermissionDenied, 55P03 LockTimeout, 40P01 Deadlock, 40001 Serialization, 57014 after
// cancel() Interrupted, a violated history chain StalePlan, others MigrationFailed.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "engine/activity.hpp"
#include "engine/replica_lag.hpp"
#include "engine/script.hpp"
#include "formats/foreign_history.hpp"
#include "formats/mirror.hpp"
#include "migration/history.hpp"
#include "sql/effect.hpp"

namespace headway::engine {

struct ServerInfo {
  int version_number = 0;  ///< 150004
  std::string version;     ///< "15.4"
  std::string database;
  std::string user;
  int backend_pid = 0;
  bool in_recovery = false;
  std::string pooler;  ///< what gave it away ("the process id differs"), empty: direct
  /// How long a session waits for a lock before the server looks whom it may cancel for it.
  std::optional<Milliseconds> deadlock_timeout;
};

/// One read of the history tables.
struct HistorySnapshot {
  bool exists = false;   ///< the history table is there (else everything below is empty)
  bool complete = true;  ///< all tables and columns that this version needs are there
  /// Our role may read the history alone: which repeatables were applied is not known.
  std::optional<ErrorInfo> repeatables_denied;
  migration::History history;
};

/// Who holds the migration lock, as far as our role may see.
struct LockHolder {
  int pid = 0;
  std::string application_name;
  std::string client;  ///< address, or "local"
  std::optional<Timestamp> since;
  bool slots_are_scarce = false;  ///< the server has few connections left
  [[nodiscard]] std::string text() const;
};

struct LockAttempt {
  bool acquired = false;
  std::optional<LockHolder> holder;  ///< when not acquired and visible
};

/// A row as it enters the history.  duration and applied_at are the server's.
struct NewRow {
  migration::Version version;
  migration::Version previous;
  std::string name;
  migration::Checksum checksum;
  migration::RowKind kind = migration::RowKind::Migration;
  migration::RowState state = migration::RowState::Applied;
  std::optional<std::string> down_sql;
  migration::Checksum down_checksum;
  bool irreversible = false;
};

/// A row of headway.events.
struct EventRow {
  std::string
      event;  ///< "applied", "failed", "reverted", "stamped", "repaired", "repeated", "locked" ...
  std::string version;  ///< or a repeatable's name; may be empty
  std::optional<Microseconds> duration;
  std::string error_id;  ///< empty on success
  std::string sqlstate;
  std::string message;          ///< normalised; never a secret
  std::optional<Timestamp> at;  ///< read, not written: the server's clock decides
};

/// As current_setting() shows it and set_config() takes it.
struct SessionSetting {
  std::string name;
  std::string value;
  bool operator==(const SessionSetting&) const = default;
};

/// One of several migrations that are sent ahead of their answers, each its own transaction.
struct AheadMigration {
  NewRow row;
  const PreparedScript* script = nullptr;  ///< outlives the call; none of it is plain_only
  std::optional<Milliseconds> lock_timeout;
  std::optional<Milliseconds> statement_timeout;
  bool reset_before = false;  ///< a migration has run in the session
  bool durable = true;        ///< false: one behind it will be, and that is soon enough
};

/// Called as the answers arrive, in order.
class AheadEvents {
 public:
  virtual ~AheadEvents() = default;
  virtual void begun(std::size_t index) = 0;
  virtual void statement_begun(std::size_t index, std::size_t statement) = 0;
  virtual void committed(std::size_t index, Microseconds duration) = 0;
};

/// What the catalogue says about a statement whose end nobody saw.
struct EffectFound {
  enum class State { NotDone, Done, Remainder, Unknown };
  State state = State::Unknown;
  std::string what;  ///< of Remainder and Unknown, in words; may be empty
  /// Of a Remainder: what takes it away, or finishes it.  None of it runs in a transaction.
  std::vector<std::string> cleanup;
  bool cleanup_finishes = false;  ///< then the statement is done
};

/// The table that a batch cuts into ranges, as the catalogue has it.
struct BatchTable {
  std::string problem;  ///< a sentence on why its key won't do; empty: it does
  std::string table;    ///< qualified, and as everything below to be used in SQL as it is
  std::string column;
  std::string type;
  std::string greater = {};                          ///< the operator of the key's order
  bool is_target = false;                            ///< the statement changes this table
  std::optional<std::uint64_t> rows = std::nullopt;  ///< about how many there are
};

/// Rows that follow each other by their key.
struct BatchRange {
  std::string first;  ///< keys, as the server writes them whatever the session has set
  std::string last;
  std::uint64_t rows = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] virtual const ServerInfo& server() const = 0;

  /// At most two round trips; needs only USAGE and SELECT.  Missing tables are not an error.
  virtual HistorySnapshot read_history() = 0;
  /// The stored way back of one migration.  Throws UnsafeHistory if a role other than the table's
  /// owner may write it, or if its checksum does not match.
  virtual std::string read_down_sql(const migration::Version& version) = 0;

  /// One pg_try_advisory_lock; never waits.  Behind --pooler=transaction it acquires nothing and
  /// says so with acquired = true: the chain guards.
  virtual LockAttempt try_lock() = 0;
  /// Throws ConnectionLost if the lock that was taken is held no more; may be sent together with
  /// what comes next, and is then thrown there.
  virtual void require_lock() = 0;
  /// Who holds it just now, as far as this server knows; nothing if nobody does.
  virtual std::optional<LockHolder> lock_holder() = 0;
  /// After a try_lock() that acquired nothing: waits, idle and outside the server's queue, until
  /// whoever holds the lock lets go of it.  False: not within `longest`, or stopped, or it is not
  /// to be waited for on this connection, because it can't be told of it or because others need
  /// the slot.
  virtual bool await_release(Milliseconds longest, const std::stop_token& stop) = 0;
  virtual void unlock() noexcept = 0;

  /// Creates or completes the tables (DDL only for what is missing); checks their owner
  /// (UnsafeHistory), session_replication_role (ReplicationRole) and the layout
  /// (UnsupportedLayout).  In an open transaction as a part of it.
  virtual void ensure_tables() = 0;

  /// Back to a fresh session: ROLLBACK if needed, RESET ..., then our own settings, role and search
  /// path.  Throws ConnectionLost if the lock that was taken is held no more.
  virtual void reset_session() = 0;
  /// The same between two migrations of one transaction, which stays open.
  virtual void reset_transaction() = 0;

  /// What statements have set in the session and is still in force; without what is ours to set,
  /// and the role.
  [[nodiscard]] virtual std::vector<SessionSetting> settings_left() = 0;
  /// From now on a reset ends with these; they take the place of those given before.
  virtual void keep_settings(const std::vector<SessionSetting>& kept) = 0;

  // ---- transactions ----
  // Calls without an answer (reset_session, begin; in a transaction reset_transaction, insert_row,
  // restore_identity, write_event) may be sent together with the next one; their errors are then
  // thrown there.
  /// `modes`: what the file asks for beyond READ COMMITTED READ WRITE; later modes win.
  virtual void begin(std::string_view modes) = 0;
  /// Counts only if the server's tag is COMMIT.  Throws OutcomeUnknown if the connection is lost
  /// while it waits.
  virtual void commit() = 0;
  /// Checks now what is deferred to COMMIT, in a transaction that goes on as if it had committed.
  virtual void check_deferred() = 0;
  virtual void rollback() = 0;
  /// SET LOCAL inside a transaction, SET outside.
  virtual void set_timeouts(std::optional<Milliseconds> lock_timeout,
                            std::optional<Milliseconds> statement_timeout) = 0;
  /// Ends what a migration may have left behind before its row is closed: role, session
  /// authorization.
  virtual void restore_identity() = 0;

  /// Throws PoolerNeedsSession if a script asks for more of a session than this connection has.
  virtual void require_runnable(const PreparedScript& script) const = 0;
  /// Runs one statement of a file; rows are read one by one and dropped; copy_data is streamed.
  /// `path` is for the error's location.
  /// Returns how many rows it touched, as far as its tag tells.
  virtual std::uint64_t run(const PreparedStatement& statement, const std::string& path) = 0;

  /// `target`: the table that the statement changes, as written, or empty.
  [[nodiscard]] virtual BatchTable find_batch_table(const migration::Batch& batch,
                                                    const std::string& target) = 0;
  /// The largest key there is now, in a transaction; nothing of a table without rows.
  [[nodiscard]] virtual std::optional<std::string> last_key(const BatchTable& table) = 0;
  /// The next rows behind the key `after` and up to `until`, in a transaction; nothing if there
  /// are none.
  [[nodiscard]] virtual std::optional<BatchRange> next_range(
      const BatchTable& table, const std::optional<std::string>& after, const std::string& until,
      std::size_t size) = 0;
  /// Outside of a transaction.
  [[nodiscard]] virtual Replication read_replication() = 0;

  /// Looks for what a statement that can't run in a transaction has left behind.  Outside one.
  [[nodiscard]] virtual EffectFound find_effect(const sql::Effect& effect) = 0;
  virtual void clean_up(const EffectFound& found) = 0;

  /// False: run_ahead() is not for this connection.
  [[nodiscard]] virtual bool can_run_ahead() const = 0;
  /// Sends the migrations that `next` gives for 0, 1 .. until it gives nothing, some of them before
  /// the answers to those in front of them have come, and each with what insert_row(), run(),
  /// restore_identity(), close_row() and write_event() would do.  Throws the error of the first
  /// that was not committed; none behind it was then, and a transaction may be open. ConnectionLost
  /// and OutcomeUnknown: any that was asked for may have been committed.
  virtual void run_ahead(const std::function<std::optional<AheadMigration>(std::size_t)>& next,
                         AheadEvents& events) = 0;

  // ---- another tool's history ----
  /// Tables that have one of these names, in any schema, or in the search path just these columns
  /// (formats::columns_of_histories()); of temporary ones none.
  [[nodiscard]] virtual std::vector<formats::FoundTable> find_tables(
      std::span<const std::string> names, std::span<const std::string> columns) = 0;
  /// The rows of a SELECT of texts.
  [[nodiscard]] virtual std::vector<formats::ForeignRow> read_rows(const std::string& query) = 0;
  virtual void create_foreign_table(const std::string& statement) = 0;
  /// One pg_try_advisory_lock of a session; false: somebody else holds it.
  [[nodiscard]] virtual bool try_foreign_lock(std::int64_t key) = 0;
  virtual void release_foreign_lock(std::int64_t key) = 0;
  /// From here on what changes the history below changes that table as well, in the same
  /// transaction: rows that become applied without having been adopted, rows that go, repeatables.
  /// Null: no more.  It outlives the connection.
  virtual void keep_mirror(const formats::Mirror* mirror) = 0;

  // ---- history: each names the state it expects, and the server raises if it finds another ----
  virtual void insert_row(const NewRow& row) = 0;
  /// Sets the duration of a row inserted in this transaction from clock_timestamp(); returns it.
  virtual Microseconds close_row(const migration::Version& version) = 0;
  /// Non-transactional: state running or failed -> applied; returns the duration.
  virtual Microseconds finish_row(const migration::Version& version, int attempt) = 0;
  virtual void fail_row(const migration::Version& version, int attempt) = 0;
  /// state -> running, attempt + 1; returns the new attempt.
  virtual int resume_row(const migration::HistoryRow& expected) = 0;
  /// Replaces the journal of a running row: hashes, and behind them a migration::journal_entry().
  virtual void write_journal(const migration::Version& version, int attempt,
                             std::span<const std::string> hashes) = 0;
  /// Deletes the row and relinks its successor in one statement; forgets all repeatables.
  virtual void delete_row(const migration::HistoryRow& expected) = 0;
  virtual void set_checksum(const migration::HistoryRow& expected,
                            const migration::Checksum& checksum) = 0;
  /// Makes `checksum` the current one of `name`; `expected` is the current one the plan saw (empty:
  /// none).
  virtual void record_repeatable(const std::string& name, const migration::Checksum& checksum,
                                 const migration::Checksum& expected, Microseconds duration) = 0;
  virtual void write_event(const EventRow& event) = 0;
  /// May be sent together with what comes next, in a transaction of its own; never, if nothing
  /// does.
  virtual void write_event_soon(const EventRow& event) = 0;
  /// The last event with an error, if no later one tells of a success.  Needs only SELECT.
  virtual std::optional<EventRow> last_failure() = 0;

  /// Asks the server to stop the running statement; returns without waiting for the effect.  Once
  /// is not always enough: a cancel that falls between statements is lost.
  virtual void cancel() noexcept = 0;
  /// What is cancelled from here on was not cancelled by us, until cancel() is called again.
  virtual void forget_cancel() noexcept = 0;
};

/// Looks around a session, from a connection of its own.  Use from one thread.
class ActivityReader {
 public:
  virtual ~ActivityReader() = default;
  /// Of the backend that has this process id.  Throws Error.
  virtual Activity read(int backend_pid) = 0;
};

/// Makes connections.  Thread-safe.
class Connector {
 public:
  virtual ~Connector() = default;
  /// One attempt, given up when `stop` is requested, or after `longest` at most.  Throws Error;
  /// retry_class() of its content tells whether another may help.
  [[nodiscard]] virtual std::unique_ptr<Connection> connect(const std::stop_token& stop,
                                                            Milliseconds longest) = 0;
  /// One attempt at a connection for looking; null: this connector has none to spare.  Throws
  /// Error.
  [[nodiscard]] virtual std::unique_ptr<ActivityReader> attend(const std::stop_token& stop,
                                                               Milliseconds longest);
  /// What is printed: "user@host:5432/database", never a password.
  [[nodiscard]] virtual std::string description() const = 0;
};

/// Whether connecting again may help (design, section 6, "Connecting").
enum class RetryClass { Never, Connection, Authentication };
[[nodiscard]] RetryClass retry_class(const ErrorInfo& error) noexcept;

}  // namespace headway::engine
