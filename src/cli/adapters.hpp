// Settings in the words of the adapters and the engine: what a run on one database and a run on
// many have in common.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cli/invocation.hpp"
#include "engine/use_cases.hpp"
#include "postgres/connector.hpp"
#include "postgres/conninfo.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace headway::cli {

/// `variables` outlive what is returned.
[[nodiscard]] postgres::DatabasePlaces database_places(const Settings& settings,
                                                       const Variables& variables);
/// All but where the database is, and whether it is only read.
[[nodiscard]] postgres::ConnectorSettings connector_settings(const Invocation& invocation,
                                                             const std::string& run_id);
[[nodiscard]] engine::Settings engine_settings(const Settings& settings, std::string_view command,
                                               const std::string& run_id);
[[nodiscard]] telemetry::LogSettings log_settings(const Invocation& invocation,
                                                  telemetry::LogLevel level);
/// What the run is called in logs and events: that of `serve` ends long before the command does.
[[nodiscard]] std::string_view run_name(const Command& command);

/// Writes and pushes the metrics of a finished run.  `push`: it changed something or failed.  Never
/// throws: a run's outcome does not depend on who hears of it; `warnings` hears of what goes wrong.
/// `shard`: of several that push.
void publish(telemetry::Metrics& metrics, const Invocation& invocation, bool push,
             engine::Observer& warnings, std::optional<std::size_t> shard = std::nullopt) noexcept;

}  // namespace headway::cli
