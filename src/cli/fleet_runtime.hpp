// The adapters of a run over many targets, and the threads that work on them.
//
// Each thread has a connection, a clock and a chance of its own, so that the engine stays what it
// is: single-threaded.  They share the source, which nobody changes, and FleetQueue and
// FleetObserver, which lock.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/system_clock.hpp"
#include "cli/fleet.hpp"
#include "cli/fleet_observer.hpp"
#include "cli/fleet_queue.hpp"
#include "cli/invocation.hpp"
#include "cli/live.hpp"
#include "cli/runtime.hpp"
#include "cli/scrapes.hpp"
#include "cli/targets_file.hpp"
#include "postgres/fleet_reader.hpp"
#include "server/http_server.hpp"
#include "server/signals.hpp"
#include "telemetry/metrics.hpp"

namespace headway::cli {

/// What is done to each target.  Called from several threads at once; throws Error.
struct FleetTask {
  bool writes = false;
  /// From a history that was read together with others'.  Nothing: this one needs a run of its own.
  std::function<std::optional<TargetResult>(const engine::HistorySnapshot&)> look;
  std::function<TargetResult(engine::Context&)> run;
};

class FleetRuntime {
 public:
  /// Starts what watches the run: signals, log, metrics.  `invocation` outlives the runtime.
  FleetRuntime(const Invocation& invocation, Runtime::Access access);
  ~FleetRuntime();
  FleetRuntime(const FleetRuntime&) = delete;
  FleetRuntime& operator=(const FleetRuntime&) = delete;

  /// Reads the file, asks its queries, and leaves out other shards' targets.  Throws Error.
  void read_targets();
  /// The task for all targets.  Throws nothing that a target or its database refuses.
  void run(const FleetTask& task);
  /// Again, for the targets that `which` chooses by how they ended.
  void run_again(const FleetTask& task, const std::function<bool(const TargetResult&)>& which);
  /// Sums up: the report is complete.
  const FleetReport& finish();
  /// Before finish(): the run ends because of `error`, and no target was begun.
  void fail_before_start(ErrorInfo error) { report_.stopped = std::move(error); }

  [[nodiscard]] const FleetReport& report() const noexcept { return report_; }
  [[nodiscard]] std::size_t size() const noexcept { return targets_.size(); }
  [[nodiscard]] Clock& clock() noexcept { return clock_; }
  [[nodiscard]] std::mt19937_64& random() noexcept { return random_; }
  [[nodiscard]] std::stop_token stop_token() const { return signals_->soon(); }
  [[nodiscard]] bool logs() const noexcept { return logs_; }
  void warn(std::string_view id, std::string_view message) { log_->warning(id, message); }
  /// What is true of a thousand targets is told once.
  void warn_once(std::string_view id, const std::string& message);

  void publish() noexcept;
  void write_termination_log(int exit_code) noexcept;
  void await_scrapes(Milliseconds longest);

 private:
  /// What targets of one group share.
  struct Place {
    std::atomic<bool> warned = false;       ///< of what its URL holds
    std::atomic<bool> unreachable = false;  ///< the patience for it is spent
    std::atomic<bool> refused = false;      ///< so is that for its credentials
  };
  class Worker;

  [[nodiscard]] std::unique_ptr<engine::Observer> make_log(const std::string& database) const;
  void log_failure(const std::string& target, const ErrorInfo& error) const;
  [[nodiscard]] postgres::ConnectionParameters locate(const Target& target);
  [[nodiscard]] postgres::ConnectorSettings connector_settings(const Target& target);
  [[nodiscard]] std::vector<std::string> ask(const TargetGroup& group, std::size_t index);
  [[nodiscard]] std::unique_ptr<postgres::FleetReader> connect_reader(const Target& target,
                                                                      std::mt19937_64& random);
  [[nodiscard]] engine::Settings patience(Place& place) const;
  void lose_patience(Place& place, const ErrorInfo& error);
  [[nodiscard]] std::deque<FleetJob> jobs(const std::vector<std::size_t>& which,
                                          const FleetTask& task) const;
  void work(const std::vector<std::size_t>& which, const FleetTask& task);
  [[nodiscard]] server::HttpResponse respond(std::string_view path);

  const Invocation& invocation_;
  const Settings& settings_;
  const Runtime::Access access_;
  const std::string run_id_;
  SystemClock clock_;
  std::mt19937_64 random_;
  std::unique_ptr<server::SignalWatcher> signals_;
  bool logs_ = false;
  std::size_t shard_ = 0;  ///< which one this process is
  std::unique_ptr<engine::Observer> log_;
  std::unique_ptr<telemetry::Metrics> metrics_;
  std::unique_ptr<LiveView> live_;
  Scrapes scrapes_;
  std::unique_ptr<FleetObserver> observer_;
  std::unique_ptr<server::HttpServer> http_;
  engine::Settings engine_settings_;

  Mutex mutex_;
  std::set<std::string> warned_ HEADWAY_GUARDED_BY(mutex_);

  std::vector<TargetGroup> groups_;
  std::vector<Target> targets_;
  std::vector<std::unique_ptr<Place>> places_;
  FleetReport report_;
  Clock::Steady started_;
};

}  // namespace headway::cli
