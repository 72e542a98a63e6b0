#include "formats/placeholders.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/error.hpp"
#include "formats/text.hpp"
#include "sql/position.hpp"
#include "sql/scanner.hpp"
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

/// Whether what begins at an offset stands in the statements themselves, not in a quoted text or a
/// comment.  Asked with growing offsets.
class Code {
 public:
  explicit Code(std::string_view text) : scanner_(text) {}
  bool holds(std::size_t offset) {
    while (token_.kind != sql::TokenKind::End && token_.end <= offset) token_ = scanner_.next();
    const bool quoted = token_.kind == sql::TokenKind::String ||
                        token_.kind == sql::TokenKind::Dollar ||
                        token_.kind == sql::TokenKind::OpenQuote;
    return token_.kind != sql::TokenKind::End && token_.begin <= offset && !quoted;
  }

 private:
  sql::Scanner scanner_;
  sql::Token token_ = scanner_.next();
};

}  // namespace

std::string with_placeholders(std::string_view text, const std::string& path,
                              const Reading& reading,
                              const std::function<void(std::string_view)>& left) {
  Code code(text);
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = text.find("${", at);
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    auto value = value_of(name, path, reading);
    if (!value && reading.placeholders.empty() && !name.starts_with("flyway:") &&
        !code.holds(begin)) {
      left(name);
      value = text.substr(begin, end + 1 - begin);
    }
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
