// What a run is told: every option of options.cpp as a typed value.
//
// Fields have no defaults of their own where the table of options names one: resolve() applies
// those first, so that help and behaviour can't differ.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "engine/use_cases.hpp"
#include "formats/format.hpp"
#include "migration/plan.hpp"
#include "postgres/connector.hpp"
#include "telemetry/log.hpp"

namespace headway::cli {

enum class Output { Text, Json };
enum class Color { Auto, Always, Never };
/// Where `serve` answers when it is not told.
inline constexpr std::string_view kServeAddress = ":9490";
enum class OnFailure { Exit, Serve };

struct Settings {
  // general
  std::string config;
  std::string environment;
  std::optional<bool> strict;  ///< nothing: as the environment says
  Output output{};
  Color color{};
  std::optional<telemetry::LogFormat> log_format;
  std::optional<telemetry::LogLevel> log_level;
  bool log_literals = false;
  bool no_progress = false;
  std::string name;  ///< the label `database`

  // source
  std::string migrations;
  std::optional<formats::Format> format;  ///< nothing: found out
  std::map<std::string, std::string> placeholders;
  bool no_placeholders = false;
  bool skip_foreign_code = false;
  engine::AdoptSettings::Mode adopt{};
  std::string foreign_table;
  bool mirror_history = false;
  bool allow_empty = false;

  // database
  std::string database_url;
  std::string database_url_source;  ///< where it was set: "--database-url"
  std::string database_url_file;
  std::string database_dir;
  std::string history_schema;
  std::string history_table;
  std::vector<std::string> history_readers;
  postgres::PoolerMode pooler{};
  std::vector<std::string> set;
  std::string role;
  std::vector<std::string> search_path;
  Milliseconds connect_timeout{};
  Milliseconds auth_retry{};
  std::optional<Milliseconds> statement_timeout;

  // many databases
  std::string targets;  ///< the file that names them; empty: one database
  std::size_t concurrency = 0;
  std::size_t max_failures = 0;  ///< 0: any number
  std::size_t shard_count = 0;
  std::optional<std::size_t> shard_index;
  bool metrics_per_target = false;

  // running
  Milliseconds lock_wait{};
  std::optional<Milliseconds> lock_timeout;
  std::optional<Milliseconds> max_blocked_wait;
  std::optional<Milliseconds> max_replica_lag;
  std::optional<Milliseconds> abort_if_blocking;
  Milliseconds shutdown_timeout{};
  Milliseconds drain{};
  engine::Transactions transaction{};
  migration::Order order{};
  migration::Phases phases{};
  migration::IfAhead if_ahead{};

  // metrics
  std::string metrics_file;
  std::string pushgateway_url;
  std::string http;
  Milliseconds linger{};
  std::string termination_log;

  // of single commands
  std::string target;  ///< the argument; empty if none was given
  bool yes = false;
  bool last_run = false;
  bool dry_run = false;
  bool execute = false;
  std::string scratch_url;
  bool on_live_database = false;
  Milliseconds max_lock_hold{};
  bool sql = false;
  bool exit_code = false;
  bool verbose = false;
  std::string alembic;  ///< the command that starts it
  bool no_down = false;
  bool sequential = false;
  std::string message;
  std::string rev_id;
  std::string done;
  std::string undone;
  std::string statement_done;
  std::string statement_undone;
  std::string wait_target;
  Milliseconds wait_timeout{};
  Milliseconds watch_interval{};
  OnFailure on_failure{};
  Milliseconds failure_hold{};

  /// Strict environments fail; lenient ones let the application start (design, section 6).
  [[nodiscard]] bool is_strict() const;
  [[nodiscard]] migration::Policy policy() const { return {order, if_ahead, phases}; }
};

}  // namespace headway::cli
