// Builds the adapter: engine::Connector over libpqxx and libpq.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "engine/connection.hpp"
#include "engine/statement_seen.hpp"
#include "postgres/conninfo.hpp"

namespace headway::postgres {

class LockSampler;

enum class PoolerMode { Refuse, Session, Transaction };  ///< --pooler

struct ConnectorSettings {
  std::function<ConnectionParameters()> parameters;  ///< called at every connect
  std::string history_schema = "headway";
  std::string history_table = "history";
  std::vector<std::string> history_readers;  ///< roles that get USAGE and SELECT
  PoolerMode pooler = PoolerMode::Refuse;
  std::string application_name;  ///< "headway <pod>", already shortened
  std::string applied_from;      ///< pod or host, recorded in history and events
  std::string headway_version;
  std::string run_id;                                    ///< uuid, recorded in history and events
  std::vector<std::pair<std::string, std::string>> set;  ///< --set name=value
  std::string role;                                      ///< --role
  std::vector<std::string> search_path;                  ///< --search-path; wins over the URL's
  std::optional<Milliseconds> lock_timeout;
  std::optional<Milliseconds> statement_timeout;
  Milliseconds attempt_timeout{std::chrono::seconds{10}};  ///< of one connection attempt
  bool log_literals = false;  ///< keep the server's DETAIL and statements' constants
  bool read_only = false;     ///< status, wait: any pooler and a standby will do
  /// Connecting reads the history as well, for a read_history() that comes before anything else.
  bool history_ahead = false;
  /// The first read_history() may lack what an upgrade does not plan with (quick_look.hpp).
  bool quick_look = false;
  /// What is run on its connections is to leave nothing behind: they refuse to commit, and to run
  /// outside a transaction or several commands as one statement.
  bool rehearsal = false;
  /// Hears what each statement of a migration did; null: nobody looks.  Outlives the connections.
  engine::StatementSink* sink = nullptr;
  /// Shows it the locks of what can't be in a transaction; null: they are not seen.  For one
  /// connection at a time, which it outlives.
  LockSampler* sampler = nullptr;
};

[[nodiscard]] std::unique_ptr<engine::Connector> make_connector(ConnectorSettings settings);

/// The script that makes the history tables, for a DBA to read and run (`init --sql`).
[[nodiscard]] std::string init_sql(const std::string& schema, const std::string& table,
                                   const std::vector<std::string>& readers);

/// The two keys of the migration lock of "schema.table" (design, section 6).
struct LockKey {
  int space = 0;
  int object = 0;
  bool operator==(const LockKey&) const = default;
};
[[nodiscard]] LockKey lock_key(const std::string& schema, const std::string& table);

}  // namespace headway::postgres
