#include <fmt/format.h>

#include <array>

#include "cli/commands/commands.hpp"
#include "cli/invocation.hpp"
#include "cli/json.hpp"
#include "server/http_client.hpp"
#include "server/listen_address.hpp"

namespace headway::cli::commands {
namespace {

/// The kubelet's own timeout is shorter as a rule, and ends an exec probe.
constexpr Milliseconds kTimeout = std::chrono::seconds{5};
constexpr int kNo = 1;

struct Probe {
  std::string_view name;
  std::string_view path;
};
constexpr std::array kProbes{Probe{"startup", "/startupz"}, Probe{"live", "/healthz"},
                             Probe{"ready", "/readyz"}};

/// Where the server of `address` answers from inside its own network namespace.
std::string url_of(const std::string& address, std::string_view path) {
  const server::ListenAddress listen = server::parse_listen_address(address);
  std::string host = listen.host;
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = fmt::format("[{}]", host);
  return fmt::format("http://{}:{}{}", host, listen.port, path);
}

}  // namespace

int probe(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  for (const Probe& probe : kProbes) {
    if (probe.name != settings.target) continue;
    const server::HttpResult answer = server::http_get(
        url_of(settings.http.empty() ? std::string(kServeAddress) : settings.http, probe.path),
        kTimeout);
    const bool good = answer.status == 200;
    // What is printed stands in the pod's events when the probe fails.
    if (invocation.json()) {
      print(json_line({{"probe", settings.target},
                       {"ok", good},
                       {"status", answer.status},
                       {"problem", answer.problem},
                       {"body", answer.body}}));
    } else {
      print(answer.problem.empty() ? fmt::format("{} {}", answer.status, answer.body)
                                   : answer.problem + '\n');
    }
    return good ? 0 : kNo;
  }
  throw Error(ErrorId::BadFlag, fmt::format("there is no probe \"{}\"", settings.target))
      .next("Ask for startup, live or ready.");
}

}  // namespace headway::cli::commands
