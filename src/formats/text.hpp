// Small things that several formats' names and texts are taken apart with.
#pragma once
#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headway::formats {

[[nodiscard]] inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

[[nodiscard]] inline std::size_t leading_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

[[nodiscard]] inline std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

/// "a/b/c.sql" -> "a/b"; empty if there is no slash.
[[nodiscard]] inline std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

/// What a name says in front of its last ".up." or ".down.", as golang-migrate finds it in
/// "1_x.up.sql"; nothing if it says neither.
struct Way {
  std::string_view stem;    ///< "1_x"
  std::string_view ending;  ///< "sql"
  bool down = false;
};
[[nodiscard]] std::optional<Way> way_of(std::string_view name);

/// ASCII letters of any case are the same.
[[nodiscard]] bool same_letters(std::string_view a, std::string_view b);
[[nodiscard]] bool contains_letters(std::string_view text, std::string_view part);
[[nodiscard]] std::string lowered(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string replaced(std::string_view text, char from, char to);

/// One line of a text, without its end.
struct Line {
  std::string_view text;
  std::size_t offset = 0;
  std::size_t number = 1;
  [[nodiscard]] std::size_t end() const { return offset + text.size(); }
};
void each_line(std::string_view text, const std::function<void(const Line&)>& each);

/// What a comment line says, blanks at both ends taken off; empty if `line` does not begin with
/// "--".
[[nodiscard]] std::string_view comment_words(std::string_view line);

/// `text` with everything outside [begin, end) taken away but the line ends in front of it, so that
/// lines keep their numbers.  `begin` is where a line begins.
[[nodiscard]] std::string section(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace headway::formats
