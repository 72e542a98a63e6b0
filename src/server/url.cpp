#include "server/url.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace headway::server {
namespace {

bool has_forbidden(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F) return true;
  }
  return false;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// Takes the port off the end of `authority`, if there is one.  False: it is not a port.
bool take_port(std::string_view& authority, std::uint16_t& port) {
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon)) {
    return true;
  }
  const std::string_view digits = authority.substr(colon + 1);
  authority = authority.substr(0, colon);
  if (digits.empty()) return true;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0;
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (port != (tls ? 443 : 80)) out += ':' + std::to_string(port);
  return out;
}

std::optional<Url> parse_url(std::string_view text) {
  if (has_forbidden(text)) return std::nullopt;
  Url url;
  if (text.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  text = text.substr(0, text.find('#'));
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, end);
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const auto decoded = percent_decoded(authority.substr(0, at));
    if (!decoded) return std::nullopt;
    url.credentials = *decoded;
    authority.remove_prefix(at + 1);
  }
  if (!take_port(authority, url.port)) return std::nullopt;
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  } else if (authority.find_first_of("[]:") != std::string_view::npos) {
    return std::nullopt;
  }
  if (authority.empty()) return std::nullopt;
  url.host = authority;
  return url;
}

}  // namespace headway::server
