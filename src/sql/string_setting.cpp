#include "sql/string_setting.hpp"

#include <algorithm>
#include <array>

#include "sql/literal.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

constexpr std::string_view kSetting = "STANDARD_CONFORMING_STRINGS";

bool is_setting(const Token& token, std::string_view text) {
  std::string_view name = token.in(text);
  if (token.kind == TokenKind::QuotedName || token.kind == TokenKind::String) {
    if (name.size() != kSetting.size() + 2) return false;
    name = name.substr(1, kSetting.size());
  } else if (token.kind != TokenKind::Word) {
    return false;
  }
  return is_word(name, kSetting);
}

bool is_on(const Token& token, std::string_view text) {
  std::string_view value = token.in(text);
  if (token.kind == TokenKind::String && value.size() > 2)
    value = value.substr(1, value.size() - 2);
  return is_word(value, "ON") || is_word(value, "TRUE") || is_word(value, "YES") || value == "1";
}

/// The last tokens, the newest first.
class Trail {
 public:
  explicit Trail(std::string_view text) : text_(text) {}

  void push(const Token& token) {
    std::shift_right(tokens_.begin(), tokens_.end(), 1);
    tokens_[0] = token;
  }
  [[nodiscard]] const Token& at(std::size_t back) const { return tokens_[back]; }
  [[nodiscard]] bool is(std::size_t back, std::string_view upper) const {
    return tokens_[back].kind == TokenKind::Word && is_word(tokens_[back].in(text_), upper);
  }
  /// A statement begins behind this token.
  [[nodiscard]] bool starts_behind(std::size_t back) const {
    const TokenKind kind = tokens_[back].kind;
    return kind == TokenKind::End || kind == TokenKind::Semicolon || is(back, "BEGIN") ||
           is(back, "THEN") || is(back, "ELSE") || is(back, "LOOP");
  }

 private:
  std::string_view text_;
  std::array<Token, 4> tokens_{};
};

/// The setting's name stands behind `trail`: whether it is SET's or RESET's.
bool is_set_here(const Trail& trail) {
  if (trail.is(0, "SET") || trail.is(0, "RESET")) return trail.starts_behind(1);
  return (trail.is(0, "LOCAL") || trail.is(0, "SESSION")) && trail.is(1, "SET") &&
         trail.starts_behind(2);
}

/// ... or an argument of set_config(.
bool is_argument(const Trail& trail, std::string_view text) {
  if (trail.at(0).kind != TokenKind::Open) return false;
  const std::string_view name = trail.at(1).in(text);
  return trail.is(1, "SET_CONFIG") || name == "\"set_config\"";
}

bool changes_in(std::string_view text) {
  Trail trail(text);
  Scanner scanner(text);
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (is_setting(token, text)) {
      const bool argument = token.kind == TokenKind::String && is_argument(trail, text);
      if (argument || is_set_here(trail)) {
        scanner.next();  // TO, = or a comma
        if (!is_on(scanner.next(), text)) return true;
      }
    }
    trail.push(token);
  }
  return false;
}

}  // namespace

bool may_name_string_setting(const Token& token, std::string_view text) noexcept {
  const std::size_t size = token.end - token.begin;
  if (token.kind == TokenKind::Dollar) {
    const std::string_view body = token.in(text);
    const auto same = [](char a, char b) { return to_upper(a) == b; };
    return std::search(body.begin(), body.end(), kSetting.begin(), kSetting.end(), same) !=
           body.end();
  }
  return (size == kSetting.size() || size == kSetting.size() + 2) && is_setting(token, text);
}

bool changes_string_setting(std::string_view statement) {
  if (changes_in(statement)) return true;
  Scanner scanner(statement);
  const Token first = scanner.next();
  if (!is_word(first.in(statement), "DO")) return false;
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (token.kind == TokenKind::Dollar && changes_in(dollar_body(token.in(statement))))
      return true;
  }
  return false;
}

}  // namespace headway::sql
