#include "sql/splitter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "sql/position.hpp"
#include "sql/scanner.hpp"
#include "sql/statement_head.hpp"
#include "sql/string_setting.hpp"
#include "sql/text.hpp"
#include "sql/text_window.hpp"
#include "sql/utf8.hpp"

namespace headway::sql {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLongestCommand = 34;  // of psql, as far as messages name it

class Splitter final : private CopyRest {
 public:
  using Each = std::function<void(const Statement&)>;

  Splitter(std::string_view script, const std::string& file, const Each& each)
      : script_(script),
        file_(file),
        each_(each),
        scanner_(script, script.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0),
        positions_(script) {}
  /// `window` shows the script; what is done with is dropped from it.
  Splitter(TextWindow& window, const std::string& file, const Each& each)
      : window_(&window), file_(file), each_(each), scanner_({}), positions_({}) {}

  void run() {
    if (window_ == nullptr) {
      check_bytes();
    } else {
      read_on();
    }
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
            if (begin_ == kNone || finish_statement(token.end)) resume_ = token.end;
            continue;
          }
          break;
        case TokenKind::String:
          if (backslash_may_escape_) refuse_escaped_quote(token);
          break;
        case TokenKind::Backslash:
          if (token.begin + kLongestCommand > script_.size() && cut_short()) continue;
          refuse_meta_command(token.begin);
        case TokenKind::OpenQuote:
          if (cut_short()) continue;
          refuse_open_quote(token.begin);
        case TokenKind::OpenComment:
          if (cut_short()) continue;
          fail(ErrorId::UnterminatedComment, token.begin, "the comment that begins here has no */");
        case TokenKind::End:
          if (cut_short() || !end_of_text()) continue;
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
    const Position position = find_position(offset);
    Location where{file_, position.line, position.column};
    if (next.empty()) throw Error(id, std::move(message)).at(std::move(where));
    throw Error(id, std::move(message)).at(std::move(where)).next(std::move(next));
  }

  [[nodiscard]] Position find_position(std::size_t offset) const {
    if (window_ == nullptr) return position_at(script_, offset);
    if (data_at_ && offset >= after_data_) {
      return PositionTracker(script_.substr(after_data_), *data_at_).at(offset - after_data_);
    }
    return PositionTracker(script_, origin_).at(offset);
  }

  void check_bytes() {
    const std::string_view fresh = script_.substr(checked_);
    const std::size_t found = find_bad_byte(fresh);
    checked_ = found == kNone ? script_.size() : checked_ + found;
    if (found == kNone) return;
    const std::size_t bad = checked_;
    const auto byte = static_cast<unsigned char>(script_[bad]);
    if (!is_last() && is_character_begun(script_.substr(bad))) return;
    if (byte == 0) fail(ErrorId::NulByte, bad, "the file holds a NUL byte");
    fail(ErrorId::NotUtf8, bad, fmt::format("the byte 0x{:02x} is not UTF-8", byte));
  }

  [[nodiscard]] bool is_last() const { return window_ == nullptr || window_->complete(); }

  /// The scanner came to an end that is not the script's: it begins the statement anew, with more
  /// of the text.
  bool cut_short() {
    if (is_last() || after_data_ != kNone) return false;
    drop_front(resume_);
    read_on();
    return true;
  }

  void drop_front(std::size_t size) {
    if (size == 0) return;
    origin_ = find_position(size);
    dropped_ += size;
    checked_ -= size;
    window_->erase(0, size);
  }

  /// So much that a long statement is not looked at too often.
  void read_on() {
    window_->fill(window_->text().size() / 4);
    script_ = window_->text();
    check_bytes();
    begin_ = kNone;
    depth_ = 0;
    names_setting_ = false;
    head_ = {};
    resume_ = 0;
    scanner_ = Scanner(script_);
    positions_ = PositionTracker(script_, origin_);
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

  /// False: it has to be read again, with what stands behind it.
  bool finish_statement(std::size_t after_semicolon) {
    if (head_.copy_from_stdin()) {
      if (after_data_ == kNone && script_.find('\n', after_semicolon) == kNone && cut_short()) {
        return false;
      }
      finish_copy(after_semicolon);
    } else {
      tell(cut_statement());
    }
    begin_ = kNone;
    head_ = {};
    return true;
  }

  void tell(const Statement& statement) {
    if (window_ == nullptr) {
      each_(statement);
      return;
    }
    const TextWindow::Terminated terminated(*window_, end_);
    each_(statement);
  }

  Statement cut_statement() {
    Statement statement;
    statement.text = script_.substr(begin_, end_ - begin_);
    statement.offset = dropped_ + begin_;
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
  void finish_copy(std::size_t after_semicolon) {
    if (after_data_ == kNone) {
      line_end_ = std::min(script_.find('\n', after_semicolon), script_.size());
      after_data_ = std::min(line_end_ + 1, script_.size());
    }
    const DataEnd end = find_data_end(true);
    if (end.found) {
      Statement statement = cut_statement();
      statement.copy_data = script_.substr(after_data_, end.data - after_data_);
      tell(statement);
      if (data_at_) data_at_ = find_position(end.next);
      after_data_ = end.next;
    } else {
      if (is_last()) refuse_open_copy();
      pass_copy_data(end);
    }
    scanner_ = Scanner(script_.substr(0, line_end_), after_semicolon);
  }

  /// What may have to be seen again with the next piece: a cut character, or the beginning of "\."
  static constexpr std::size_t kLongestRest = 3;
  struct DataEnd {
    bool found = false;
    std::size_t data = 0;     ///< the end of the data, as far as it is seen
    std::size_t next = 0;     ///< what comes behind it
    bool begins_line = true;  ///< a line begins there
  };

  /// Looks for the line that holds only \. from after_data_ on, where a line begins or not.
  [[nodiscard]] DataEnd find_data_end(bool begins_line) const {
    static constexpr std::string_view kEnd = "\\.\r";
    std::size_t line = after_data_;
    if (!begins_line) {
      const std::size_t newline = script_.find('\n', line);
      if (newline == kNone) return {.data = checked_, .begins_line = false};
      line = newline + 1;
    }
    while (line < script_.size()) {
      const std::size_t newline = script_.find('\n', line);
      const std::size_t end = std::min(newline, script_.size());
      const std::string_view text = script_.substr(line, end - line);
      if (newline == kNone && !is_last()) {
        if (kEnd.starts_with(text)) return {.data = line};
        return {.data = checked_, .begins_line = false};  // no character is cut in two
      }
      if (text == kEnd || text == kEnd.substr(0, 2)) {
        return {.found = true, .data = line, .next = std::min(end + 1, script_.size())};
      }
      line = end + 1;
    }
    return {.data = script_.size()};
  }

  [[noreturn]] void refuse_open_copy() const {
    fail(ErrorId::UnterminatedCopy, begin_,
         "the data of this COPY .. FROM stdin is not closed by a line that holds only \\.");
  }

  /// Hands the data over piece by piece, each in the place of the one before it.
  void pass_copy_data(const DataEnd& first) {
    if (!data_at_) data_at_ = find_position(after_data_);
    first_line_ = data_at_->line;
    // For good: the statement's text must not move while its data come and go behind it.
    window_->reserve(window_->chunk() + kLongestRest);
    script_ = window_->text();
    positions_ = PositionTracker(script_, origin_);
    seen_ = first;
    Statement statement = cut_statement();
    statement.copy_data = script_.substr(after_data_, seen_.data - after_data_);
    statement.copy_rest = this;
    tell(statement);
    while (!next().empty()) continue;
    erase_data(seen_.next);
  }

  [[nodiscard]] std::size_t first_line() const override { return first_line_; }

  std::string_view next() override {
    while (!seen_.found) {
      erase_data(seen_.data);
      window_->fill();
      script_ = window_->text();
      check_bytes();
      seen_ = find_data_end(seen_.begins_line);
      if (!seen_.found && is_last()) refuse_open_copy();
      if (seen_.data > after_data_) return script_.substr(after_data_, seen_.data - after_data_);
    }
    return {};
  }

  void erase_data(std::size_t end) {
    data_at_ = find_position(end);
    dropped_behind_ += end - after_data_;
    checked_ -= end - after_data_;
    window_->erase(after_data_, end);
    script_ = window_->text();
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
      go_on_behind_data();
      return false;
    }
    if (begin_ == kNone) return true;
    const Statement last = cut_statement();
    if (head_.copy_from_stdin()) {
      fail(ErrorId::UnterminatedCopy, begin_,
           "COPY .. FROM stdin is followed by neither a semicolon nor data");
    }
    tell(last);
    return true;
  }

  void go_on_behind_data() {
    const std::size_t next = std::exchange(after_data_, kNone);
    if (!data_at_) {
      scanner_ = Scanner(script_, next);
      resume_ = next;
      return;
    }
    origin_ = *std::exchange(data_at_, std::nullopt);
    dropped_ += next + std::exchange(dropped_behind_, 0);
    checked_ -= next;
    window_->erase(0, next);
    read_on();
  }

  std::string_view script_;
  TextWindow* window_ = nullptr;  // what script_ is a part of the script in
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

  // Of a window.
  std::size_t resume_ = 0;           // where the statement being read began to be looked for
  std::size_t checked_ = 0;          // holds no bad byte before this
  Position origin_;                  // of its first character
  std::size_t dropped_ = 0;          // bytes before it
  std::optional<Position> data_at_;  // of after_data_, once data in front of it was dropped
  std::size_t dropped_behind_ = 0;   // bytes of it
  std::size_t first_line_ = 0;       // of the data that is handed over piece by piece
  DataEnd seen_;                     // of the data that is handed over piece by piece
};

}  // namespace

void split(std::string_view script, const std::string& file,
           const std::function<void(const Statement&)>& each) {
  Splitter(script, file, each).run();
}

void split(TextReader& script, const std::string& file,
           const std::function<void(const Statement&)>& each, std::size_t chunk) {
  TextWindow window(script, chunk);
  Splitter(window, file, each).run();
}

std::vector<Statement> split(std::string_view script, const std::string& file) {
  std::vector<Statement> statements;
  split(script, file, [&statements](const Statement& one) { statements.push_back(one); });
  return statements;
}

}  // namespace headway::sql
