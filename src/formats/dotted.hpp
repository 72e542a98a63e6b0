// Versions such as 1.2.10, as Flyway and refinery order them.
#pragma once
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "migration/version.hpp"

namespace headway::formats {

class Dotted {
 public:
  /// Digits with dots between them.
  explicit Dotted(std::string_view text);
  /// Part by part as numbers; a part that is missing is 0, so 1 and 1.0 are equal.
  friend std::weak_ordering operator<=>(const Dotted& a, const Dotted& b);
  friend bool operator==(const Dotted& a, const Dotted& b) { return std::is_eq(a <=> b); }

 private:
  std::vector<migration::Version> parts_;
};

/// Whether `text` is digits with single dots between them.
[[nodiscard]] bool is_dotted(std::string_view text);

}  // namespace headway::formats
