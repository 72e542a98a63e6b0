#include "formats/dotted.hpp"

#include <algorithm>

#include "formats/text.hpp"

namespace headway::formats {

using migration::Version;

Dotted::Dotted(std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    parts_.emplace_back(std::string(text.substr(begin, end - begin)));
    begin = end + 1;
  }
}

std::weak_ordering operator<=>(const Dotted& a, const Dotted& b) {
  static const Version zero("0");
  const std::size_t parts = std::max(a.parts_.size(), b.parts_.size());
  for (std::size_t i = 0; i < parts; ++i) {
    const Version& left = i < a.parts_.size() ? a.parts_[i] : zero;
    const Version& right = i < b.parts_.size() ? b.parts_[i] : zero;
    if (left != right) return left <=> right;
  }
  return std::weak_ordering::equivalent;
}

bool is_dotted(std::string_view text) {
  for (;;) {
    const std::size_t digits = leading_digits(text);
    if (digits == 0) return false;
    text.remove_prefix(digits);
    if (text.empty()) return true;
    if (text[0] != '.') return false;
    text.remove_prefix(1);
  }
}

}  // namespace headway::formats
