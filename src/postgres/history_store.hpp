// The history's rows: one read, and writes that each name the state they expect.
//
// A write that finds another state raises on the server, in the transaction that is open, and comes
// back as Error StalePlan.
#pragma once
#include <span>
#include <string>

#include "engine/connection.hpp"
#include "postgres/connector.hpp"
#include "postgres/history_tables.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

class HistoryStore {
 public:
  HistoryStore(Wire& wire, const TableNames& names, const ConnectorSettings& settings)
      : wire_(wire), names_(names), settings_(settings) {}

  /// One round trip.  `role` is for the GRANTs in an error; `prefix` runs first in the same
  /// message.
  engine::HistorySnapshot read(const TablesFound& found, const std::string& role,
                               const std::string& prefix);
  std::string read_down_sql(const migration::Version& version);

  void insert_row(const engine::NewRow& row);
  Microseconds close_row(const migration::Version& version);
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
  std::optional<engine::EventRow> last_failure();

 private:
  pqxx::result execute(std::string_view query, const Parameters& parameters, std::string_view what);

  Wire& wire_;
  const TableNames& names_;
  const ConnectorSettings& settings_;
};

}  // namespace headway::postgres
