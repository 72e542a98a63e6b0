// Comparing and changing the case of SQL's words: ASCII only, as PostgreSQL's keywords are.
#pragma once
#include <string>
#include <string_view>

namespace headway::sql {

[[nodiscard]] constexpr char to_upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// `upper` must be in upper case.
[[nodiscard]] constexpr bool is_word(std::string_view word, std::string_view upper) noexcept {
  if (word.size() != upper.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (to_upper(word[i]) != upper[i]) return false;
  }
  return true;
}

[[nodiscard]] inline std::string to_upper(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) c = to_upper(c);
  return upper;
}

}  // namespace headway::sql
