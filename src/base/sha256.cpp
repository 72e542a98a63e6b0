#include "base/sha256.hpp"

#include <openssl/sha.h>

namespace headway {

// The low-level calls rather than EVP: EVP's first use loads the provider tables, half a
// millisecond at every start of a process that mostly has nothing to do.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

Sha256Digest Sha256::so_far() const {
  SHA256_CTX copy = state_->context;
  Sha256Digest digest{};
  SHA256_Final(digest.data(), &copy);
  return digest;
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  SHA256_Final(digest.data(), &state_->context);
  return digest;
}

#pragma GCC diagnostic pop

Sha256Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string to_hex(const Sha256Digest& digest) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(digest.size() * 2, '0');
  auto digit = out.begin();
  for (const std::uint8_t byte : digest) {
    *digit++ = kDigits[byte >> 4U];
    *digit++ = kDigits[byte & 15U];
  }
  return out;
}

}  // namespace headway
