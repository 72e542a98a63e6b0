#include "postgres/conninfo_options.hpp"

#include <algorithm>
#include <cstddef>

namespace headway::postgres {
namespace {

constexpr std::string_view kSpace = " \t\n\r\f\v";

bool is_space(char c) { return kSpace.find(c) != std::string_view::npos; }

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_space(text[i])) {
      inside = false;
      continue;
    }
    if (!inside) out.emplace_back();
    inside = true;
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out.back() += text[i];
  }
  return out;
}

bool is_setting_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && (is_letter(name[0]) || name[0] == '_') &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
         });
}

}  // namespace

std::optional<StartupOptions> parse_startup_options(std::string_view text) {
  StartupOptions out;
  const std::vector<std::string> words = split_words(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string pair = words[i];
    if (pair.starts_with("endpoint=") || pair.starts_with("project=")) {
      out.endpoint = true;
      continue;
    }
    if (pair == "-c") {
      if (++i == words.size()) return std::nullopt;
      pair = words[i];
    } else if (pair.starts_with("-c") || pair.starts_with("--")) {
      pair.erase(0, 2);
    } else {
      return std::nullopt;
    }
    const auto equals = pair.find('=');
    if (equals == std::string::npos) return std::nullopt;
    std::string name = pair.substr(0, equals);
    std::replace(name.begin(), name.end(), '-', '_');  // as the server does
    if (!is_setting_name(name)) return std::nullopt;
    out.settings.emplace_back(std::move(name), pair.substr(equals + 1));
  }
  return out;
}

}  // namespace headway::postgres
