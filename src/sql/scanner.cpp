#include "sql/scanner.hpp"

#include <array>
#include <cstring>

namespace headway::sql {
namespace {

enum class Class : unsigned char {
  Other,
  Blank,
  Letter,  // may begin a name: a-z, A-Z, _ and every byte of a character beyond ASCII
  Digit,
  Quote,
  DoubleQuote,
  Dollar,
  Operator,
  Open,
  Close,
  Semicolon,
  Comma,
  Dot,
  Backslash,
};

constexpr std::array<Class, 256> make_classes() {
  std::array<Class, 256> classes{};
  // A vertical tab is white space since PostgreSQL 16 and an error before.
  for (const char c : {' ', '\t', '\n', '\r', '\f', '\v'}) {
    classes[static_cast<unsigned char>(c)] = Class::Blank;
  }
  for (std::size_t c = 'a'; c <= 'z'; ++c) classes[c] = Class::Letter;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) classes[c] = Class::Letter;
  for (std::size_t c = 0x80; c <= 0xFF; ++c) classes[c] = Class::Letter;
  classes['_'] = Class::Letter;
  for (std::size_t c = '0'; c <= '9'; ++c) classes[c] = Class::Digit;
  for (const char c :
       {'~', '!', '@', '#', '^', '&', '|', '`', '?', '+', '-', '*', '/', '%', '<', '>', '='}) {
    classes[static_cast<unsigned char>(c)] = Class::Operator;
  }
  classes['\''] = Class::Quote;
  classes['"'] = Class::DoubleQuote;
  classes['$'] = Class::Dollar;
  classes['('] = Class::Open;
  classes[')'] = Class::Close;
  classes[';'] = Class::Semicolon;
  classes[','] = Class::Comma;
  classes['.'] = Class::Dot;
  classes['\\'] = Class::Backslash;
  return classes;
}

constexpr std::array<Class, 256> kClasses = make_classes();

constexpr std::array<bool, 256> make_name_bytes() {
  std::array<bool, 256> bytes{};
  for (std::size_t c = 0; c < bytes.size(); ++c) {
    bytes[c] = kClasses[c] == Class::Letter || kClasses[c] == Class::Digit || c == '$';
  }
  return bytes;
}

constexpr std::array<bool, 256> kNameBytes = make_name_bytes();

Class class_of(char c) noexcept { return kClasses[static_cast<unsigned char>(c)]; }
bool is_digit(unsigned char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alphanumeric(unsigned char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t find(std::string_view text, char c, std::size_t from) noexcept {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, c, text.size() - from);
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// The server ends a line comment at a carriage return as well.
std::size_t end_of_line_comment(std::string_view text, std::size_t from) noexcept {
  const std::size_t newline = find(text, '\n', from);
  const std::size_t end = newline == std::string_view::npos ? text.size() : newline;
  const std::size_t carriage_return = find(text.substr(0, end), '\r', from);
  return carriage_return == std::string_view::npos ? end : carriage_return;
}

// 'a' <newline> 'b' is one constant, and inside an E'' the second half knows backslashes too.
// Returns where the continuing quote stands, or npos.
std::size_t continuing_quote(std::string_view text, std::size_t from) noexcept {
  bool newline = false;
  for (std::size_t at = from; at < text.size();) {
    const char c = text[at];
    if (c == '\n' || c == '\r') {
      newline = true;
      ++at;
    } else if (c == ' ' || c == '\t' || c == '\f') {
      ++at;
    } else if (c == '-' && at + 1 < text.size() && text[at + 1] == '-') {
      at = end_of_line_comment(text, at);
    } else {
      return newline && c == '\'' ? at : std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

}  // namespace

void Scanner::skip_line_comment() noexcept { position_ = end_of_line_comment(text_, position_); }

bool Scanner::skip_block_comment() noexcept {
  std::size_t depth = 1;
  std::size_t at = position_ + 2;
  std::size_t fresh = at;  // bytes before this belong to a delimiter already counted
  while ((at = find(text_, '*', at)) != std::string_view::npos) {
    if (at > fresh && text_[at - 1] == '/') {
      ++depth;
      fresh = ++at;
    } else if (at + 1 < text_.size() && text_[at + 1] == '/') {
      at += 2;
      fresh = at;
      if (--depth == 0) {
        position_ = at;
        return true;
      }
    } else {
      ++at;
    }
  }
  return false;
}

Token Scanner::string_from(std::size_t begin, std::size_t quote, Escapes escapes) noexcept {
  for (std::size_t at = quote + 1;;) {
    if (escapes == Escapes::Backslash) {
      while (at < text_.size() && text_[at] != '\'') at += text_[at] == '\\' ? 2 : 1;
    } else {
      at = find(text_, '\'', at);
    }
    if (at >= text_.size()) return finish(TokenKind::OpenQuote, begin, text_.size());
    ++at;
    if (at < text_.size() && text_[at] == '\'') {
      ++at;
      continue;
    }
    const std::size_t next = continuing_quote(text_, at);
    if (next == std::string_view::npos) return finish(TokenKind::String, begin, at);
    at = next + 1;
  }
}

Token Scanner::quoted_name_from(std::size_t begin, std::size_t quote) noexcept {
  for (std::size_t at = quote + 1;;) {
    at = find(text_, '"', at);
    if (at >= text_.size()) return finish(TokenKind::OpenQuote, begin, text_.size());
    ++at;
    if (at >= text_.size() || text_[at] != '"') return finish(TokenKind::QuotedName, begin, at);
    ++at;
  }
}

Token Scanner::dollar() noexcept {
  const std::size_t begin = position_;
  std::size_t at = begin + 1;
  if (is_digit(peek(1))) {
    while (at < text_.size() && class_of(text_[at]) == Class::Digit) ++at;
    return finish(TokenKind::Parameter, begin, at);
  }
  if (at < text_.size() && class_of(text_[at]) == Class::Letter) {
    while (at < text_.size() && text_[at] != '$' &&
           kNameBytes[static_cast<unsigned char>(text_[at])]) {
      ++at;
    }
  }
  if (at >= text_.size() || text_[at] != '$') return finish(TokenKind::Symbol, begin, begin + 1);
  const std::string_view delimiter = text_.substr(begin, at + 1 - begin);
  const std::size_t close = text_.find(delimiter, at + 1);
  if (close == std::string_view::npos) return finish(TokenKind::OpenQuote, begin, text_.size());
  return finish(TokenKind::Dollar, begin, close + delimiter.size());
}

Token Scanner::number() noexcept {
  const std::size_t begin = position_;
  std::size_t at = begin;
  const auto byte = [this](std::size_t index) -> unsigned char {
    return index < text_.size() ? static_cast<unsigned char>(text_[index]) : '\0';
  };
  const auto digits = [&] {
    while (is_digit(byte(at)) || (byte(at) == '_' && is_digit(byte(at + 1)))) ++at;
  };
  const unsigned char base = static_cast<unsigned char>(byte(at + 1) | 0x20U);
  if (byte(at) == '0' && (base == 'x' || base == 'o' || base == 'b') &&
      is_alphanumeric(byte(at + 2))) {
    at += 2;
    while (is_alphanumeric(byte(at)) || (byte(at) == '_' && is_alphanumeric(byte(at + 1)))) ++at;
    return finish(TokenKind::Number, begin, at);
  }
  digits();
  if (byte(at) == '.' && byte(at + 1) != '.') {  // 1..10 is a range
    ++at;
    digits();
  }
  if (byte(at) == 'e' || byte(at) == 'E') {
    const std::size_t sign = byte(at + 1) == '+' || byte(at + 1) == '-' ? 1 : 0;
    if (is_digit(byte(at + 1 + sign))) {
      at += 1 + sign;
      digits();
    }
  }
  return finish(TokenKind::Number, begin, at);
}

Token Scanner::word() noexcept {
  const std::size_t begin = position_;
  switch (text_[begin]) {
    case 'e':
    case 'E':
      if (peek(1) == '\'') return string_from(begin, begin + 1, Escapes::Backslash);
      break;
    case 'b':
    case 'B':
    case 'x':
    case 'X':
    case 'n':
    case 'N':
      if (peek(1) == '\'') return string_from(begin, begin + 1, Escapes::None);
      break;
    case 'u':
    case 'U':
      if (peek(1) == '&' && peek(2) == '\'') return string_from(begin, begin + 2, Escapes::None);
      if (peek(1) == '&' && peek(2) == '"') return quoted_name_from(begin, begin + 2);
      break;
    default: break;
  }
  std::size_t at = begin + 1;
  while (at < text_.size() && kNameBytes[static_cast<unsigned char>(text_[at])]) ++at;
  return finish(TokenKind::Word, begin, at);
}

Token Scanner::operators() noexcept {
  const std::size_t begin = position_;
  std::size_t at = begin + 1;
  while (at < text_.size() && class_of(text_[at]) == Class::Operator) {
    const bool comment = (text_[at] == '-' || text_[at] == '/') && at + 1 < text_.size() &&
                         text_[at + 1] == (text_[at] == '-' ? '-' : '*');
    if (comment) break;
    ++at;
  }
  return finish(TokenKind::Operator, begin, at);
}

Token Scanner::next() noexcept {
  for (;;) {
    if (position_ >= text_.size()) return {TokenKind::End, text_.size(), text_.size()};
    const std::size_t begin = position_;
    const char c = text_[begin];
    const auto one = [&](TokenKind kind) { return finish(kind, begin, begin + 1); };
    switch (class_of(c)) {
      case Class::Blank: ++position_; continue;
      case Class::Letter:
        if (c == '\xC2' && peek(1) == 0xA0) {
          position_ += 2;
          continue;
        }
        return word();
      case Class::Digit: return number();
      case Class::Quote: return string_from(begin, begin, Escapes::None);
      case Class::DoubleQuote: return quoted_name_from(begin, begin);
      case Class::Dollar: return dollar();
      case Class::Operator:
        if (c == '-' && peek(1) == '-') {
          skip_line_comment();
          continue;
        }
        if (c == '/' && peek(1) == '*') {
          if (!skip_block_comment()) return finish(TokenKind::OpenComment, begin, text_.size());
          continue;
        }
        return operators();
      case Class::Open: return one(TokenKind::Open);
      case Class::Close: return one(TokenKind::Close);
      case Class::Semicolon: return one(TokenKind::Semicolon);
      case Class::Comma: return one(TokenKind::Comma);
      case Class::Dot: return is_digit(peek(1)) ? number() : one(TokenKind::Dot);
      case Class::Backslash: return one(TokenKind::Backslash);
      case Class::Other: break;
    }
    return one(TokenKind::Symbol);
  }
}

}  // namespace headway::sql
