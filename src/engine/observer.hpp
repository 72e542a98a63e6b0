// The engine tells; logs, metrics and the terminal draw.  Every call has an empty default.  Calls
// come from the engine's thread, one at a time; an implementation that is read elsewhere locks for
// itself.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "engine/connection.hpp"
#include "engine/report.hpp"
#include "migration/plan.hpp"

namespace headway::engine {

enum class State { Connecting, WaitingLock, Validating, Applying, Done, Failed };
[[nodiscard]] std::string_view state_name(State state) noexcept;

/// Figures about the schema, whenever they are newly known.
struct SchemaStatus {
  std::string current_version;  ///< "base" if none
  std::string target_version;
  std::size_t applied = 0;
  std::size_t pending = 0;
  std::size_t checksum_mismatches = 0;
  bool dirty = false;
  bool ahead = false;
};

struct StepInfo {
  const migration::Step& step;
  std::size_t index;       ///< 0-based
  std::size_t total;       ///< steps of the plan
  std::size_t statements;  ///< of this step's script
};

/// A batch that is done.
struct BatchReport {
  const migration::Batch& batch;
  std::size_t statement;              ///< 0-based
  migration::BatchProgress progress;  ///< all of it, of earlier runs as well
  Microseconds duration{};            ///< of this run
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void state_changed(State) {}
  virtual void run_started(std::string_view /*command*/, std::string_view /*run_id*/) {}
  virtual void connect_failed(const ErrorInfo&, int /*attempt*/, Milliseconds /*next_try*/) {}
  virtual void connected(const ServerInfo&) {}
  virtual void database_up(bool) {}
  virtual void lock_waiting(const LockAttempt&, Milliseconds /*waited*/) {}
  virtual void lock_acquired(Milliseconds /*waited*/) {}
  virtual void lock_released() {}
  virtual void schema_status(const SchemaStatus&) {}
  virtual void planned(const migration::Plan&) {}
  virtual void step_started(const StepInfo&) {}
  virtual void statement_started(const StepInfo&, std::size_t /*index*/, const PreparedStatement&) {
  }
  virtual void batch_finished(const StepInfo&, const BatchReport&) {}
  virtual void step_finished(const StepInfo&, Microseconds) {}
  virtual void step_failed(const StepInfo&, const ErrorInfo&, Microseconds) {}
  virtual void retrying(std::string_view /*reason*/, const ErrorInfo&, int /*attempt*/,
                        Milliseconds /*pause*/) {}
  virtual void warning(std::string_view /*id*/, std::string_view /*message*/) {}
  /// What goes on around the running migration, about once a second while there is something to
  /// tell, and once empty when it is over.  From a thread of its own, while calls of the engine's
  /// thread go on.
  virtual void activity(const Activity&) {}
  /// Nobody looks around: the connection for it was refused, or lost.  From the same thread.
  virtual void unattended(const ErrorInfo&) {}
  /// `wait` has looked, and the database is not at its target yet.
  virtual void not_yet(std::string_view /*reason*/, Milliseconds /*waited*/) {}
  /// The history was read; the references live as long as the call.
  virtual void history_read(const migration::Source&, const migration::History&,
                            const migration::Reconciliation&) {}
  /// What was warned of is over.
  virtual void recovered(std::string_view /*message*/) {}
  virtual void run_finished(const RunReport&) {}
};

}  // namespace headway::engine
