// An http(s) URL taken apart.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headway::server {

struct Url {
  bool tls = false;
  std::string host;         ///< without brackets
  std::uint16_t port = 80;  ///< 443 with tls
  std::string target;       ///< path and query, at least "/"
  std::string credentials;  ///< "user:password", percent-decoded; empty: none

  /// "host" or "host:port", an IPv6 address in brackets: for the Host header and for messages.
  [[nodiscard]] std::string authority() const;
};

/// Nothing if it is not one, or holds a character that may not stand in a request line.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

}  // namespace headway::server
