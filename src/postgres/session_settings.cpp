#include "postgres/session_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

constexpr std::string_view kConnectionCheck = "client_connection_check_interval";
constexpr int kHasTransactionTimeout = 170000;

std::string milliseconds(const std::optional<Milliseconds>& timeout) {
  return timeout ? std::to_string(timeout->count()) : std::string("0");
}

std::string path_text(const std::vector<std::string>& schemas) {
  std::string out;
  for (const auto& schema : schemas) {
    if (!out.empty()) out += ", ";
    out += sql::quote_identifier(schema);
  }
  return out;
}

}  // namespace

SessionSettings::SessionSettings(const ConnectorSettings& settings,
                                 const ConnectionParameters& parameters, int server_version)
    : role_(settings.role) {
  // A pod that died without a word: its backend must not keep the lock for two hours.  While a
  // statement runs the server looks every second, so that the next pod goes on at once.
  connection_values_ = {
      {std::string(kConnectionCheck), "1s"}, {"tcp_keepalives_idle", "15"},
      {"tcp_keepalives_interval", "5"},      {"tcp_keepalives_count", "3"},
      {"tcp_user_timeout", "30s"},
  };
  values_ = {
      {"statement_timeout", milliseconds(settings.statement_timeout)},
      {"lock_timeout", milliseconds(settings.lock_timeout)},
      {"idle_in_transaction_session_timeout", "0"},
      {"idle_session_timeout", "0"},
      {"standard_conforming_strings", "on"},
      // An owner under FORCE ROW LEVEL SECURITY would silently update no row at all.
      {"row_security", "off"},
  };
  if (server_version >= kHasTransactionTimeout) values_.emplace_back("transaction_timeout", "0");
  values_.insert(values_.end(), parameters.settings.begin(), parameters.settings.end());
  // The server then tells what it looks through.
  if (settings.sink != nullptr) values_.emplace_back("client_min_messages", "debug1");
  values_.insert(values_.end(), settings.set.begin(), settings.set.end());
  const auto& path = settings.search_path.empty() ? parameters.search_path : settings.search_path;
  if (!path.empty()) values_.emplace_back("search_path", path_text(path));
}

std::string SessionSettings::sql(bool local, std::optional<int> only_pid) const {
  std::string rows;
  const auto add = [&rows](const Values& values) {
    for (const auto& [name, value] : values) {
      if (!rows.empty()) rows += ", ";
      rows += fmt::format("({}::pg_catalog.text, {}::pg_catalog.text)", sql::quote_literal(name),
                          sql::quote_literal(value));
    }
  };
  // Behind a transaction pooler the server's connection is the pooler's.
  if (!local) add(connection_values_);
  add(values_);
  // Last: another role might not be allowed to set the others.
  add(kept_);
  if (!role_.empty()) add({{"role", role_}});
  auto out = fmt::format(
      "SELECT pg_catalog.set_config(s.name, s.value, {}) FROM (VALUES {}) AS s (name, value)",
      local, rows);
  if (only_pid) {
    out += fmt::format(" WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {}", *only_pid);
  }
  return out + ";\n";
}

bool SessionSettings::is_own(std::string_view name) const {
  // What the protocol, a transaction or a BEGIN of ours says anew, and what is never to stay.
  static constexpr std::array<std::string_view, 8> kOthers{"application_name",
                                                           "client_encoding",
                                                           "session_replication_role",
                                                           "transaction_isolation",
                                                           "transaction_read_only",
                                                           "transaction_deferrable",
                                                           "default_transaction_isolation",
                                                           "default_transaction_read_only"};
  const auto same = [name](const auto& value) { return value.first == name; };
  if (name == "search_path") return false;
  return std::ranges::find(kOthers, name) != kOthers.end() || std::ranges::any_of(values_, same) ||
         std::ranges::any_of(connection_values_, same);
}

std::string SessionSettings::session_sql(std::optional<int> only_pid) const {
  return sql(false, only_pid);
}

std::string SessionSettings::transaction_sql() const { return sql(true, std::nullopt); }

std::string SessionSettings::role_sql(bool local) const {
  if (role_.empty()) return "RESET ROLE";
  return (local ? "SET LOCAL ROLE " : "SET ROLE ") + sql::quote_identifier(role_);
}

void SessionSettings::without_connection_check() {
  std::erase_if(connection_values_,
                [](const auto& value) { return value.first == kConnectionCheck; });
}

bool SessionSettings::has_connection_check() const {
  return std::any_of(connection_values_.begin(), connection_values_.end(),
                     [](const auto& value) { return value.first == kConnectionCheck; });
}

std::optional<Milliseconds> parse_time_setting(std::string_view text) {
  std::int64_t amount = 0;
  const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (problem != std::errc{}) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (unit == "ms") return Milliseconds(amount);
  if (unit == "s") return std::chrono::seconds(amount);
  if (unit == "min") return std::chrono::minutes(amount);
  if (unit == "h") return std::chrono::hours(amount);
  if (unit == "d") return std::chrono::days(amount);
  return std::nullopt;
}

}  // namespace headway::postgres
