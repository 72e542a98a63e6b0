// FleetReader over one PostgreSQL backend.
#pragma once
#include <chrono>

#include "postgres/fleet_reader.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

class FleetSession final : public FleetReader {
 public:
  /// Takes over an established connection, and sets it up until `deadline`.  Throws Error.
  FleetSession(PGconn* connection, const ConnectorSettings& settings,
               const ConnectionParameters& parameters,
               std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::vector<std::string> list(const std::string& query) override;
  [[nodiscard]] std::vector<std::optional<engine::HistorySnapshot>> read(
      std::span<const HistoryPlace> places) override;
  [[nodiscard]] bool is_plain_primary() const noexcept override { return plain_primary_; }
  [[nodiscard]] bool is_direct() const noexcept override { return direct_; }
  void cancel() noexcept override { wire_.cancel(); }

 private:
  void send(const TableNames& names);
  [[nodiscard]] std::optional<engine::HistorySnapshot> receive(const TableNames& names);

  Wire wire_;
  bool direct_ = false;
  bool plain_primary_ = false;
};

}  // namespace headway::postgres
