#include <algorithm>
#include <vector>

#include "sql/constants.hpp"
#include "sql/literal.hpp"
#include "sql/normalize.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

constexpr std::size_t kShort = 4;  // shorter ones are hidden only in quotes
constexpr std::size_t kLong = 8;   // longer ones also inside a word
constexpr int kNesting = 3;        // of constants in the code that a constant holds

bool is_name_byte(char c) noexcept {
  return (to_upper(c) >= 'A' && to_upper(c) <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Redactor {
 public:
  explicit Redactor(std::string_view message) : message_(message), hidden_(message.size()) {}

  void hide_constants_of(std::string_view code, int nesting = kNesting) {
    Constants constants(code);
    for (Token token = constants.next(); token.kind != TokenKind::End; token = constants.next()) {
      const std::string_view text = token.in(code);
      if (token.kind == TokenKind::String || token.kind == TokenKind::Dollar) {
        hide_string(text, nesting);
      } else if (token.kind == TokenKind::OpenQuote) {
        hide(text.substr(1));
      } else if (constants.constant()) {
        hide(text);
      }
    }
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < message_.size(); ++i) {
      if (!hidden_[i]) {
        out += message_[i];
      } else if (i == 0 || !hidden_[i - 1]) {
        out += "***";
      }
    }
    return out;
  }

 private:
  void hide_string(std::string_view token, int nesting) {
    const std::string value = decode_string(token);
    hide(value);
    if (token.front() != '$') {
      const std::size_t quote = token.find('\'');
      hide(token.substr(quote + 1, token.size() - quote - 2));  // as written
    }
    if (nesting > 0 && value.find_first_of("'$") != std::string::npos) {
      hide_constants_of(value, nesting - 1);
    }
  }

  void hide(std::string_view value) {
    if (value.empty() || value.size() > message_.size()) return;
    for (std::size_t at = message_.find(value); at != std::string_view::npos;
         at = message_.find(value, at + 1)) {
      if (must_hide(at, value.size())) {
        std::fill_n(hidden_.begin() + static_cast<std::ptrdiff_t>(at), value.size(), true);
      }
    }
  }

  [[nodiscard]] bool must_hide(std::size_t at, std::size_t size) const {
    if (size >= kLong) return true;
    const std::size_t end = at + size;
    if (size < kShort) {
      return at > 0 && end < message_.size() && message_[at - 1] == '"' && message_[end] == '"';
    }
    const bool begins = at == 0 || !is_name_byte(message_[at - 1]) || !is_name_byte(message_[at]);
    const bool ends =
        end == message_.size() || !is_name_byte(message_[end]) || !is_name_byte(message_[end - 1]);
    return begins && ends;
  }

  std::string_view message_;
  std::vector<bool> hidden_;
};

}  // namespace

std::string redact(std::string_view message, std::string_view statement) {
  Redactor redactor(message);
  redactor.hide_constants_of(statement);
  return redactor.text();
}

}  // namespace headway::sql
