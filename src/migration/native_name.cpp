#include "migration/native_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/error.hpp"

namespace headway::migration {
namespace {

constexpr std::string_view kSql = ".sql";

bool is_sql(std::string_view name) {
  if (name.size() < kSql.size()) return false;
  name.remove_prefix(name.size() - kSql.size());
  return std::ranges::equal(name, kSql, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

bool strip_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::size_t leading_digits(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<std::size_t>(end - text.begin());
}

/// V1__init.sql, V1.2__init.sql, U1__init.sql, B1__init.sql
bool is_flyway(std::string_view stem) {
  return stem.size() > 2 && std::string_view("VUB").find(stem[0]) != std::string_view::npos &&
         leading_digits(stem.substr(1)) > 0 && stem.find("__") != std::string_view::npos;
}

Error bad_name(const std::string& path, std::string_view why) {
  return Error(ErrorId::BadFileName, std::string(why)).at({path, 0, 0});
}

/// The foreign ways of naming that are met most often get an answer of their own.
Error not_native(const std::string& path, const std::string& file_name, std::string_view stem) {
  if (is_flyway(stem)) {
    const std::string_view version = stem.substr(1, stem.find("__") - 1);
    const std::string_view name = stem.substr(stem.find("__") + 2);
    const bool whole = leading_digits(version) == version.size();  // not 1.2
    return bad_name(path, "this is Flyway's way of naming, not Headway's")
        .next(whole ? fmt::format("Rename it to {}_{}.sql.", version, name)
                    : "Number the files anew, in their order and without points.");
  }
  if (stem.starts_with("R__")) {
    return bad_name(path, stem == "R__" ? "a repeatable needs a name: R__<name>.sql"
                                        : "a repeatable has no way back");
  }
  return bad_name(path, fmt::format("the name {} is not understood", file_name));
}

}  // namespace

NativeName parse_native_name(const std::string& file_name, const std::string& path) {
  std::string_view stem = file_name;
  if (!is_sql(stem)) return {};
  if (!strip_suffix(stem, kSql)) {
    throw bad_name(path, fmt::format("the ending of {} is not in lower case", file_name))
        .next("Let the name end with .sql.");
  }
  const std::string_view whole = stem;
  const bool up = strip_suffix(stem, ".up");
  const bool down = !up && strip_suffix(stem, ".down");

  if (stem.starts_with("R__") && stem.size() > 3 && !up && !down) {
    return {NativeName::Kind::Repeatable, {}, std::string(stem.substr(3))};
  }
  const std::size_t digits = leading_digits(stem);
  const std::string_view rest = stem.substr(digits);
  const bool named = rest.size() > 1 && (rest[0] == '_' || rest[0] == '-');
  if (digits == 0 || !(rest.empty() || named)) throw not_native(path, file_name, whole);
  if (up) {
    throw bad_name(path, "this is golang-migrate's way of naming, not Headway's")
        .next(fmt::format("Rename it to {}.sql; files that end with .down.sql stay as they are.",
                          stem));
  }
  return {down ? NativeName::Kind::Down : NativeName::Kind::Up,
          Version(std::string(stem.substr(0, digits))),
          named ? std::string(rest.substr(1)) : std::string()};
}

}  // namespace headway::migration
