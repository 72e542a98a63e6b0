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
  // Of MyBatis Migrations, dbdeploy, Play and others: the comment says nothing else.
  static constexpr std::array<std::string_view, 7> kWhole{
      "//@undo", "@undo", "!downs", "down", "down migration", "migrate down", "migrate: down"};
  if (!line.starts_with("--")) return false;
  static constexpr std::string_view kOrnaments = "-=:*# \t\r";
  const std::size_t begin = std::min(line.find_first_not_of(kOrnaments), line.size());
  const std::size_t end = line.find_last_not_of(kOrnaments) + 1;  // npos + 1 is 0
  const std::string_view words = line.substr(begin, end > begin ? end - begin : 0);
  const auto is_all = [words](std::string_view whole) {
    return words.size() == whole.size() && begins_with_words(words, whole);
  };
  const auto begins = [line](std::string_view marker) { return begins_with_words(line, marker); };
  return std::ranges::any_of(kWaysBack, begins) || std::ranges::any_of(kWhole, is_all);
}

}  // namespace headway::migration
