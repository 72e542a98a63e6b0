// What the HTTP endpoints answer, from a value: paths, status codes and the JSON of /status and the
// probes.  README.md beside this file describes it; keys are added, never renamed or removed.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "cli/live.hpp"
#include "server/http_server.hpp"

namespace headway::cli {

/// Whether the schema is where the application needs it: the answer of /startupz.
[[nodiscard]] bool has_started(const LiveStatus& status) noexcept;
/// The answer of /readyz: started, and nothing half applied.
[[nodiscard]] bool is_ready(const LiveStatus& status) noexcept;

/// /status: all of it.
[[nodiscard]] boost::json::object live_json(const LiveStatus& status, Timestamp now);
/// /startupz and /readyz: what somebody at a failing probe wants to know.
[[nodiscard]] boost::json::object probe_json(const LiveStatus& status, Timestamp now);

/// Everything but /metrics, which needs no LiveStatus.  404 for paths that there are not.
[[nodiscard]] server::HttpResponse respond(std::string_view path, const LiveStatus& status,
                                           Timestamp now);

}  // namespace headway::cli
