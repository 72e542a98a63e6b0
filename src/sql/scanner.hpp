// Walks over a text token by token, by the lexical rules of PostgreSQL (standard_conforming_strings
// on).  Tokens are ranges of the text; nothing is copied and nothing is looked at twice, so one
// pass over 100 MB is a matter of a fraction of a second.
//
// The scanner knows tokens, not statements.  It never fails: what is not closed comes out as a
// token that says so and reaches to the end of the text.
#pragma once
#include <cstddef>
#include <string_view>

namespace headway::sql {

enum class TokenKind : unsigned char {
  End,
  Word,        ///< identifier or keyword without quotes
  QuotedName,  ///< ".." or U&".."
  String,      ///< '..', E'..', B'..', X'..', N'..', U&'..', continued over lines where SQL says so
  Dollar,      ///< $tag$..$tag$
  Number,
  Parameter,  ///< $1
  Open,       ///< (
  Close,      ///< )
  Semicolon,
  Comma,
  Dot,
  Operator,  ///< a run of operator characters
  Symbol,    ///< any other character
  Backslash,
  OpenQuote,    ///< a String, Dollar or QuotedName without its end
  OpenComment,  ///< a block comment without its end
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] std::string_view in(std::string_view text) const noexcept {
    return {text.data() + begin, end - begin};
  }
};

class Scanner {
 public:
  explicit Scanner(std::string_view text, std::size_t begin = 0) noexcept
      : text_(text), position_(begin) {}

  /// The next token behind blanks and comments.  A non-breaking space (U+00A0) where a token could
  /// begin counts as a blank, although the server would take it for a name.
  Token next() noexcept;

 private:
  [[nodiscard]] unsigned char peek(std::size_t ahead = 0) const noexcept {
    const std::size_t at = position_ + ahead;
    return at < text_.size() ? static_cast<unsigned char>(text_[at]) : '\0';
  }
  Token finish(TokenKind kind, std::size_t begin, std::size_t end) noexcept {
    position_ = end;
    return {kind, begin, end};
  }
  void skip_line_comment() noexcept;
  [[nodiscard]] bool skip_block_comment() noexcept;
  enum class Escapes { None, Backslash };
  Token string_from(std::size_t begin, std::size_t quote, Escapes escapes) noexcept;
  Token quoted_name_from(std::size_t begin, std::size_t quote) noexcept;
  Token dollar() noexcept;
  Token number() noexcept;
  Token word() noexcept;
  Token operators() noexcept;

  std::string_view text_;
  std::size_t position_;
};

}  // namespace headway::sql
