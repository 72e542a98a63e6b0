#include "cli/adapters.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "cli/error_text.hpp"
#include "cli/identity.hpp"
#include "server/http_client.hpp"

namespace headway::cli {
namespace {

constexpr Milliseconds kPushTimeout = std::chrono::seconds{5};

std::vector<std::pair<std::string, std::string>> pairs(const std::vector<std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& text : settings) {
    const auto equals = text.find('=');
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

void write_metrics(const telemetry::Metrics& metrics, const std::string& path,
                   engine::Observer& warnings) {
  try {
    telemetry::write_metrics_file(path, metrics.render());
  } catch (const Error& e) {
    warnings.warning("metrics-file", e.what());
  }
}

void push_metrics(telemetry::Metrics& metrics, const Invocation& invocation,
                  std::optional<std::size_t> shard, engine::Observer& warnings) {
  std::string url = invocation.settings.pushgateway_url;
  while (!url.empty() && url.back() == '/') url.pop_back();
  const std::string* name_space = find_variable(invocation.variables, "HEADWAY_NAMESPACE");
  url += telemetry::push_path(invocation.settings.name, name_space == nullptr ? "" : *name_space,
                              shard);
  const server::HttpResult result =
      server::http_post(url, "text/plain; version=0.0.4", metrics.render_for_push(), kPushTimeout);
  if (result.status >= 200 && result.status < 300) return;
  metrics.push_failed();
  warnings.warning(
      "metrics-push",
      result.problem.empty()
          ? fmt::format("the Pushgateway answered {}: {}", result.status, one_line(result.body))
          : fmt::format("the Pushgateway got nothing: {}", result.problem));
}

}  // namespace

postgres::DatabasePlaces database_places(const Settings& settings, const Variables& variables) {
  postgres::DatabasePlaces places;
  places.url = settings.database_url;
  places.url_source = settings.database_url_source;
  places.url_file = settings.database_url_file;
  places.directory = settings.database_dir;
  places.env = [&variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return places;
}

postgres::ConnectorSettings connector_settings(const Invocation& invocation,
                                               const std::string& run_id) {
  const Settings& settings = invocation.settings;
  const std::string pod = pod_name(invocation.variables);
  postgres::ConnectorSettings s;
  s.history_schema = settings.history_schema;
  s.history_table = settings.history_table;
  s.history_readers = settings.history_readers;
  s.pooler = settings.pooler;
  s.application_name = application_name(pod);
  s.applied_from = pod;
  s.headway_version = std::string(build_info().version);
  s.run_id = run_id;
  s.set = pairs(settings.set);
  s.role = settings.role;
  s.search_path = settings.search_path;
  s.lock_timeout = settings.lock_timeout;
  s.statement_timeout = settings.statement_timeout;
  s.log_literals = settings.log_literals;
  return s;
}

namespace {

/// 0 means without a limit.
std::optional<Milliseconds> unless_zero(std::optional<Milliseconds> limit) {
  return limit && *limit > Milliseconds::zero() ? limit : std::nullopt;
}

}  // namespace

engine::Settings engine_settings(const Settings& s, std::string_view command,
                                 const std::string& run_id) {
  engine::Settings out;
  out.connect_timeout = s.connect_timeout;
  out.auth_retry = s.auth_retry;
  out.lock_wait = s.lock_wait;
  out.shutdown_timeout = s.shutdown_timeout;
  out.statement_timeout = s.statement_timeout;
  out.lock_timeout = s.lock_timeout;
  out.max_replica_lag = unless_zero(s.max_replica_lag);
  out.max_blocked_wait = unless_zero(s.max_blocked_wait ? s.max_blocked_wait : s.lock_timeout);
  out.abort_if_blocking = unless_zero(s.abort_if_blocking);
  out.transactions = s.transaction;
  // What is on its way can't be taken back: who lets the running one finish wants no other begun.
  out.ahead = s.drain == Milliseconds::zero();
  out.policy = s.policy();
  out.adopt = {s.adopt, s.foreign_table, !s.search_path.empty(), s.mirror_history};
  out.command = std::string(command);
  out.run_id = run_id;
  return out;
}

telemetry::LogSettings log_settings(const Invocation& invocation, telemetry::LogLevel level) {
  const Settings& settings = invocation.settings;
  const bool terminal = invocation.err_is_terminal;
  return {
      .format = invocation.logs_json() ? telemetry::LogFormat::Json : telemetry::LogFormat::Text,
      .level = settings.log_level.value_or(level),
      .database = settings.name,
      .color = settings.color == Color::Always || (settings.color == Color::Auto && terminal)};
}

std::string_view run_name(const Command& command) {
  return command.id == CommandId::Serve ? command_of(CommandId::Upgrade).name : command.name;
}

void publish(telemetry::Metrics& metrics, const Invocation& invocation, bool push,
             engine::Observer& warnings, std::optional<std::size_t> shard) noexcept {
  const Settings& settings = invocation.settings;
  try {
    if (push && !settings.pushgateway_url.empty())
      push_metrics(metrics, invocation, shard, warnings);
    if (!settings.metrics_file.empty()) write_metrics(metrics, settings.metrics_file, warnings);
  } catch (...) {
    try {
      warnings.warning("metrics", fmt::format("the metrics are lost: {}", current_error().message));
    } catch (...) {
      return;  // not even that can be told
    }
  }
}

}  // namespace headway::cli
