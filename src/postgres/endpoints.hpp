// The servers that host, hostaddr and port name: lists that belong together.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

struct Endpoint {
  std::string host;
  std::string address;
  std::string port;

  /// A unix socket: what comes from there is of this machine, and libpq speaks no TLS with it.
  [[nodiscard]] bool is_socket() const;
  /// A socket, or an address or name of this machine alone.  Resolves nothing.
  [[nodiscard]] bool is_local() const;
};

/// Empty: libpq's own default, a socket.
[[nodiscard]] std::vector<Endpoint> endpoints(const ConnectionParameters& parameters);

/// Whether a connection may speak TLS: sslmode is not disable, and not all servers are sockets.
[[nodiscard]] bool may_use_tls(const ConnectionParameters& parameters);

/// A warning if what is sent could be read or answered by somebody else on the network; empty if
/// the server has to prove who it is, or is on this machine.  `root_by_default`: libpq finds
/// ~/.postgresql/root.crt.
[[nodiscard]] std::string unverified_text(const ConnectionParameters& parameters,
                                          bool root_by_default);

/// "a,,b" to its items, empty ones included.
[[nodiscard]] std::vector<std::string> split_list(std::string_view list);

}  // namespace headway::postgres
