// "HOST:PORT", ":PORT", "[::1]:PORT" taken apart.
#pragma once
#include <cstdint>
#include <string>

namespace headway::server {

struct ListenAddress {
  std::string host;  ///< without brackets; empty: all addresses
  std::uint16_t port = 0;
};

/// Throws Error BadConfiguration.
[[nodiscard]] ListenAddress parse_listen_address(const std::string& text);

}  // namespace headway::server
