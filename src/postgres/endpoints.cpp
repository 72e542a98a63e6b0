#include "postgres/endpoints.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace headway::postgres {
namespace {

std::vector<std::string> split_keyword(const ConnectionParameters& parameters,
                                       std::string_view keyword) {
  const auto* value = parameters.find(keyword);
  return value == nullptr || value->empty() ? std::vector<std::string>() : split_list(*value);
}

std::string at(const std::vector<std::string>& list, std::size_t index) {
  return index < list.size() ? list[index] : std::string();
}

bool is_loopback_address(const std::string& text) {
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&six)) return six.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&six);
}

std::string_view mode_of(const ConnectionParameters& parameters) {
  const auto* mode = parameters.find("sslmode");
  return mode == nullptr ? std::string_view("prefer") : std::string_view(*mode);
}

}  // namespace

bool Endpoint::is_socket() const {
  return address.empty() && (host.empty() || host.front() == '/' || host.front() == '@');
}

bool Endpoint::is_local() const {
  if (!address.empty()) return is_loopback_address(address);
  return is_socket() || host == "localhost" || is_loopback_address(host);
}

std::vector<Endpoint> endpoints(const ConnectionParameters& parameters) {
  const auto hosts = split_keyword(parameters, "host");
  const auto addresses = split_keyword(parameters, "hostaddr");
  const auto ports = split_keyword(parameters, "port");
  std::vector<Endpoint> out;
  for (std::size_t i = 0; i < std::max(hosts.size(), addresses.size()); ++i) {
    // A port alone stands for all.
    out.push_back({at(hosts, i), at(addresses, i), ports.size() == 1 ? ports[0] : at(ports, i)});
  }
  return out;
}

bool may_use_tls(const ConnectionParameters& parameters) {
  const auto all = endpoints(parameters);
  return mode_of(parameters) != "disable" &&
         !std::all_of(all.begin(), all.end(), [](const auto& one) { return one.is_socket(); });
}

std::string unverified_text(const ConnectionParameters& parameters, bool root_by_default) {
  const auto mode = mode_of(parameters);
  if (mode.starts_with("verify-")) return {};
  // libpq: with an authority's certificate, require is verify-ca.
  const bool has_root = root_by_default || parameters.find("sslrootcert") != nullptr;
  if (mode == "require" && has_root) return {};
  std::string names;
  for (const auto& one : endpoints(parameters)) {
    if (one.is_local()) continue;
    if (!names.empty()) names += ", ";
    names += one.host.empty() ? one.address : one.host;
  }
  if (names.empty()) return {};
  const std::string_view what = mode == "disable"   ? "is not encrypted"
                                : mode == "require" ? "is encrypted, but the server is not verified"
                                                    : "may be unencrypted, and is not verified";
  return fmt::format(
      "the connection to {} {} (sslmode={}{}): whoever is on the way can read and change it; set "
      "sslmode=verify-full, and sslrootcert (or a ca.crt in --database-dir) to the authority that "
      "signed the server's certificate",
      names, what, mode, parameters.find("sslmode") == nullptr ? ", the default" : "");
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> out;
  for (;;) {
    const auto comma = list.find(',');
    out.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace headway::postgres
