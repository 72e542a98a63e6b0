// SHA-256 over a file's text without BOM and with LF line ends, in lower-case hexadecimal: what is
// stored in headway.history.checksum.
#pragma once
#include <string>
#include <string_view>

namespace headway::migration {

class Checksum {
 public:
  Checksum() = default;
  /// Wraps a stored value; does not compute.
  explicit Checksum(std::string hex) : hex_(std::move(hex)) {}
  [[nodiscard]] const std::string& hex() const noexcept { return hex_; }
  [[nodiscard]] bool empty() const noexcept { return hex_.empty(); }
  bool operator==(const Checksum&) const = default;

 private:
  std::string hex_;
};

/// Computes the checksum of a file's text as it stands on disk.
[[nodiscard]] Checksum checksum_of(std::string_view file_text);

}  // namespace headway::migration
