#include "formats/placeholders.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/error.hpp"
#include "formats/text.hpp"
#include "sql/position.hpp"
#include "sql/splitter.hpp"

namespace headway::formats {
namespace {

std::optional<std::string> value_of(std::string_view name, const std::string& path,
                                    const Reading& reading) {
  if (const auto given = reading.placeholders.find(name); given != reading.placeholders.end()) {
    return given->second;
  }
  if (name == "flyway:filename") return std::string(base_name(path));
  if (name == "flyway:defaultSchema") return reading.default_schema;
  if (name == "flyway:table") return "flyway_schema_history";
  return std::nullopt;
}

}  // namespace

std::string with_placeholders(std::string_view text, const std::string& path,
                              const Reading& reading) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = text.find("${", at);
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    const auto value = value_of(name, path, reading);
    if (!value) {
      const sql::Position where = sql::position_at(text, begin);
      throw Error(ErrorId::UnknownPlaceholder,
                  fmt::format("the placeholder ${{{}}} has no value", name))
          .at({path, where.line, where.column})
          .next(fmt::format("Give it with --placeholder={}=VALUE; if no file holds placeholders, "
                            "pass --no-placeholders.",
                            name));
    }
    out += text.substr(at, begin - at);
    out += *value;
    at = end + 1;
  }
  out += text.substr(at);
  return out;
}

}  // namespace headway::formats
