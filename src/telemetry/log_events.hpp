// The events of the log as one table: what alerts and queries may name.  The page is made from it,
// and a test holds every line that is written against it.
#pragma once
#include <span>
#include <string_view>

namespace headway::telemetry {

struct LogEvent {
  std::string_view name;
  std::string_view level;   ///< where it has two, the second one in parentheses
  std::string_view fields;  ///< its own, with a blank between; STEP and ERROR stand for groups
  std::string_view meaning;
};

[[nodiscard]] std::span<const LogEvent> log_events() noexcept;

/// On every line, behind `time`, `level`, `event` and `message`.
inline constexpr std::string_view kCommonFields = "database run_id";
inline constexpr std::string_view kStepFields = "version name action step steps";
inline constexpr std::string_view kErrorFields =
    "error_id error_kind error file line column statement sqlstate server_message hint detail";

}  // namespace headway::telemetry
