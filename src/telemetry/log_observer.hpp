// Turns the engine's events into log lines.  Knows no logger.
#pragma once
#include <memory>
#include <string>

#include "engine/observer.hpp"
#include "telemetry/log.hpp"
#include "telemetry/log_line.hpp"

namespace headway::telemetry {

[[nodiscard]] std::unique_ptr<engine::Observer> make_log_observer(
    std::string database, std::unique_ptr<LogWriter> writer);

[[nodiscard]] LogLine targets_line(std::string_view database, const TargetsSummary& summary);

/// An error outside of a run.
[[nodiscard]] LogLine error_line(std::string_view database, const ErrorInfo& error);

}  // namespace headway::telemetry
