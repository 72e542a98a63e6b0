// engine::Connection over one PostgreSQL backend.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.hpp"
#include "postgres/batches.hpp"
#include "postgres/connector.hpp"
#include "postgres/effects.hpp"
#include "postgres/foreign_tables.hpp"
#include "postgres/history_store.hpp"
#include "postgres/history_tables.hpp"
#include "postgres/lock.hpp"
#include "postgres/replication.hpp"
#include "postgres/session_settings.hpp"
#include "postgres/statement_runner.hpp"
#include "postgres/statement_watch.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// Throws Error UnsupportedServer.
void require_server_version(int number, const std::string& version);

class Session final : public engine::Connection {
 public:
  /// Takes over an established connection, and within one round trip, which has until `deadline`,
  /// either looks at the history or sets the session up.  Throws Error.
  Session(PGconn* connection, std::shared_ptr<const ConnectorSettings> settings, TableNames names,
          const ConnectionParameters& parameters, std::chrono::steady_clock::time_point deadline);
  ~Session() override;

  [[nodiscard]] const engine::ServerInfo& server() const override { return info_; }

  engine::HistorySnapshot read_history() override;
  std::string read_down_sql(const migration::Version& version) override;

  engine::LockAttempt try_lock() override;
  void require_lock() override;
  std::optional<engine::LockHolder> lock_holder() override {
    set_up();
    return lock_.holder();
  }
  bool await_release(Milliseconds longest, const std::stop_token& stop) override;
  void unlock() noexcept override;
  void ensure_tables() override;
  void reset_session() override;
  std::vector<engine::SessionSetting> settings_left() override;
  void keep_settings(const std::vector<engine::SessionSetting>& kept) override;
  void reset_transaction() override;

  void begin(std::string_view modes) override;
  void commit() override;
  void check_deferred() override;
  void rollback() override;
  void set_timeouts(std::optional<Milliseconds> lock_timeout,
                    std::optional<Milliseconds> statement_timeout) override;
  void restore_identity() override;
  void require_runnable(const engine::PreparedScript& script) const override;
  std::uint64_t run(const engine::PreparedStatement& statement, const std::string& path) override;
  engine::BatchTable find_batch_table(const migration::Batch& batch,
                                      const std::string& target) override {
    return postgres::find_batch_table(wire_, batch, target);
  }
  std::optional<std::string> last_key(const engine::BatchTable& table) override {
    return postgres::last_key(wire_, table);
  }
  std::optional<engine::BatchRange> next_range(const engine::BatchTable& table,
                                               const std::optional<std::string>& after,
                                               const std::string& until,
                                               std::size_t size) override {
    return postgres::next_range(wire_, table, after, until, size);
  }

  std::vector<formats::FoundTable> find_tables(std::span<const std::string> names,
                                               std::span<const std::string> columns) override {
    return postgres::find_tables(wire_, names, columns);
  }
  std::vector<formats::ForeignRow> read_rows(const std::string& query) override {
    return postgres::read_rows(wire_, query);
  }
  void create_foreign_table(const std::string& statement) override {
    static_cast<void>(wire_.execute(statement, "make the other tool's table"));
  }
  bool try_foreign_lock(std::int64_t key) override {
    return postgres::try_foreign_lock(wire_, key);
  }
  void release_foreign_lock(std::int64_t key) override {
    postgres::release_foreign_lock(wire_, key);
  }

  void keep_mirror(const formats::Mirror* mirror) override { store_.keep_mirror(mirror); }

  engine::EffectFound find_effect(const sql::Effect& effect) override {
    return postgres::find_effect(wire_, effect);
  }
  void clean_up(const engine::EffectFound& found) override;

  engine::Replication read_replication() override { return postgres::read_replication(wire_); }

  [[nodiscard]] bool can_run_ahead() const override {
    return settings_->pooler == PoolerMode::Refuse && watch_ == nullptr;
  }
  void run_ahead(const std::function<std::optional<engine::AheadMigration>(std::size_t)>& next,
                 engine::AheadEvents& events) override;

  void insert_row(const engine::NewRow& row) override { changing_store().insert_row(row); }
  Microseconds close_row(const migration::Version& version) override {
    return changing_store().close_row(version);
  }
  Microseconds finish_row(const migration::Version& version, int attempt) override {
    return changing_store().finish_row(version, attempt);
  }
  void fail_row(const migration::Version& version, int attempt) override {
    changing_store().fail_row(version, attempt);
  }
  int resume_row(const migration::HistoryRow& expected) override {
    return changing_store().resume_row(expected);
  }
  void write_journal(const migration::Version& version, int attempt,
                     std::span<const std::string> hashes) override {
    changing_store().write_journal(version, attempt, hashes);
  }
  void delete_row(const migration::HistoryRow& expected) override {
    changing_store().delete_row(expected);
  }
  void set_checksum(const migration::HistoryRow& expected,
                    const migration::Checksum& checksum) override {
    changing_store().set_checksum(expected, checksum);
  }
  void record_repeatable(const std::string& name, const migration::Checksum& checksum,
                         const migration::Checksum& expected, Microseconds duration) override {
    changing_store().record_repeatable(name, checksum, expected, duration);
  }
  void write_event(const engine::EventRow& event) override { store_.write_event(event); }
  void write_event_soon(const engine::EventRow& event) override { store_.write_event_soon(event); }
  std::optional<engine::EventRow> last_failure() override;

  void cancel() noexcept override { wire_.cancel(); }
  void forget_cancel() noexcept override { wire_.forget_cancel(); }

 private:
  [[nodiscard]] bool transaction_pooling() const noexcept {
    return settings_->pooler == PoolerMode::Transaction;
  }
  /// What a message of ours asks, and where the answers are.
  struct Questions {
    Batch batch;
    std::optional<std::size_t> server_info;
    std::optional<std::size_t> lock;
    std::size_t tables = 0;
    std::optional<Reading> reading;
  };
  enum class Locking { No, Yes };
  void set_up();
  void ask(Locking locking);
  [[nodiscard]] Questions questions(Locking locking) const;
  [[nodiscard]] bool may_ask_again(const Questions& asked, const std::vector<ResultPtr>& results);
  void take(const Questions& asked, const std::vector<ResultPtr>& results);
  void note_connection();
  void note_lock(const PGresult* answer);
  void forget_looks() noexcept;
  [[nodiscard]] HistoryStore& changing_store() noexcept {
    forget_looks();
    return store_;
  }
  /// Whether what others prepared is looked for and forgotten, which takes a round trip.
  enum class Forgetting { Prepared, Nothing };
  void put_off_reset(Forgetting forgetting);
  void put_off_session_reset(Forgetting forgetting);
  class Progress;
  void put_off(const engine::AheadMigration& migration, Progress& progress);
  void put_off_statements(const engine::PreparedScript& script, Progress& progress);
  [[nodiscard]] Error commit_refused(const PGresult* result) const;
  void read_ahead();
  void note_server(const PGresult* info);
  void require_server_connection() const;
  void require_origin() const;
  void require_no_pooler() const;
  [[nodiscard]] std::string own_settings_sql() const;
  [[nodiscard]] std::string read_prefix() const;

  void require_undone_by_rollback(const engine::PreparedStatement& statement,
                                  const std::string& path) const;
  [[nodiscard]] Protocol protocol() const noexcept;
  std::uint64_t run_watched(const engine::PreparedStatement& statement, const std::string& path);

  std::shared_ptr<const ConnectorSettings> settings_;
  const TableNames names_;  // a copy: a connection may outlive its connector
  Wire wire_;
  SessionSettings session_settings_;
  AdvisoryLock lock_;
  std::string current_role_;
  HistoryStore store_;
  std::unique_ptr<StatementWatch> watch_;  // null: nobody wants to know
  engine::ServerInfo info_;
  std::string replication_role_;
  bool is_set_up_ = false;
  bool is_direct_ = false;                                // nothing is between us and the server
  bool tables_known_ = false;                             // all of them are there and may be read
  std::optional<TablesFound> looked_up_;                  // good until anything is done, as
  std::optional<engine::HistorySnapshot> history_ahead_;  // this
  bool locked_ = false;
  bool listens_ = false;
  std::optional<engine::LockHolder> seen_holder_;  // since it listens
  bool missed_holder_ = false;                     // who had let go of it when it was looked for
  bool read_only_transaction_ = false;             // the file itself asked for it
};

}  // namespace headway::postgres
