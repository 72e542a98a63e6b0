// Reads for many at once, on one connection: who is there, and the histories of many schemas in two
// round trips, so that a thousand tenants that are at head cost little more than one.
//
// Only reads, and vouches for nothing else: what it can't read as it expects is left to a
// connection of its own, which knows what to say.  Use from one thread at a time, except cancel().
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/connection.hpp"
#include "postgres/connector.hpp"

namespace headway::postgres {

/// Where a history is.
struct HistoryPlace {
  std::string schema;
  std::string table;
};

class FleetReader {
 public:
  virtual ~FleetReader() = default;
  FleetReader() = default;
  FleetReader(const FleetReader&) = delete;
  FleetReader& operator=(const FleetReader&) = delete;

  /// The one column of names that a query answers; it runs in a transaction that can't write.
  /// Throws Error BadConfiguration for a query that fails, answers something else, or a NULL.
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& query) = 0;

  /// The histories in the order of `places`, each as one that is complete; nothing where a table is
  /// missing, can't be read, or is of another layout.  Two round trips.  Throws Error
  /// ConnectionLost, BadConfiguration for a name that is too long.
  [[nodiscard]] virtual std::vector<std::optional<engine::HistorySnapshot>> read(
      std::span<const HistoryPlace> places) = 0;

  /// A primary that is talked to directly: what `upgrade` asks of a server even when there is
  /// nothing to do.
  [[nodiscard]] virtual bool is_plain_primary() const noexcept = 0;
  /// The server itself, and no pooler.
  [[nodiscard]] virtual bool is_direct() const noexcept = 0;

  virtual void cancel() noexcept = 0;
};

/// One attempt, as Connector::connect().
[[nodiscard]] std::unique_ptr<FleetReader> connect_reader(const ConnectorSettings& settings,
                                                          const std::stop_token& stop,
                                                          Milliseconds longest);

}  // namespace headway::postgres
