#include "migration/version.hpp"

#include <algorithm>
#include <utility>

namespace headway::migration {

Version::Version(std::string text)
    : text_(std::move(text)),
      numeric_(!text_.empty() &&
               std::ranges::all_of(text_, [](char c) { return c >= '0' && c <= '9'; })) {
  if (!numeric_) return;
  static constexpr std::size_t kDate = 14;  // digits, to the second
  const std::size_t first = text_.find_first_not_of('0');
  if (first != std::string::npos) {
    key_begin_ = first;
  } else if (text_.size() < kDate) {
    key_begin_ = text_.size() - 1;
  }
}

std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept {
  const bool numbers = a.numeric();
  if (numbers != b.numeric()) {
    return numbers ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const std::string_view left = a.key();
  const std::string_view right = b.key();
  if (numbers && left.starts_with('0') != right.starts_with('0')) {
    return left.starts_with('0') ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (numbers && left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

}  // namespace headway::migration
