#include "migration/way_back.hpp"

#include <algorithm>
#include <array>

namespace headway::migration {
namespace {

/// `text` begins with `lower`, in any case, and the word ends there.
bool begins_with_words(std::string_view text, std::string_view lower) {
  const auto to_lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  if (text.size() < lower.size()) return false;
  if (!std::ranges::equal(text.substr(0, lower.size()), lower, {}, to_lower)) return false;
  return text.size() == lower.size() || text[lower.size()] == ' ' || text[lower.size()] == '\t';
}

}  // namespace

bool begins_way_back(std::string_view line) {
  static constexpr std::array<std::string_view, 4> kWaysBack{"-- +goose down", "-- +migrate down",
                                                             "-- migrate:down",
                                                             "---- create above / drop below ----"};
  return line.starts_with("--") && std::ranges::any_of(kWaysBack, [line](std::string_view marker) {
           return begins_with_words(line, marker);
         });
}

}  // namespace headway::migration
