#include "sql/constants.hpp"

#include "sql/text.hpp"

namespace headway::sql {

Token Constants::next() noexcept {
  const Token token = scanner_.next();
  constant_ = is_constant(token);
  ++count_;
  return token;
}

bool Constants::is_constant(const Token& token) noexcept {
  const std::string_view text = token.in(text_);
  switch (token.kind) {
    case TokenKind::String:
    case TokenKind::Dollar:
    case TokenKind::Number: after_password_ = false; return true;
    case TokenKind::Word:
    case TokenKind::QuotedName:
      if (!is_word(text, "DEFAULT") && !is_word(text, "NULL") && take_bare_value()) return true;
      note_name(text);
      return false;
    case TokenKind::Dot:
      if (setting_ == Setting::Name) dotted_ = true;
      return false;
    case TokenKind::Operator:
      if (setting_ == Setting::Name) setting_ = Setting::Value;
      return false;
    default: return false;
  }
}

bool Constants::take_bare_value() noexcept {
  const bool value = after_password_ || (setting_ == Setting::Value && dotted_);
  after_password_ = false;
  return value;
}

void Constants::note_name(std::string_view text) noexcept {
  if (count_ == 0) {
    sets_ = is_word(text, "SET") || is_word(text, "ALTER");
    role_ = is_word(text, "CREATE") || is_word(text, "ALTER");
  } else if (count_ == 1) {
    role_ = role_ && (is_word(text, "ROLE") || is_word(text, "USER") || is_word(text, "GROUP"));
  }
  if (sets_ && is_word(text, "SET")) {
    setting_ = Setting::Name;
    dotted_ = false;
  } else if (setting_ == Setting::Name && is_word(text, "TO")) {
    setting_ = Setting::Value;
  } else if (setting_ == Setting::Name && text.find('.') != std::string_view::npos) {
    dotted_ = true;  // "app.secret", quoted as a whole
  }
  after_password_ = role_ && is_word(text, "PASSWORD");
}

}  // namespace headway::sql
