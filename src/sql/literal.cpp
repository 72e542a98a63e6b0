#include "sql/literal.hpp"

#include <algorithm>
#include <cstdint>

#include "sql/text.hpp"

namespace headway::sql {
namespace {

int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char upper = to_upper(c);
  return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : 99;
}

// Reads up to `most` digits; false, and nothing consumed, if there are fewer than `least`.
bool read_digits(std::string_view text, std::size_t& at, int base, std::size_t least,
                 std::size_t most, std::uint32_t& value) noexcept {
  std::size_t count = 0;
  value = 0;
  while (count < most && at + count < text.size() && digit_value(text[at + count]) < base) {
    value = value * static_cast<std::uint32_t>(base) +
            static_cast<std::uint32_t>(digit_value(text[at + count]));
    ++count;
  }
  if (count < least) return false;
  at += count;
  return true;
}

void append_code_point(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0U | (code >> 6U));
    byte(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    byte(0xE0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  } else {
    byte(0xF0U | ((code >> 18U) & 0x07U));
    byte(0x80U | ((code >> 12U) & 0x3FU));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  }
}

// E'': `at` stands behind the backslash.
void append_escape(std::string& out, std::string_view text, std::size_t& at) {
  if (at >= text.size()) {
    out += '\\';
    return;
  }
  std::uint32_t value = 0;
  if (read_digits(text, at, 8, 1, 3, value)) {
    out += static_cast<char>(value & 0xFFU);
    return;
  }
  const char c = text[at++];
  switch (c) {
    case 'b': out += '\b'; return;
    case 'f': out += '\f'; return;
    case 'n': out += '\n'; return;
    case 'r': out += '\r'; return;
    case 't': out += '\t'; return;
    case 'x':
      if (read_digits(text, at, 16, 1, 2, value)) {
        out += static_cast<char>(value);
        return;
      }
      break;
    case 'u':
    case 'U': {
      const std::size_t digits = c == 'u' ? 4 : 8;
      if (read_digits(text, at, 16, digits, digits, value)) {
        append_code_point(out, value);
        return;
      }
      break;
    }
    default: break;
  }
  out += c;
}

// U&'': `at` stands behind the backslash.
void append_unicode_escape(std::string& out, std::string_view text, std::size_t& at) {
  std::uint32_t value = 0;
  if (at < text.size() && text[at] == '+') {
    std::size_t after = at + 1;
    if (read_digits(text, after, 16, 6, 6, value)) {
      at = after;
      append_code_point(out, value);
      return;
    }
  } else if (read_digits(text, at, 16, 4, 4, value)) {
    append_code_point(out, value);
    return;
  } else if (at < text.size() && text[at] == '\\') {
    ++at;
  }
  out += '\\';
}

}  // namespace

std::string_view dollar_body(std::string_view token) noexcept {
  const std::size_t tag = std::min(token.find('$', 1), token.size() - 1) + 1;
  return token.size() < 2 * tag ? token.substr(tag) : token.substr(tag, token.size() - 2 * tag);
}

std::string decode_string(std::string_view token) {
  if (token.starts_with('$')) return std::string(dollar_body(token));
  const bool escapes = is_word(token.substr(0, 1), "E");
  const bool unicode = is_word(token.substr(0, 1), "U");
  std::string out;
  std::size_t at = std::min(token.find('\''), token.size());
  while (at < token.size()) {
    ++at;  // behind the opening quote
    while (at < token.size()) {
      const char c = token[at++];
      if (c == '\'') {
        if (at >= token.size() || token[at] != '\'') break;
        ++at;
      }
      if (c == '\\' && escapes) {
        append_escape(out, token, at);
      } else if (c == '\\' && unicode) {
        append_unicode_escape(out, token, at);
      } else {
        out += c;
      }
    }
    // A constant may go on behind a newline, with comments in between.
    while (at < token.size() && token[at] != '\'') {
      if (token.substr(at, 2) == "--") {
        at = std::min(token.find_first_of("\r\n", at), token.size());
      } else {
        ++at;
      }
    }
  }
  return out;
}

}  // namespace headway::sql
