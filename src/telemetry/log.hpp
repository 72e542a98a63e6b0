// The engine's events as log lines through spdlog: JSON (one object per line) or text, to stderr.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "engine/observer.hpp"

namespace headway::telemetry {

enum class LogFormat { Json, Text };
enum class LogLevel { Debug, Info, Warning, Error };

struct LogSettings {
  LogFormat format = LogFormat::Text;
  LogLevel level = LogLevel::Info;
  std::string database;  ///< logical name, on every line
  bool color = false;    ///< text only
};

/// Writes to standard error.
[[nodiscard]] std::unique_ptr<engine::Observer> make_log_observer(const LogSettings& settings);

/// How a run over many databases ended.
struct TargetsSummary {
  std::string_view command;
  std::string_view run_id;
  int exit_code = 0;
  std::size_t total = 0;
  std::size_t ok = 0;
  std::size_t failed = 0;
  std::size_t not_started = 0;
  std::size_t steps = 0;  ///< done, of all
  Milliseconds duration{};
};
void log_targets(const LogSettings& settings, const TargetsSummary& summary);

/// The line of an error outside of a run: before one could begin, or in a command that has none.
void log_error(const LogSettings& settings, const ErrorInfo& error);

}  // namespace headway::telemetry
