// A migration's identity.  Versions that are all digits compare as numbers of any length and are
// shown as written ("0042" and "42" are the same version); all others compare as text.  Zeros that
// stand for a date, of 14 digits or more, are different versions if their lengths are: Diesel's
// users have both of 14 and of 15.  The shorter one comes first.
#pragma once
#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace headway::migration {

class Version {
 public:
  Version() = default;
  explicit Version(std::string text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] bool numeric() const noexcept { return numeric_; }
  /// The text without leading zeros if it is a number above 0, else the text: equal for equal
  /// versions.
  [[nodiscard]] std::string_view key() const noexcept {
    return std::string_view(text_).substr(key_begin_);
  }

  friend bool operator==(const Version& a, const Version& b) noexcept { return a.key() == b.key(); }
  /// Numbers before texts; numbers by value, texts by bytes.
  friend std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept;

 private:
  std::string text_;
  std::size_t key_begin_ = 0;
  bool numeric_ = false;
};

/// The version of the row that every history starts with.
inline constexpr std::string_view kBase = "base";

struct VersionHash {
  std::size_t operator()(const Version& v) const noexcept {
    return std::hash<std::string_view>{}(v.key());
  }
};

}  // namespace headway::migration
