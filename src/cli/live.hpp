// What a process is doing, as a value that other threads may ask for: the HTTP endpoints are drawn
// from it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "engine/observer.hpp"

namespace headway::cli {

/// The history beside the source, as it was last read; the migration that runs is not in it yet.
struct LiveHistory {
  struct Row {
    std::string version;
    std::string name;
    std::string state;  ///< "applied", "running", "failed"
    Timestamp applied_at{};
    std::optional<Microseconds> duration;
  };
  struct Named {
    std::string version;  ///< empty for repeatables
    std::string name;
  };
  std::vector<Row> applied;        ///< in the order of application
  std::vector<Named> pending;      ///< of the phases that this process looks at
  std::vector<Named> other_phase;  ///< pending there
  std::vector<Named> unknown;      ///< applied by a newer source
};

struct LiveStatus {
  std::string database;  ///< logical name
  Timestamp started{};   ///< this process
  std::string run_id;    ///< of the run that goes on, or of the last one
  engine::State state = engine::State::Connecting;
  bool at_target = false;  ///< it was once: latches
  bool degraded = false;   ///< the run failed, and a lenient environment lets things start
  bool database_up = false;
  std::optional<engine::SchemaStatus> schema;
  std::shared_ptr<const LiveHistory> history;  ///< null before it was first read
  std::optional<Timestamp> looked_at;          ///< when it was read

  struct Running {
    std::string version;
    std::string name;
    std::size_t index = 0;  ///< 0-based, of `total` steps
    std::size_t total = 0;
    std::size_t statement = 0;  ///< 1-based; 0: none began yet
    std::size_t statements = 0;
    Timestamp since{};
    engine::Activity around;
  };
  std::optional<Running> running;
  std::string waiting_for;  ///< a sentence while it waits for a server or the lock, else empty

  struct Run {
    std::string command;
    std::string run_id;
    Timestamp started{};
    Milliseconds duration{};
    std::size_t done = 0;  ///< steps
    std::optional<ErrorInfo> error;
  };
  std::optional<Run> last_run;  ///< once it has ended

  /// What this process has applied since the history was read, and reverted.
  std::vector<LiveHistory::Row> done;
  std::vector<std::string> reverted;

  /// `history` with what was done since; without repeatables, which have no place in the chain.
  [[nodiscard]] std::vector<LiveHistory::Row> applied_now() const;
  [[nodiscard]] std::vector<LiveHistory::Named> pending_now() const;
};

/// Thread-safe: the engine's thread tells, any thread asks.
class LiveView final : public engine::Observer {
 public:
  /// `clock` outlives this.
  LiveView(std::string database, const Clock& clock,
           migration::Phases phases = migration::Phases::All);

  [[nodiscard]] LiveStatus status() const;
  /// Whoever waits for the schema may start in spite of the run's failure.
  void let_start_degraded();

  void state_changed(engine::State state) override;
  void run_started(std::string_view command, std::string_view run_id) override;
  void connect_failed(const ErrorInfo& error, int attempt, Milliseconds next_try) override;
  void connected(const engine::ServerInfo& server) override;
  void database_up(bool up) override;
  void lock_waiting(const engine::LockAttempt& attempt, Milliseconds waited) override;
  void lock_acquired(Milliseconds waited) override;
  void schema_status(const engine::SchemaStatus& status) override;
  void step_started(const engine::StepInfo& step) override;
  void statement_started(const engine::StepInfo& step, std::size_t index,
                         const engine::PreparedStatement& statement) override;
  void step_finished(const engine::StepInfo& step, Microseconds duration) override;
  void step_failed(const engine::StepInfo& step, const ErrorInfo& error,
                   Microseconds duration) override;
  void retrying(std::string_view reason, const ErrorInfo& error, int attempt,
                Milliseconds pause) override;
  void history_read(const migration::Source& source, const migration::History& history,
                    const migration::Reconciliation& state) override;
  void activity(const engine::Activity& activity) override;
  void run_finished(const engine::RunReport& report) override;

 private:
  const Clock& clock_;
  const migration::Phases phases_;
  mutable Mutex mutex_;
  LiveStatus status_ HEADWAY_GUARDED_BY(mutex_);
};

}  // namespace headway::cli
