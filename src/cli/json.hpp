// What --output=json prints: one document, one line.  The form of each is described in README.md
// beside this file, and is stable: keys are added, never renamed or removed.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "base/error.hpp"
#include "engine/report.hpp"
#include "engine/use_cases.hpp"
#include "migration/source.hpp"

namespace headway::cli {

[[nodiscard]] std::string json_line(const boost::json::object& document);

[[nodiscard]] boost::json::object error_json(const ErrorInfo& error);
[[nodiscard]] boost::json::object run_json(const engine::RunReport& report,
                                           std::string_view database);
[[nodiscard]] boost::json::object plan_json(const migration::Plan& plan);
[[nodiscard]] boost::json::object status_json(const engine::StatusReport& report,
                                              const migration::Source& source,
                                              migration::Phases phases, std::string_view database);
[[nodiscard]] boost::json::object history_json(const engine::StatusReport& report);
[[nodiscard]] boost::json::array strings_json(const std::vector<std::string>& texts);

/// "apply", "resume", "revert", "repeat", "insert", "remove"
[[nodiscard]] std::string_view action_name(migration::Step::Action action) noexcept;

}  // namespace headway::cli
