#include <string_view>

#include "base/base64.hpp"
#include "telemetry/metrics.hpp"

namespace headway::telemetry {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
  return out;
}

std::string label(std::string_view name, const std::string& value) {
  std::string out = "/";
  out += name;
  // The gateway's rule: an empty value is a single equals sign.
  if (value.empty()) return out + "@base64/=";
  const bool segment = value == "." || value == "..";  // a proxy on the way would resolve these
  if (segment || value.find('/') != std::string::npos) return out + "@base64/" + base64_url(value);
  return out + '/' + percent_encoded(value);
}

}  // namespace

std::string push_path(const std::string& database, const std::string& name_space,
                      std::optional<std::size_t> shard) {
  std::string out = "/metrics/job/headway" + label("database", database);
  if (!name_space.empty()) out += label("namespace", name_space);
  if (shard) out += label("shard", std::to_string(*shard));
  return out;
}

}  // namespace headway::telemetry
