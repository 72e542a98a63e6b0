// How a body's END is told from the END of a CASE, from a column and from an alias of that name:
// inside a body every statement ends with a semicolon, so the END that closes the body stands where
// a statement would begin, and no other END ever does.
#include "sql/statement_head.hpp"

#include "sql/text.hpp"

namespace headway::sql {

void StatementHead::step(const Token& token, std::string_view text, std::size_t depth) noexcept {
  const bool after_dot = after_dot_;
  after_dot_ = token.kind == TokenKind::Dot;
  const auto word = [&](std::string_view upper) {
    return token.kind == TokenKind::Word && !after_dot && is_word(token.in(text), upper);
  };
  switch (state_) {
    case State::Start:
      state_ = word("CREATE") ? State::Create : word("COPY") ? State::Copy : State::Other;
      return;
    case State::Create:
      if (word("FUNCTION") || word("PROCEDURE")) {
        state_ = State::Routine;
      } else if (!word("OR") && !word("REPLACE")) {
        state_ = State::Other;
      }
      return;
    case State::RoutineBegin:
      if (word("ATOMIC")) {
        body_depth_ = 1;
        state_ = State::BodyStatement;
        return;
      }
      state_ = State::Routine;
      [[fallthrough]];
    case State::Routine:
      if (depth == 0 && word("BEGIN")) {
        body_begin_ = token.begin;
        state_ = State::RoutineBegin;
      }
      return;
    case State::BodyStatement:
      if (word("BEGIN")) {
        ++body_depth_;
      } else if (word("END")) {
        state_ = --body_depth_ > 0 ? State::Body : State::Other;
      } else if (token.kind != TokenKind::Semicolon && !word("ATOMIC")) {
        state_ = State::Body;
      }
      return;
    case State::Body:
      if (depth == 0 && token.kind == TokenKind::Semicolon) state_ = State::BodyStatement;
      return;
    case State::Copy:
      if (depth == 0 && word("FROM")) state_ = State::CopyFrom;
      if (depth == 0 && word("TO")) state_ = State::CopyTo;
      return;
    case State::CopyFrom:
    case State::CopyTo:
      // The server takes STDIN and STDOUT for one another here.
      if (!word("STDIN") && !word("STDOUT")) {
        state_ = State::Other;
      } else {
        state_ = state_ == State::CopyFrom ? State::CopyFromStdin : State::CopyToStdout;
      }
      return;
    case State::CopyFromStdin:
    case State::CopyToStdout:
    case State::Other: return;
  }
}

}  // namespace headway::sql
