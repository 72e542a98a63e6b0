#include "cli/identity.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/error.hpp"

namespace headway::cli {

std::string random_uuid() {
  std::array<std::uint8_t, 16> bytes{};
  while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    if (errno != EINTR) {
      throw Error(ErrorId::Internal, std::string("no random numbers: ") + std::strerror(errno));
    }
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 15U];
  }
  return out;
}

std::string pod_name(const Variables& variables) {
  if (const std::string* pod = find_variable(variables, "HEADWAY_POD")) return *pod;
  if (const std::string* host = find_variable(variables, "HOSTNAME")) return *host;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string application_name(std::string_view pod) {
  static constexpr std::size_t kMost = 63;  // NAMEDATALEN - 1
  static constexpr std::string_view kPrefix = "headway ";
  std::size_t cut = pod.size() > kMost - kPrefix.size() ? pod.size() - (kMost - kPrefix.size()) : 0;
  // Never in the middle of a character.
  while (cut < pod.size() && (static_cast<unsigned char>(pod[cut]) & 0xC0U) == 0x80U) ++cut;
  return std::string(kPrefix) + std::string(pod.substr(cut));
}

Build build_info() noexcept { return {HEADWAY_VERSION_TEXT, HEADWAY_REVISION_TEXT}; }

}  // namespace headway::cli
