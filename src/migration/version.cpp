#include "migration/version.hpp"

#include <algorithm>
#include <utility>

namespace headway::migration {

Version::Version(std::string text)
    : text_(std::move(text)),
      numeric_(!text_.empty() &&
               std::ranges::all_of(text_, [](char c) { return c >= '0' && c <= '9'; })) {
  if (numeric_) key_begin_ = std::min(text_.find_first_not_of('0'), text_.size() - 1);
}

std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept {
  const bool numbers = a.numeric();
  if (numbers != b.numeric()) {
    return numbers ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const std::string_view left = a.key();
  const std::string_view right = b.key();
  if (numbers && left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

}  // namespace headway::migration
