#include "formats/environment.hpp"

#include <algorithm>

namespace headway::formats {
namespace {

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view name_at(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return {};
  return text.substr(
      0, static_cast<std::size_t>(std::ranges::find_if_not(text, in_name) - text.begin()));
}

std::string braced(std::string_view inner, const Variables& variable) {
  const std::string_view name = name_at(inner);
  std::string_view rest = inner.substr(name.size());
  auto value = variable ? variable(std::string(name)) : std::nullopt;
  if (rest.starts_with(":-")) {
    if (value && value->empty()) value.reset();
    rest.remove_prefix(1);
  }
  if (rest.starts_with('-') && !value) return std::string(rest.substr(1));
  return value.value_or(std::string());
}

}  // namespace

std::string with_variables(std::string_view text, const Variables& variable) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("\\$") || rest.starts_with("$$")) {
      out += '$';
      at += 2;
    } else if (rest.starts_with("${") && rest.find('}') != std::string_view::npos &&
               !name_at(rest.substr(2)).empty()) {
      const std::size_t end = rest.find('}');
      out += braced(rest.substr(2, end - 2), variable);
      at += end + 1;
    } else if (rest[0] == '$' && !name_at(rest.substr(1)).empty()) {
      const std::string_view name = name_at(rest.substr(1));
      if (variable) out += variable(std::string(name)).value_or(std::string());
      at += name.size() + 1;
    } else {
      out += rest[0];
      ++at;
    }
  }
  return out;
}

}  // namespace headway::formats
