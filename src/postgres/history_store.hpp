// The history's rows: one read, and writes that each name the state they expect.
//
// A write that finds another state raises on the server, in the transaction that is open, and comes
// back as Error StalePlan.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/connection.hpp"
#include "formats/mirror.hpp"
#include "postgres/connector.hpp"
#include "postgres/history_tables.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// A row of what select_history.sql and select_repeatable.sql answer.
[[nodiscard]] migration::HistoryRow history_row(const PGresult* result, int row);
[[nodiscard]] migration::RepeatableRow repeatable_row(const PGresult* result, int row);

/// Values of the columns kind and state.  Throw Error UnsupportedLayout for one that is not known.
[[nodiscard]] migration::RowKind row_kind(std::string_view text);
[[nodiscard]] migration::RowState row_state(std::string_view text);

/// Which results of a batch are the history's.
struct Reading {
  std::optional<std::size_t> history;
  std::optional<std::size_t> repeatables;
  std::optional<std::size_t> layout;
};

class HistoryStore {
 public:
  /// All references outlive this.  `role` is the one in force, for the GRANTs in an error;
  /// `transaction_settings` is what a transaction behind a transaction pooler begins with.
  HistoryStore(Wire& wire, const TableNames& names, const ConnectorSettings& settings,
               const std::string& role, std::string transaction_settings)
      : wire_(wire),
        names_(names),
        settings_(settings),
        role_(role),
        transaction_settings_(std::move(transaction_settings)) {}

  // Reads are one message, which runs as one transaction even where transactions can't be begun;
  // `prefix` are the settings it begins with.
  engine::HistorySnapshot read(const TablesFound& found, const std::string& prefix);
  /// read() in two halves, for company on the way: put_reading() into a batch, and snapshot() of
  /// the batch's results.
  [[nodiscard]] Reading put_reading(const TablesFound& found, Batch& batch) const;
  [[nodiscard]] engine::HistorySnapshot snapshot(const TablesFound& found, const Reading& reading,
                                                 std::span<const ResultPtr> results) const;
  std::string read_down_sql(const migration::Version& version);

  /// See engine::Connection.
  void keep_mirror(const formats::Mirror* mirror) { mirror_ = mirror; }

  void insert_row(const engine::NewRow& row);
  Microseconds close_row(const migration::Version& version);
  /// close_row() and the event "applied" in one, sent with what comes next; `answer` gets the
  /// duration.
  void close_row_soon(const migration::Version& version, std::function<void(Microseconds)> answer);
  Microseconds finish_row(const migration::Version& version, int attempt);
  void fail_row(const migration::Version& version, int attempt);
  int resume_row(const migration::HistoryRow& expected);
  void write_journal(const migration::Version& version, int attempt,
                     std::span<const std::string> hashes);
  void delete_row(const migration::HistoryRow& expected);
  void set_checksum(const migration::HistoryRow& expected, const migration::Checksum& checksum);
  void record_repeatable(const std::string& name, const migration::Checksum& checksum,
                         const migration::Checksum& expected, Microseconds duration);
  void write_event(const engine::EventRow& event);
  /// Where nothing is open it is sent with what comes next, or never.
  void write_event_soon(const engine::EventRow& event);
  std::optional<engine::EventRow> last_failure(const std::string& prefix);

 private:
  pqxx::result execute(std::string_view query, const Parameters& parameters, std::string_view what);
  [[nodiscard]] Parameters parameters_of(const engine::EventRow& event) const;
  /// Nobody waits for its answer: inside a transaction it travels with what comes next, prepared
  /// as `name`.
  void execute_soon(std::string_view name, std::string_view query, Parameters parameters,
                    std::string what);
  /// Writes the other tool's table; `sql` may be empty.
  void reflect(std::string sql);
  /// `error` with the GRANTs that would cure it, if it is a lack of rights.
  [[nodiscard]] Error with_grants(const Error& error, std::string_view rights) const;

  Wire& wire_;
  const TableNames& names_;
  const ConnectorSettings& settings_;
  const std::string& role_;
  std::string transaction_settings_;
  const formats::Mirror* mirror_ = nullptr;
};

}  // namespace headway::postgres
