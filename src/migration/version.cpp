#include "migration/version.hpp"

#include <algorithm>

namespace headway::migration {

bool Version::numeric() const noexcept {
  return !text_.empty() && std::ranges::all_of(text_, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view Version::key() const noexcept {
  const std::string_view text = text_;
  if (!numeric()) return text;
  const std::size_t first = text.find_first_not_of('0');
  return first == std::string_view::npos ? text.substr(text.size() - 1) : text.substr(first);
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
