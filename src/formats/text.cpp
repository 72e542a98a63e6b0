#include "formats/text.hpp"

namespace headway::formats {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<Way> way_of(std::string_view name) {
  static constexpr std::string_view kUp = ".up.";
  static constexpr std::string_view kDown = ".down.";
  const std::size_t up = name.rfind(kUp);
  const std::size_t down = name.rfind(kDown);
  if (up == std::string_view::npos && down == std::string_view::npos) return std::nullopt;
  const bool is_down =
      up == std::string_view::npos || (down != std::string_view::npos && down > up);
  const std::size_t end = is_down ? down : up;
  return Way{name.substr(0, end), name.substr(end + (is_down ? kDown : kUp).size()), is_down};
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool contains_letters(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
         part.empty();
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view trim(std::string_view text) {
  static constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string replaced(std::string_view text, char from, char to) {
  std::string out(text);
  std::ranges::replace(out, from, to);
  return out;
}

void each_line(std::string_view text, const std::function<void(const Line&)>& each) {
  Line line;
  while (line.offset < text.size()) {
    const std::size_t end = std::min(text.find('\n', line.offset), text.size());
    line.text = text.substr(line.offset, end - line.offset);
    each(line);
    line.offset = end + 1;
    ++line.number;
  }
}

std::string_view comment_words(std::string_view line) {
  return line.starts_with("--") ? trim(line.substr(2)) : std::string_view();
}

std::string section(std::string_view text, std::size_t begin, std::size_t end) {
  std::string out(static_cast<std::size_t>(std::ranges::count(text.substr(0, begin), '\n')), '\n');
  out += text.substr(begin, end - begin);
  return out;
}

}  // namespace headway::formats
