// engine::Connection over one PostgreSQL backend.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.hpp"
#include "postgres/connector.hpp"
#include "postgres/history_store.hpp"
#include "postgres/history_tables.hpp"
#include "postgres/lock.hpp"
#include "postgres/session_settings.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// Throws Error UnsupportedServer.
void require_server_version(int number, const std::string& version);

class Session final : public engine::Connection {
 public:
  /// Takes over an established connection; sets the session up and learns what server it is, in
  /// one round trip, which has until `deadline`.  Throws Error.
  Session(PGconn* connection, std::shared_ptr<const ConnectorSettings> settings, TableNames names,
          const ConnectionParameters& parameters, std::chrono::steady_clock::time_point deadline);
  ~Session() override;

  [[nodiscard]] const engine::ServerInfo& server() const override { return info_; }

  engine::HistorySnapshot read_history() override;
  std::string read_down_sql(const migration::Version& version) override;

  engine::LockAttempt try_lock() override;
  bool holds_lock() override;
  std::optional<engine::LockHolder> lock_holder() override { return lock_.holder(); }
  void unlock() noexcept override;
  void ensure_tables() override;
  void reset_session() override;
  void reset_transaction() override;

  void begin(std::string_view modes) override;
  void commit() override;
  void rollback() override;
  void set_timeouts(std::optional<Milliseconds> lock_timeout,
                    std::optional<Milliseconds> statement_timeout) override;
  void restore_identity() override;
  void require_runnable(const engine::PreparedScript& script) const override;
  void run(const engine::PreparedStatement& statement, const std::string& path) override;

  [[nodiscard]] bool can_run_ahead() const override {
    return settings_->pooler == PoolerMode::Refuse;
  }
  void run_ahead(const std::function<std::optional<engine::AheadMigration>(std::size_t)>& next,
                 engine::AheadEvents& events) override;

  void insert_row(const engine::NewRow& row) override { store_.insert_row(row); }
  Microseconds close_row(const migration::Version& version) override {
    return store_.close_row(version);
  }
  Microseconds finish_row(const migration::Version& version, int attempt) override {
    return store_.finish_row(version, attempt);
  }
  void fail_row(const migration::Version& version, int attempt) override {
    store_.fail_row(version, attempt);
  }
  int resume_row(const migration::HistoryRow& expected) override {
    return store_.resume_row(expected);
  }
  void write_journal(const migration::Version& version, int attempt,
                     std::span<const std::string> hashes) override {
    store_.write_journal(version, attempt, hashes);
  }
  void delete_row(const migration::HistoryRow& expected) override { store_.delete_row(expected); }
  void set_checksum(const migration::HistoryRow& expected,
                    const migration::Checksum& checksum) override {
    store_.set_checksum(expected, checksum);
  }
  void record_repeatable(const std::string& name, const migration::Checksum& checksum,
                         const migration::Checksum& expected, Microseconds duration) override {
    store_.record_repeatable(name, checksum, expected, duration);
  }
  void write_event(const engine::EventRow& event) override { store_.write_event(event); }
  std::optional<engine::EventRow> last_failure() override;

  void cancel() noexcept override { wire_.cancel(); }

 private:
  [[nodiscard]] bool transaction_pooling() const noexcept {
    return settings_->pooler == PoolerMode::Transaction;
  }
  void set_up();
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

  std::shared_ptr<const ConnectorSettings> settings_;
  const TableNames names_;  // a copy: a connection may outlive its connector
  Wire wire_;
  SessionSettings session_settings_;
  AdvisoryLock lock_;
  std::string current_role_;
  HistoryStore store_;
  engine::ServerInfo info_;
  std::string replication_role_;
  std::optional<TablesFound> looked_up_;                  // by set_up(), good for the first read
  std::optional<engine::HistorySnapshot> history_ahead_;  // good until anything is done
  bool locked_ = false;
  bool read_only_transaction_ = false;  // the file itself asked for it
};

}  // namespace headway::postgres
