#include "postgres/conninfo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "postgres/conninfo_pairs.hpp"
#include "postgres/conninfo_parameters.hpp"
#include "postgres/url.hpp"

namespace headway::postgres {
namespace {

constexpr std::string_view kDefaultPort = "5432";

std::string_view trim(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string_view next_of(std::string_view& list) {
  const auto comma = std::min(list.find(','), list.size());
  const std::string_view item = list.substr(0, comma);
  list.remove_prefix(std::min(comma + 1, list.size()));
  return item;
}

std::string describe_hosts(const ConnectionParameters& parameters) {
  const std::string* given = parameters.find("host");
  if (given == nullptr) given = parameters.find("hostaddr");
  if (given == nullptr) {
    const std::string* service = parameters.find("service");
    return service != nullptr ? "service " + *service : "[local]";
  }
  const std::string* port_list = parameters.find("port");
  std::string_view ports = port_list != nullptr ? std::string_view(*port_list) : kDefaultPort;
  const bool one_port = ports.find(',') == std::string_view::npos;
  std::string out;
  for (std::string_view hosts = *given; !hosts.empty();) {
    const std::string_view host = next_of(hosts);
    const std::string_view port = one_port ? ports : next_of(ports);
    const bool brackets = host.find(':') != std::string_view::npos;
    if (!out.empty()) out += ',';
    out += fmt::format("{}{}{}:{}", brackets ? "[" : "", host, brackets ? "]" : "",
                       port.empty() ? kDefaultPort : port);
  }
  return out;
}

void set_url_parts(const Url& url, ParameterTranslator& translator) {
  if (url.user) translator.set("user", *url.user);
  if (url.password) translator.set("password", *url.password);
  translator.set("dbname", url.database);
  std::string hosts;
  std::string ports;
  for (std::size_t i = 0; i < url.hosts.size(); ++i) {
    if (i > 0) {
      hosts += ',';
      ports += ',';
    }
    hosts += url.hosts[i].name;
    ports += url.hosts[i].port;
  }
  const bool any_port = ports.find_first_not_of(',') != std::string::npos;
  translator.set("host", std::move(hosts));
  translator.set("port", any_port ? std::move(ports) : std::string());
}

}  // namespace

const std::string* ConnectionParameters::find(std::string_view keyword) const {
  const auto found = std::find_if(keywords.begin(), keywords.end(),
                                  [keyword](const auto& pair) { return pair.first == keyword; });
  return found == keywords.end() ? nullptr : &found->second;
}

std::string ConnectionParameters::description() const {
  const std::string* user = find("user");
  const std::string* database = find("dbname");
  if (database == nullptr) database = user;  // as libpq does
  std::string out;
  if (user != nullptr) out += *user + "@";
  out += describe_hosts(*this);
  if (database != nullptr) out += "/" + *database;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return out;
}

ConnectionParameters parse_database_url(std::string_view url, std::string_view source) {
  const std::string_view text = trim(url);
  if (text.empty()) refuse_url(source, "it is empty");
  if (text.front() == '"' || text.front() == '\'') {
    refuse_url(source, "it begins with a quote; remove the quotes around it");
  }
  if (text.find('\0') != std::string_view::npos) {
    refuse_url(source, "it holds a NUL byte, at which libpq would stop reading");
  }
  Url parts;
  if (looks_like_url(text)) {
    parts = parse_url(text, source);
  } else {
    parts.parameters = parse_pairs(text, source);
  }
  ParameterTranslator translator(source, parts.dialect);
  set_url_parts(parts, translator);
  for (const auto& parameter : parts.parameters) translator.add(parameter);
  ConnectionParameters out = std::move(translator).finish();
  check_system_roots(out);
  return out;
}

std::string libpq_string(const Keywords& keywords) {
  std::string out = "options=''";
  bool host = false;
  bool address = false;
  for (const auto& [keyword, value] : keywords) {
    host = host || keyword == "host";
    address = address || keyword == "hostaddr";
    out += fmt::format(" {}='", keyword);
    for (const char c : value) {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
    out += '\'';
  }
  // PGHOSTADDR belongs to PGHOST; next to another host it would lead elsewhere.
  if (host && !address) out += " hostaddr=''";
  return out;
}

}  // namespace headway::postgres
