// A small HTTP/1.1 server on a thread of its own (Boost.Beast).  It never meets prometheus or the
// database: what it answers comes from the handler.
//
// Slow clients, oversized or malformed requests and idle connections cost a bounded amount of
// memory and time and never block another client.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace headway::server {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// Called on the server's thread for GET and HEAD; must be quick and must not throw.
using HttpHandler = std::function<HttpResponse(std::string_view path)>;

class HttpServer {
 public:
  /// Stops and joins, whatever clients do: some 10 us for each connection and the call of the
  /// handler that may be running.
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

/// What a client may cost.
struct HttpLimits {
  std::size_t connections = 1100;  ///< beyond: the one that has been quiet for longest is closed
  Milliseconds request{10'000};    ///< for a request's header to arrive and its answer to leave
  Milliseconds idle{60'000};       ///< between requests
};

/// `address`: "HOST:PORT", ":PORT" (all addresses, IPv6 and IPv4), "[::1]:PORT"; port 0 picks one.
/// Throws Error BadConfiguration if it can't listen there.
[[nodiscard]] std::unique_ptr<HttpServer> start_http_server(const std::string& address,
                                                            HttpHandler handler,
                                                            const HttpLimits& limits = {});

}  // namespace headway::server
