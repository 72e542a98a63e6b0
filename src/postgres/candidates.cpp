#include "postgres/candidates.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>

#include "postgres/endpoints.hpp"

namespace headway::postgres {
namespace {

constexpr std::string_view kDefaultPort = "5432";

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
  std::vector<Candidate> out;
  const auto servers = endpoints(parameters);
  if (servers.empty()) {
    // A service file, PGHOST or the default socket: libpq's to find.
    Candidate plain{parameters.keywords, "the server", ""};
    out.push_back(std::move(plain));
    return out;
  }
  for (const Endpoint& server : servers) {
    if (!server.address.empty() || server.is_socket()) {
      out.push_back(make_candidate(parameters, server.host, server.address, server.port));
      continue;
    }
    auto resolved = resolve(server.host);
    for (const auto& found : resolved.addresses) {
      out.push_back(make_candidate(parameters, server.host, found, server.port));
    }
    if (resolved.addresses.empty()) {
      auto unresolved = make_candidate(parameters, server.host, "", server.port);
      unresolved.problem =
          fmt::format("could not translate host name \"{}\": {}", server.host,
                      resolved.problem.empty() ? "it has no address" : resolved.problem);
      out.push_back(std::move(unresolved));
    }
  }
  return out;
}

}  // namespace headway::postgres
