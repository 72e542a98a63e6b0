// The adapters of one run.  This is the only place that builds them, each when it is first needed:
// a command that reads files starts neither threads nor connections.
#pragma once
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "base/system_clock.hpp"
#include "cli/connect_ahead.hpp"
#include "cli/invocation.hpp"
#include "cli/live.hpp"
#include "cli/observer_list.hpp"
#include "cli/scrapes.hpp"
#include "engine/use_cases.hpp"
#include "formats/detect.hpp"
#include "migration/source.hpp"
#include "postgres/conninfo.hpp"
#include "server/http_server.hpp"
#include "server/signals.hpp"
#include "telemetry/metrics.hpp"

namespace headway::cli {

/// The directory that --migrations names, or the default one.
[[nodiscard]] std::string source_directory(const Settings& settings);
/// Whether there is a directory where migrations are looked for without --migrations.
[[nodiscard]] bool has_default_source();
struct LoadedSource {
  migration::Source source;
  formats::Detection detection;  ///< whose it is, and why if that was found out
};
/// Reads and checks the source.  Throws Error (kind BadSource).
[[nodiscard]] LoadedSource load_source_and_format(const Settings& settings);
[[nodiscard]] migration::Source load_source(const Settings& settings);
/// On standard error, for commands without a Runtime.
void print_warnings(const Invocation& invocation, std::string_view id,
                    const std::vector<std::string>& warnings);

class Runtime {
 public:
  enum class Access {
    Read,   ///< the answer is what counts
    Wait,   ///< reads, and tells meanwhile what it waits for
    Write,  ///< leaves a trace
  };

  /// Starts what watches the run: signals, log, metrics.  Throws Error BadConfiguration.
  /// `invocation` outlives the runtime.
  Runtime(const Invocation& invocation, Access access);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Begins the first attempt to connect, to be called before the source is read: the server starts
  /// a process for us meanwhile.  What is wrong is told by context() and by the attempt's taker.
  void connect_ahead() noexcept;
  /// For the use cases.  Throws Error NoDatabase at the first call; does not connect.
  [[nodiscard]] engine::Context& context();

  /// A report of a run that never began because of `error`; the observers have heard of it.
  [[nodiscard]] engine::RunReport failed_before_start(ErrorInfo error);
  /// Writes and pushes the metrics of a finished run.  Never throws: a run's outcome does not
  /// depend on who hears of it.
  void publish(const engine::RunReport& report) noexcept;

  /// Writes how the container ends, where Kubernetes looks for it.  Never throws.
  void write_termination_log(const engine::RunReport& report, int exit_code) noexcept;

  /// With --http: stays until /metrics was read twice, a signal came, or `longest` has passed.
  void await_scrapes(Milliseconds longest);
  /// With --http: the probes let the application start in spite of the run's failure.
  void let_start_degraded();
  /// Signals don't change any more how the process ends.
  void exit_with(int code) { signals_->exit_with(code); }
  [[nodiscard]] std::stop_token stop_token() const { return signals_->soon(); }

  /// Whether standard error has a log, which tells of errors as fully as their three lines.
  [[nodiscard]] bool logs() const noexcept { return logs_; }
  void warn(std::string_view id, std::string_view message) { observers_.warning(id, message); }
  void recovered(std::string_view message) { observers_.recovered(message); }

 private:
  void build_observers();
  void build_metrics();
  [[nodiscard]] server::HttpResponse respond(std::string_view path);
  void build_connector();
  [[nodiscard]] postgres::ConnectionParameters locate();

  const Invocation& invocation_;
  const Settings& settings_;
  const Access access_;
  std::string run_id_;
  SystemClock clock_;
  std::mt19937_64 random_;
  ObserverList observers_;
  std::unique_ptr<server::SignalWatcher> signals_;
  std::unique_ptr<engine::Observer> console_;  ///< log or progress
  bool logs_ = false;
  std::unique_ptr<telemetry::Metrics> metrics_;
  std::unique_ptr<LiveView> live_;
  Scrapes scrapes_;
  std::unique_ptr<server::HttpServer> http_;
  std::optional<postgres::ConnectionParameters> located_;  ///< for the attempt that is made ahead
  bool warned_ = false;                                    ///< of what the places hold
  std::unique_ptr<ConnectAhead> connector_;
  std::optional<engine::Context> context_;
};

}  // namespace headway::cli
