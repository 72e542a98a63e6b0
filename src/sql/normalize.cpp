#include "sql/normalize.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sql/constants.hpp"
#include "sql/utf8.hpp"

namespace headway::sql {
namespace {

// The text's length in characters, and a cut to a number of them.
std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation_byte(c); }));
}

std::string_view first_characters(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!is_continuation_byte(text[at]) && count-- == 0) break;
  }
  return text.substr(0, at);
}

// A line break or an escape sequence in a quoted name must not reach a terminal or a log.
void append_printable(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
}

}  // namespace

std::string normalize(std::string_view statement, std::size_t limit) {
  std::string out;
  std::size_t length = 0;  // of out, in characters
  std::size_t constants_seen = 0;
  std::size_t last_end = 0;
  Constants constants(statement);
  for (Token token = constants.next(); token.kind != TokenKind::End && length <= limit;
       token = constants.next()) {
    if (token.kind == TokenKind::OpenQuote || token.kind == TokenKind::OpenComment) break;
    const std::size_t before = out.size();
    if (before > 0 && token.begin > last_end) out += ' ';
    if (constants.constant()) {
      out += fmt::format("${}", ++constants_seen);
    } else {
      append_printable(out, first_characters(token.in(statement), limit + 1));
    }
    last_end = token.end;
    length += characters(std::string_view(out).substr(before));
  }
  if (length <= limit) return out;
  if (limit == 0) return {};
  out.resize(first_characters(out, limit - 1).size());
  return out + "…";
}

}  // namespace headway::sql
