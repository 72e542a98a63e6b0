#include "base/sha384.hpp"

#include <openssl/sha.h>

#include <array>
#include <cstdint>

namespace headway {

std::string sha384_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, SHA384_DIGEST_LENGTH> digest{};
  SHA384(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string out;
  for (const unsigned byte : digest) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace headway
