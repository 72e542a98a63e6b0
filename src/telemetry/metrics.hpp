// The engine's events as Prometheus metrics (design, section 9).
//
// Thread-safe: the engine's thread writes, the HTTP thread renders.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/observer.hpp"

namespace headway::telemetry {

struct MetricsSettings {
  std::string database;  ///< logical name, never a host or DSN
  std::string version;
  std::string revision;
};

/// How far the databases of one run are.
struct TargetCounts {
  std::size_t pending = 0;
  std::size_t running = 0;
  std::size_t ok = 0;
  std::size_t failed = 0;
};

class Metrics : public engine::Observer {
 public:
  /// Text exposition format 0.0.4 of everything.
  [[nodiscard]] virtual std::string render() const = 0;
  /// What goes to a Pushgateway: gauges about the outcome only (design, section 9).
  [[nodiscard]] virtual std::string render_for_push() const = 0;
  virtual void push_failed() = 0;

  // Of a run over many databases, whose events come from several at once: what the calls of one
  // run's observer can't say.  Sums and the rest are the caller's.
  virtual void targets(const TargetCounts& counts) = 0;
  /// That it is one, and among how many processes its databases are divided.
  virtual void shards(std::size_t count) = 0;
  /// One database is done with: counts its error and what it did not reach.
  virtual void target_ended(const engine::RunReport& report) = 0;
  /// Series of its own for one database; they exist from the first call on.
  virtual void target_series(const std::string& name, const engine::SchemaStatus& status) = 0;
  virtual void target_series(const std::string& name, bool succeeded) = 0;
  /// All are done with.
  virtual void whole_ended(const engine::RunReport& report) = 0;
  virtual void locks(bool held, Milliseconds newly_waited) = 0;
  /// The migration that has been running for longest.
  virtual void migration_running(std::string_view version, Timestamp since) = 0;
};

[[nodiscard]] std::unique_ptr<Metrics> make_metrics(const MetricsSettings& settings);

/// Writes `text` beside `path` and renames: a reader sees the old file or the new one.  Throws
/// Error BadConfiguration.
void write_metrics_file(const std::string& path, const std::string& text);

/// The path below a Pushgateway's root: /metrics/job/headway/database/<db>[/namespace/<ns>]
/// [/shard/<n>], values that hold a slash or are empty in base64 form.  Each shard has a group of
/// its own: none overwrites what another one said.
[[nodiscard]] std::string push_path(const std::string& database, const std::string& name_space,
                                    std::optional<std::size_t> shard = std::nullopt);

}  // namespace headway::telemetry
