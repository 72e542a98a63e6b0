// The engine's events as Prometheus metrics (design, section 9).
//
// Thread-safe: the engine's thread writes, the HTTP thread renders.
#pragma once
#include <memory>
#include <string>

#include "engine/observer.hpp"

namespace headway::telemetry {

struct MetricsSettings {
  std::string database;  ///< logical name, never a host or DSN
  std::string version;
  std::string revision;
};

class Metrics : public engine::Observer {
 public:
  /// Text exposition format 0.0.4 of everything.
  [[nodiscard]] virtual std::string render() const = 0;
  /// What goes to a Pushgateway: gauges about the outcome only (design, section 9).
  [[nodiscard]] virtual std::string render_for_push() const = 0;
  virtual void push_failed() = 0;
};

[[nodiscard]] std::unique_ptr<Metrics> make_metrics(const MetricsSettings& settings);

/// Writes `text` beside `path` and renames: a reader sees the old file or the new one.  Throws
/// Error BadConfiguration.
void write_metrics_file(const std::string& path, const std::string& text);

/// The path below a Pushgateway's root: /metrics/job/headway/database/<db>[/namespace/<ns>], values
/// that hold a slash or are empty in base64 form.
[[nodiscard]] std::string push_path(const std::string& database, const std::string& name_space);

}  // namespace headway::telemetry
