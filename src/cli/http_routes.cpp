#include "cli/http_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "cli/error_text.hpp"
#include "cli/json.hpp"
#include "cli/status_page.hpp"
#include "cli/text.hpp"

namespace headway::cli {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(view(text));
}

double seconds(Microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

double seconds_between(Timestamp from, Timestamp to) {
  return to < from ? 0 : seconds(std::chrono::duration_cast<Microseconds>(to - from));
}

/// The endpoint asks for no password: what others run is not shown there.
json::array sessions_json(const std::vector<engine::SessionSeen>& sessions) {
  json::array out;
  for (const engine::SessionSeen& session : sessions) {
    json::object one{{"pid", session.pid},
                     {"application", text_or_null(session.application_name)},
                     {"state", text_or_null(session.state)},
                     {"waited_seconds", static_cast<double>(session.waited.count()) / 1000}};
    one["transaction_seconds"] =
        session.transaction_age
            ? json::value(static_cast<double>(session.transaction_age->count()) / 1000)
            : nullptr;
    out.push_back(std::move(one));
  }
  return out;
}

json::value progress_json(const std::optional<engine::CommandProgress>& progress) {
  if (!progress) return nullptr;
  json::object out{{"command", view(progress->command)}, {"phase", view(progress->phase)}};
  out["ratio"] = progress->ratio ? json::value(*progress->ratio) : nullptr;
  return out;
}

json::value running_json(const LiveStatus& status, Timestamp now) {
  if (!status.running) return nullptr;
  const LiveStatus::Running& running = *status.running;
  return json::object{{"version", text_or_null(running.version)},
                      {"name", view(running.name)},
                      {"step", running.index + 1},
                      {"steps", running.total},
                      {"statement", running.statement},
                      {"statements", running.statements},
                      {"started", format_rfc3339(running.since)},
                      {"elapsed_seconds", seconds_between(running.since, now)},
                      {"waits_for", sessions_json(running.around.blocking)},
                      {"blocks", sessions_json(running.around.blocked)},
                      {"progress", progress_json(running.around.progress)}};
}

/// Not error_json(): a page on the network shows no statements and no files.
json::value brief_error(const std::optional<ErrorInfo>& error) {
  if (!error) return nullptr;
  return json::object{{"id", view(error->id_text())},
                      {"exit_code", error->exit_code()},
                      {"message", view(error->message)},
                      {"version", text_or_null(error->version)},
                      {"sqlstate", text_or_null(error->sqlstate)},
                      {"next", view(error->next_step())}};
}

json::value last_run_json(const LiveStatus& status) {
  if (!status.last_run) return nullptr;
  const LiveStatus::Run& run = *status.last_run;
  return json::object{{"command", view(run.command)},
                      {"run_id", view(run.run_id)},
                      {"started", format_rfc3339(run.started)},
                      {"duration_seconds", seconds(run.duration)},
                      {"success", !run.error},
                      {"exit_code", run.error ? run.error->exit_code() : 0},
                      {"steps_done", run.done},
                      {"error", brief_error(run.error)}};
}

/// Many slow readers of a long list would take more memory than a sidecar has.
constexpr std::size_t kListed = 200;

json::array named_json(const std::vector<LiveHistory::Named>& rows) {
  json::array out;
  for (const LiveHistory::Named& row : rows) {
    if (out.size() == kListed) break;
    out.push_back(json::object{{"version", text_or_null(row.version)}, {"name", view(row.name)}});
  }
  return out;
}

server::HttpResponse json_response(int status, const json::object& document) {
  return {status, "application/json", json_line(document)};
}

}  // namespace

bool has_started(const LiveStatus& status) noexcept { return status.at_target || status.degraded; }

bool is_ready(const LiveStatus& status) noexcept {
  return has_started(status) && !(status.schema && status.schema->dirty);
}

json::object probe_json(const LiveStatus& status, Timestamp now) {
  json::object out{{"started", has_started(status)},
                   {"degraded", status.degraded},
                   {"state", view(engine::state_name(status.state))},
                   {"elapsed_seconds", seconds_between(status.started, now)}};
  const bool known = status.schema.has_value();
  out["current"] = known ? json::value(view(status.schema->current_version)) : nullptr;
  out["target"] = known ? json::value(view(status.schema->target_version)) : nullptr;
  out["pending"] = known ? json::value(status.schema->pending) : nullptr;
  out["dirty"] = known ? json::value(status.schema->dirty) : nullptr;
  out["waiting_for"] = text_or_null(status.waiting_for);
  out["running"] = running_json(status, now);
  out["error"] = brief_error(status.last_run ? status.last_run->error : std::nullopt);
  return out;
}

json::object live_json(const LiveStatus& status, Timestamp now) {
  json::object out{{"database", view(status.database)},
                   {"state", view(engine::state_name(status.state))},
                   {"started", has_started(status)},
                   {"ready", is_ready(status)},
                   {"degraded", status.degraded},
                   {"database_up", status.database_up},
                   {"up_since", format_rfc3339(status.started)},
                   {"elapsed_seconds", seconds_between(status.started, now)}};
  const bool known = status.schema && status.history;
  const auto pending = status.pending_now();
  out["current"] = known ? json::value(view(status.schema->current_version)) : nullptr;
  out["target"] = known ? json::value(view(status.schema->target_version)) : nullptr;
  out["up_to_date"] = known ? json::value(pending.empty() && !status.schema->dirty &&
                                          status.schema->checksum_mismatches == 0)
                            : nullptr;
  out["ahead"] = known ? json::value(status.schema->ahead) : nullptr;
  out["dirty"] = known ? json::value(status.schema->dirty) : nullptr;
  out["checksum_mismatches"] = known ? json::value(status.schema->checksum_mismatches) : nullptr;
  out["applied"] = known ? json::value(status.schema->applied) : nullptr;
  out["pending_count"] = known ? json::value(pending.size()) : nullptr;
  out["pending"] = known ? json::value(named_json(pending)) : nullptr;
  out["pending_other_phase"] =
      known ? json::value(named_json(status.history->other_phase)) : nullptr;
  out["unknown"] = known ? json::value(named_json(status.history->unknown)) : nullptr;
  out["looked_at"] = status.looked_at ? json::value(format_rfc3339(*status.looked_at)) : nullptr;
  out["waiting_for"] = text_or_null(status.waiting_for);
  out["running"] = running_json(status, now);
  out["last_run"] = last_run_json(status);
  return out;
}

server::HttpResponse respond(std::string_view path, const LiveStatus& status, Timestamp now) {
  if (path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
  if (path == "/startupz") {
    return json_response(has_started(status) ? 200 : 503, probe_json(status, now));
  }
  if (path == "/readyz")
    return json_response(is_ready(status) ? 200 : 503, probe_json(status, now));
  if (path == "/status") return json_response(200, live_json(status, now));
  if (path == "/") return {200, "text/html; charset=utf-8", status_page(status, now)};
  return {404, "text/plain; charset=utf-8",
          "not found; there are /metrics, /healthz, /startupz, /readyz, /status and /\n"};
}

}  // namespace headway::cli
