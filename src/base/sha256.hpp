// SHA-256 (FIPS 180-4) through OpenSSL's libcrypto.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace headway {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// Feeds text in pieces.  Use from one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  /// The digest of all that was fed so far.
  [[nodiscard]] Sha256Digest so_far() const;
  /// The digest of all that was fed; the object is spent.
  [[nodiscard]] Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Sha256Digest sha256(std::string_view bytes);
/// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string to_hex(const Sha256Digest& digest);

}  // namespace headway
