#include "postgres/candidates.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace headway::postgres {
namespace {

constexpr std::string_view kDefaultPort = "5432";

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> out;
  for (;;) {
    const auto comma = list.find(',');
    out.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

std::vector<std::string> split_keyword(const ConnectionParameters& parameters,
                                       std::string_view keyword) {
  const auto* value = parameters.find(keyword);
  return value == nullptr || value->empty() ? std::vector<std::string>() : split_list(*value);
}

/// A list's element; a list of one stands for all.
std::string at_or_only(const std::vector<std::string>& list, std::size_t index) {
  if (list.size() == 1) return list.front();
  return index < list.size() ? list[index] : std::string();
}

bool is_socket_directory(std::string_view host) {
  return host.empty() || host.front() == '/' || host.front() == '@';
}

struct Resolved {
  std::vector<std::string> addresses;
  std::string problem;
};

Resolved resolve(const std::string& host) {
  struct Free {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
  };
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  const std::unique_ptr<addrinfo, Free> list(code == 0 ? raw : nullptr);
  if (code != 0) return {{}, gai_strerror(code)};
  Resolved out;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0) {
      continue;
    }
    std::string address(text.data());
    if (std::find(out.addresses.begin(), out.addresses.end(), address) == out.addresses.end()) {
      out.addresses.push_back(std::move(address));
    }
  }
  return out;
}

Candidate make_candidate(const ConnectionParameters& parameters, const std::string& host,
                         const std::string& address, const std::string& port) {
  Candidate out;
  for (const auto& [keyword, value] : parameters.keywords) {
    if (keyword == "host" || keyword == "hostaddr" || keyword == "port") continue;
    out.keywords.emplace_back(keyword, value);
  }
  if (!host.empty()) out.keywords.emplace_back("host", host);
  if (!address.empty()) out.keywords.emplace_back("hostaddr", address);
  if (!port.empty()) out.keywords.emplace_back("port", port);
  const auto& shown = host.empty() ? address : host;
  out.where = fmt::format("{}:{}", shown.empty() ? "the local socket" : shown,
                          port.empty() ? kDefaultPort : port);
  if (!address.empty() && address != shown) out.where += fmt::format(" ({})", address);
  return out;
}

}  // namespace

std::vector<Candidate> candidates(const ConnectionParameters& parameters) {
  const auto hosts = split_keyword(parameters, "host");
  const auto addresses = split_keyword(parameters, "hostaddr");
  const auto ports = split_keyword(parameters, "port");
  std::vector<Candidate> out;
  if (hosts.empty() && addresses.empty()) {
    // A service file, PGHOST or the default socket: libpq's to find.
    Candidate plain{parameters.keywords, "the server", ""};
    out.push_back(std::move(plain));
    return out;
  }
  const std::size_t count = std::max(hosts.size(), addresses.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string host = i < hosts.size() ? hosts[i] : std::string();
    const std::string address = i < addresses.size() ? addresses[i] : std::string();
    const auto port = at_or_only(ports, i);
    if (!address.empty() || is_socket_directory(host)) {
      out.push_back(make_candidate(parameters, host, address, port));
      continue;
    }
    auto resolved = resolve(host);
    for (const auto& found : resolved.addresses) {
      out.push_back(make_candidate(parameters, host, found, port));
    }
    if (resolved.addresses.empty()) {
      auto unresolved = make_candidate(parameters, host, "", port);
      unresolved.problem =
          fmt::format("could not translate host name \"{}\": {}", host,
                      resolved.problem.empty() ? "it has no address" : resolved.problem);
      out.push_back(std::move(unresolved));
    }
  }
  return out;
}

}  // namespace headway::postgres
