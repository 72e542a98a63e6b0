// The engine's events as log lines through spdlog: JSON (one object per line) or text, to stderr.
#pragma once
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

/// The line of an error outside of a run: before one could begin, or in a command that has none.
void log_error(const LogSettings& settings, const ErrorInfo& error);

}  // namespace headway::telemetry
