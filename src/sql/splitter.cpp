#include "sql/splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "sql/position.hpp"
#include "sql/scanner.hpp"
#include "sql/statement_head.hpp"
#include "sql/string_setting.hpp"
#include "sql/text.hpp"
#include "sql/utf8.hpp"

namespace headway::sql {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

class Splitter {
 public:
  using Each = std::function<void(const Statement&)>;

  Splitter(std::string_view script, const std::string& file, const Each& each)
      : script_(script),
        file_(file),
        each_(each),
        scanner_(script, script.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0),
        positions_(script) {}

  void run() {
    check_bytes();
    for (;;) {
      const Token token = scanner_.next();
      switch (token.kind) {
        case TokenKind::Open:
          if (depth_++ == 0) outermost_ = token.begin;
          break;
        case TokenKind::Close:
          if (depth_ > 0) --depth_;  // one too many is the server's to refuse
          break;
        case TokenKind::Semicolon:
          if (depth_ == 0 && !head_.in_body()) {
            if (begin_ != kNone) finish_statement(token.end);
            continue;
          }
          break;
        case TokenKind::String:
          if (backslash_may_escape_) refuse_escaped_quote(token);
          break;
        case TokenKind::Backslash: refuse_meta_command(token.begin);
        case TokenKind::OpenQuote: refuse_open_quote(token.begin);
        case TokenKind::OpenComment:
          fail(ErrorId::UnterminatedComment, token.begin, "the comment that begins here has no */");
        case TokenKind::End:
          if (!end_of_text()) continue;
          return;
        default: break;
      }
      if (begin_ == kNone) begin_ = token.begin;
      end_ = token.end;
      names_setting_ = names_setting_ || may_name_string_setting(token, script_);
      head_.feed(token, script_, depth_);
    }
  }

 private:
  [[noreturn]] void fail(ErrorId id, std::size_t offset, std::string message,
                         std::string next = {}) const {
    const Position position = position_at(script_, offset);
    Location where{file_, position.line, position.column};
    if (next.empty()) throw Error(id, std::move(message)).at(std::move(where));
    throw Error(id, std::move(message)).at(std::move(where)).next(std::move(next));
  }

  void check_bytes() const {
    const std::size_t bad = find_bad_byte(script_);
    if (bad == kNone) return;
    const auto byte = static_cast<unsigned char>(script_[bad]);
    if (byte == 0) fail(ErrorId::NulByte, bad, "the file holds a NUL byte");
    fail(ErrorId::NotUtf8, bad, fmt::format("the byte 0x{:02x} is not UTF-8", byte));
  }

  [[noreturn]] void refuse_meta_command(std::size_t offset) const {
    const std::string_view rest = script_.substr(offset + 1, 32);
    const auto letters = static_cast<std::size_t>(
        std::find_if(rest.begin(), rest.end(),
                     [](char c) { return to_upper(c) < 'A' || to_upper(c) > 'Z'; }) -
        rest.begin());
    const std::string_view name = script_.substr(offset, std::max<std::size_t>(letters, 1) + 1);
    if (rest.starts_with('.')) {
      fail(ErrorId::MetaCommand, offset, "\\. ends the data of a COPY, and none is open here");
    }
    if (letters == 0) {
      fail(ErrorId::MetaCommand, offset,
           "a backslash outside quotes is a psql command, which the server does not know");
    }
    fail(ErrorId::MetaCommand, offset,
         fmt::format("{} is a psql command, which the server does not know", name));
  }

  [[noreturn]] void refuse_open_quote(std::size_t offset) const {
    if (script_[offset] == '$') {
      const std::string_view tag =
          script_.substr(offset, script_.find('$', offset + 1) + 1 - offset);
      fail(ErrorId::UnterminatedQuote, offset,
           fmt::format("the dollar quote {} that begins here has no end", tag));
    }
    const bool name = script_.substr(offset, 3).find('"') < script_.substr(offset, 3).find('\'');
    fail(ErrorId::UnterminatedQuote, offset,
         name ? "the quoted name that begins here has no end"
              : "the quoted text that begins here has no end");
  }

  void finish_statement(std::size_t after_semicolon) {
    Statement statement = cut_statement();
    if (head_.copy_from_stdin()) take_copy_data(statement, after_semicolon);
    each_(statement);
    begin_ = kNone;
    head_ = {};
  }

  Statement cut_statement() {
    Statement statement;
    statement.text = script_.substr(begin_, end_ - begin_);
    statement.offset = begin_;
    statement.position = positions_.at(begin_);
    // Until the script ends: whether a later statement puts it back can't always be seen.
    if (std::exchange(names_setting_, false) && changes_string_setting(statement.text)) {
      backslash_may_escape_ = true;
    }
    return statement;
  }

  /// A quote behind an odd number of backslashes ends the text, or does not.
  void refuse_escaped_quote(const Token& token) const {
    const std::string_view text = token.in(script_);
    if (to_upper(text[0]) == 'E') return;
    std::size_t backslashes = 0;
    for (const char c : text) {
      if (c == '\'' && backslashes % 2 == 1) {
        fail(ErrorId::NonstandardStrings, token.begin,
             "the quoted text holds \\', and a statement before it changed "
             "standard_conforming_strings");
      }
      backslashes = c == '\\' ? backslashes + 1 : 0;
    }
  }

  // The data begins on the next line, and what else stands on COPY's own line comes after it: so
  // psql does it, which reads line by line.  Until the end of that line the scanner sees nothing of
  // the data (`after_data_` is where it goes on); a second COPY on the line finds its data behind
  // the first one's.
  void take_copy_data(Statement& statement, std::size_t after_semicolon) {
    if (after_data_ == kNone) {
      line_end_ = std::min(script_.find('\n', after_semicolon), script_.size());
      after_data_ = std::min(line_end_ + 1, script_.size());
    }
    const std::size_t data = after_data_;
    for (std::size_t line = data; line < script_.size();) {
      const std::size_t newline = std::min(script_.find('\n', line), script_.size());
      const std::string_view text = script_.substr(line, newline - line);
      if (text == "\\." || text == "\\.\r") {
        statement.copy_data = script_.substr(data, line - data);
        after_data_ = std::min(newline + 1, script_.size());
        scanner_ = Scanner(script_.substr(0, line_end_), after_semicolon);
        return;
      }
      line = newline + 1;
    }
    fail(ErrorId::UnterminatedCopy, statement.offset,
         "the data of this COPY .. FROM stdin is not closed by a line that holds only \\.");
  }

  /// The scanner saw an end; true if it is the script's.
  bool end_of_text() {
    if (depth_ > 0) {
      fail(ErrorId::UnbalancedParenthesis, outermost_,
           "the parenthesis that opens here is not closed");
    }
    if (head_.in_body()) {
      fail(ErrorId::UnterminatedBody, head_.body_begin(),
           "the body that begins here has no END; each of its statements ends with a semicolon, "
           "the last one too");
    }
    if (after_data_ != kNone) {
      if (begin_ != kNone) {
        fail(ErrorId::UnterminatedCopy, begin_,
             "the data of the COPY before it cuts this statement in two",
             "Begin a new line after COPY .. FROM stdin; and write the statement after the data.");
      }
      scanner_ = Scanner(script_, std::exchange(after_data_, kNone));
      return false;
    }
    if (begin_ == kNone) return true;
    const Statement last = cut_statement();
    if (head_.copy_from_stdin()) {
      fail(ErrorId::UnterminatedCopy, last.offset,
           "COPY .. FROM stdin is followed by neither a semicolon nor data");
    }
    each_(last);
    return true;
  }

  std::string_view script_;
  const std::string& file_;
  const Each& each_;
  Scanner scanner_;
  PositionTracker positions_;

  // The statement being read.
  std::size_t begin_ = kNone;
  std::size_t end_ = 0;
  std::size_t depth_ = 0;
  std::size_t outermost_ = 0;  // the parenthesis that made depth_ 1
  bool names_setting_ = false;
  bool backslash_may_escape_ = false;  // in '..', since a statement before this one
  StatementHead head_;

  // While on the rest of a COPY's line.
  std::size_t line_end_ = 0;
  std::size_t after_data_ = kNone;
};

}  // namespace

void split(std::string_view script, const std::string& file,
           const std::function<void(const Statement&)>& each) {
  Splitter(script, file, each).run();
}

std::vector<Statement> split(std::string_view script, const std::string& file) {
  std::vector<Statement> statements;
  split(script, file, [&statements](const Statement& one) { statements.push_back(one); });
  return statements;
}

}  // namespace headway::sql
