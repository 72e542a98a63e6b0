#include "server/listen_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <system_error>

#include "base/error.hpp"

namespace headway::server {
namespace {

[[noreturn]] void refuse(const std::string& text, std::string_view why) {
  throw Error(ErrorId::BadConfiguration,
              fmt::format("the address to listen on, \"{}\", {}", text, why))
      .next("Write it as HOST:PORT, :PORT for all addresses, or [::1]:PORT.");
}

}  // namespace

ListenAddress parse_listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) refuse(text, "names no port");
  const std::string_view port = std::string_view(text).substr(colon + 1);
  ListenAddress address;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    refuse(text, "has no port between 0 and 65535");
  }
  std::string_view host = std::string_view(text).substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.empty()) refuse(text, "has nothing between its brackets");
  } else if (host.find(':') != std::string_view::npos) {
    refuse(text, "holds an IPv6 address without brackets");
  }
  address.host = host;
  return address;
}

}  // namespace headway::server
