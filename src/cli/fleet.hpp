// One run over many targets as values: who is whose shard's, how each ended, what the whole says.
// Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "engine/observer.hpp"
#include "migration/plan.hpp"

namespace headway::cli {

/// Which of `count` shards a target belongs to.  The same everywhere and for ever: a rerun on other
/// machines must not move it.  REQUIRES: count > 0.
[[nodiscard]] std::size_t shard_of(std::string_view name, std::size_t count);

/// How one target ended.
struct TargetResult {
  enum class State { NotStarted, Ok, Failed };
  std::string name;
  State state = State::NotStarted;
  std::optional<engine::SchemaStatus> schema;  ///< as far as it was seen
  std::string current;
  std::string target;
  std::size_t done = 0;                ///< steps that were committed
  std::vector<migration::Step> steps;  ///< planned, not done; their `row` is null
  std::optional<ErrorInfo> error;
  Milliseconds duration{};
};

struct FleetReport {
  std::string command;
  std::string run_id;
  Timestamp started{};
  Milliseconds duration{};
  std::vector<TargetResult> results;  ///< in the order of the file
  std::size_t elsewhere = 0;          ///< other shards' targets
  /// What ended all of it: a signal, or an error before the first target was begun.
  std::optional<ErrorInfo> stopped;

  struct Counts {
    std::size_t total = 0;
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::size_t not_started = 0;
    std::size_t changed = 0;  ///< with something done, also of those that failed then
    std::size_t done = 0;     ///< steps
    std::size_t pending = 0;  ///< targets that have something to do
  };
  [[nodiscard]] Counts counts() const;
  /// The error whose exit code is that of the whole: an interruption, else the first `fail` code,
  /// else the first one there is; null if none failed.
  [[nodiscard]] const ErrorInfo* deciding_error() const;
  /// What is planned anywhere, each migration once, in the order in which they would run.
  [[nodiscard]] migration::Plan pending_anywhere() const;
  /// Whose error that is; null if none failed, or what ended all of it decides.
  [[nodiscard]] const TargetResult* deciding_result() const;
};

}  // namespace headway::cli
