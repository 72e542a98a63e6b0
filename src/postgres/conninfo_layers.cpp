#include "postgres/conninfo_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "postgres/conninfo_parameters.hpp"

namespace headway::postgres {
namespace {

struct Variable {
  const char* name;
  const char* parameter;
};

// Left out: PGAPPNAME and PGCLIENTENCODING, which are Headway's own to say.
constexpr std::array kVariables{
    Variable{"PGHOST", "host"},
    Variable{"PGHOSTADDR", "hostaddr"},
    Variable{"PGPORT", "port"},
    Variable{"PGDATABASE", "dbname"},
    Variable{"PGUSER", "user"},
    Variable{"PGPASSWORD", "password"},
    Variable{"PGPASSFILE", "passfile"},
    Variable{"PGCHANNELBINDING", "channel_binding"},
    Variable{"PGREQUIREAUTH", "require_auth"},
    Variable{"PGOPTIONS", "options"},
    Variable{"PGCONNECT_TIMEOUT", "connect_timeout"},
    Variable{"PGSSLMODE", "sslmode"},
    Variable{"PGSSLNEGOTIATION", "sslnegotiation"},
    Variable{"PGSSLCOMPRESSION", "sslcompression"},
    Variable{"PGSSLCERT", "sslcert"},
    Variable{"PGSSLKEY", "sslkey"},
    Variable{"PGSSLCERTMODE", "sslcertmode"},
    Variable{"PGSSLROOTCERT", "sslrootcert"},
    Variable{"PGSSLCRL", "sslcrl"},
    Variable{"PGSSLCRLDIR", "sslcrldir"},
    Variable{"PGSSLSNI", "sslsni"},
    Variable{"PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"},
    Variable{"PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"},
    Variable{"PGREQUIREPEER", "requirepeer"},
    Variable{"PGGSSENCMODE", "gssencmode"},
    Variable{"PGGSSDELEGATION", "gssdelegation"},
    Variable{"PGKRBSRVNAME", "krbsrvname"},
    Variable{"PGGSSLIB", "gsslib"},
    Variable{"PGTARGETSESSIONATTRS", "target_session_attrs"},
    Variable{"PGLOADBALANCEHOSTS", "load_balance_hosts"},
    Variable{"PGMINPROTOCOLVERSION", "min_protocol_version"},
    Variable{"PGMAXPROTOCOLVERSION", "max_protocol_version"},
};

std::string_view trim(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

template <typename Items>
void append_to(Items& items, Items more) {
  std::move(more.begin(), more.end(), std::back_inserter(items));
}

void append(ConnectionParameters& parameters, ConnectionParameters more) {
  append_to(parameters.keywords, std::move(more.keywords));
  append_to(parameters.search_path, std::move(more.search_path));
  append_to(parameters.settings, std::move(more.settings));
  append_to(parameters.warnings, std::move(more.warnings));
}

/// Nothing if the file has no such section.
std::optional<ConnectionParameters> read_section(const std::string& path,
                                                 const std::string& service) {
  std::ifstream file(path);
  const std::string source = fmt::format("service \"{}\" in {}", service, path);
  ParameterTranslator translator(source, Dialect::Libpq);
  bool inside = false;
  bool found = false;
  for (std::string text; std::getline(file, text);) {
    const std::string_view line = trim(text);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[')) {
      inside = !found && line == fmt::format("[{}]", service);
      found = found || inside;
      continue;
    }
    if (!inside) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || line.starts_with("ldap")) {
      refuse_url(source, "a line is not of the form parameter=value");
    }
    translator.add({std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))});
  }
  if (!found) return std::nullopt;
  return std::move(translator).finish();
}

}  // namespace

std::optional<std::string> get_variable(const Environment& env, const std::string& name) {
  if (!env) return std::nullopt;
  std::optional<std::string> value = env(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

ConnectionParameters read_environment(const Environment& env) {
  ConnectionParameters out;
  for (const auto& variable : kVariables) {
    const auto value = get_variable(env, variable.name);
    if (!value) continue;
    ParameterTranslator translator(variable.name, Dialect::Libpq);
    translator.add({variable.parameter, *value});
    append(out, std::move(translator).finish());
  }
  return out;
}

ConnectionParameters read_service(const ConnectionParameters& above, const Environment& env) {
  const std::string* named = above.find("service");
  const auto service = named != nullptr ? std::optional(*named) : get_variable(env, "PGSERVICE");
  if (!service) return {};

  std::vector<std::string> paths;
  if (const std::string* path = above.find("servicefile")) {
    paths.push_back(*path);
  } else if (const auto file = get_variable(env, "PGSERVICEFILE")) {
    paths.push_back(*file);
  } else if (const auto home = get_variable(env, "HOME")) {
    paths.push_back(*home + "/.pg_service.conf");
  }
  const auto system = get_variable(env, "PGSYSCONFDIR");
  paths.push_back(system.value_or("/etc/postgresql-common") + "/pg_service.conf");

  for (const auto& path : paths) {
    if (auto section = read_section(path, *service)) return *std::move(section);
  }
  refuse_url(named != nullptr ? std::string_view(above.source) : "PGSERVICE",
             fmt::format("there is no service \"{}\" in {}", *service, fmt::join(paths, " or ")));
}

void merge(ConnectionParameters& above, ConnectionParameters below) {
  // An address belongs to the host that it was written with.
  const bool other_host = above.find("host") != nullptr && below.find("hostaddr") != nullptr;
  for (auto& [keyword, value] : below.keywords) {
    if (above.find(keyword) != nullptr || (other_host && keyword == "hostaddr")) continue;
    above.keywords.emplace_back(keyword, std::move(value));
  }
  if (above.search_path.empty()) above.search_path = std::move(below.search_path);
  for (auto& setting : below.settings) {
    const bool given = std::any_of(above.settings.begin(), above.settings.end(),
                                   [&](const auto& other) { return other.first == setting.first; });
    if (!given) above.settings.push_back(std::move(setting));
  }
  append_to(above.warnings, std::move(below.warnings));
}

}  // namespace headway::postgres
