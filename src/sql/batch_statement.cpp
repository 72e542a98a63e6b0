#include "sql/batch_statement.hpp"

#include <optional>

#include "sql/scanner.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

using Kind = BatchStatement::Kind;

bool is_end(const Token& token) {
  return token.kind == TokenKind::End || token.kind == TokenKind::OpenQuote ||
         token.kind == TokenKind::OpenComment;
}

/// Walks over the tokens outside of parentheses.
class TopLevel {
 public:
  explicit TopLevel(std::string_view text) : text_(text), scanner_(text) { advance(); }

  [[nodiscard]] const Token& token() const { return token_; }
  [[nodiscard]] std::string_view text() const { return token_.in(text_); }
  [[nodiscard]] bool at_end() const { return is_end(token_); }
  [[nodiscard]] bool is(std::string_view upper) const {
    return token_.kind == TokenKind::Word && is_word(text(), upper);
  }
  bool take(std::string_view upper) {
    if (!is(upper)) return false;
    advance();
    return true;
  }
  [[nodiscard]] bool at_name() const {
    return token_.kind == TokenKind::Word ||
           (token_.kind == TokenKind::QuotedName && text().front() == '"');
  }
  /// Past what a parenthesis that opens here holds; the names in it that stand first in its list.
  std::vector<std::string> take_list() {
    std::vector<std::string> first;
    bool begins = true;
    std::size_t depth = 0;
    for (; !at_end(); advance()) {
      if (token_.kind == TokenKind::Open) {
        ++depth;
      } else if (token_.kind == TokenKind::Close) {
        if (--depth == 0) break;
      } else if (depth == 1) {
        if (begins && at_name()) first.emplace_back(text());
        begins = token_.kind == TokenKind::Comma;
      }
    }
    advance();
    return first;
  }
  /// Past one token, or a parenthesis with all that it holds.
  void skip() {
    if (token_.kind == TokenKind::Open) {
      take_list();
    } else {
      advance();
    }
  }
  void advance() { token_ = scanner_.next(); }
  std::string take_name() {
    std::string name;
    while (at_name()) {
      name += text();
      advance();
      if (token_.kind != TokenKind::Dot) return name;
      name += '.';
      advance();
    }
    return {};
  }

 private:
  std::string_view text_;
  Scanner scanner_;
  Token token_;
};

std::optional<Kind> kind_at(const TopLevel& words) {
  if (words.is("UPDATE")) return Kind::Update;
  if (words.is("DELETE")) return Kind::Delete;
  if (words.is("INSERT")) return Kind::Insert;
  if (words.is("MERGE")) return Kind::Merge;
  return std::nullopt;
}

bool holds_select(std::string_view statement) {
  Scanner scanner(statement);
  for (Token token = scanner.next(); !is_end(token); token = scanner.next()) {
    if (token.kind != TokenKind::Word) continue;
    if (is_word(token.in(statement), "SELECT") || is_word(token.in(statement), "TABLE"))
      return true;
  }
  return false;
}

/// The targets of `SET a = .., (b, c) = ..`, up to the end of the list.
std::vector<std::string> assignments(TopLevel& words) {
  std::vector<std::string> out;
  bool begins = true;
  while (!words.at_end() && !words.is("FROM") && !words.is("WHERE") && !words.is("RETURNING")) {
    if (begins && words.token().kind == TokenKind::Open) {
      const auto several = words.take_list();
      out.insert(out.end(), several.begin(), several.end());
      begins = false;
      continue;
    }
    if (begins && words.at_name()) out.emplace_back(words.text());
    begins = words.token().kind == TokenKind::Comma;
    words.skip();
  }
  return out;
}

}  // namespace

std::vector<BatchPlaceholder> batch_placeholders(std::string_view statement) {
  std::vector<BatchPlaceholder> out;
  Scanner scanner(statement);
  Token before;  // the colon, if it can begin a placeholder
  bool colon = false;
  for (Token token = scanner.next(); !is_end(token); token = scanner.next()) {
    const std::string_view text = token.in(statement);
    if (colon && token.kind == TokenKind::Word && token.begin == before.end) {
      const std::string name = to_upper(text);
      if (name.starts_with("BATCH_")) {
        using Which = BatchPlaceholder::Kind;
        out.push_back({name == "BATCH_FIRST"  ? Which::First
                       : name == "BATCH_LAST" ? Which::Last
                                              : Which::Unknown,
                       before.begin, token.end});
      }
    }
    const bool is_colon = token.kind == TokenKind::Symbol && text == ":";
    const bool is_cast = is_colon && before.kind == TokenKind::Symbol &&
                         before.in(statement) == ":" && before.end == token.begin;
    colon = is_colon && !is_cast;
    before = token;
  }
  return out;
}

std::string with_range(std::string_view statement, std::string_view first, std::string_view last) {
  std::string out;
  std::size_t at = 0;
  for (const BatchPlaceholder& placeholder : batch_placeholders(statement)) {
    out += statement.substr(at, placeholder.begin - at);
    out += placeholder.kind == BatchPlaceholder::Kind::First ? first : last;
    at = placeholder.end;
  }
  return out += statement.substr(at);
}

std::size_t offset_as_written(std::string_view statement, std::string_view first,
                              std::string_view last, std::size_t offset) {
  std::size_t longer = 0;  // what was replaced so far, than it was
  for (const BatchPlaceholder& placeholder : batch_placeholders(statement)) {
    const std::size_t begin = placeholder.begin + longer;
    if (offset < begin) break;
    const std::size_t size =
        placeholder.kind == BatchPlaceholder::Kind::First ? first.size() : last.size();
    if (offset < begin + size) return placeholder.begin;
    longer += size - (placeholder.end - placeholder.begin);
  }
  return offset - longer;
}

BatchStatement batch_statement(std::string_view statement) {
  BatchStatement out;
  TopLevel words(statement);
  const bool has_with = words.is("WITH");
  while (!words.at_end() && !kind_at(words)) {
    if (!has_with) return out;
    words.skip();
  }
  if (words.at_end()) return out;
  out.kind = *kind_at(words);
  words.advance();
  if (!words.take("INTO") && !words.take("FROM") && out.kind != Kind::Update) return {};
  words.take("ONLY");
  out.target = words.take_name();
  if (out.kind == Kind::Insert) out.selects = holds_select(statement);
  if (out.kind != Kind::Update) return out;
  while (!words.at_end() && !words.is("SET")) words.skip();
  words.take("SET");
  out.assigned = assignments(words);
  return out;
}

}  // namespace headway::sql
