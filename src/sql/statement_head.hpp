// The two statements whose end can't be seen from semicolons and parentheses alone: a routine with
// a BEGIN ATOMIC body, and COPY .. FROM stdin, which data follows.  Fed with a statement's tokens
// in order, this tells which one it is; for all others it falls silent after the first words.
#pragma once
#include <cstddef>
#include <string_view>

#include "sql/scanner.hpp"

namespace headway::sql {

class StatementHead {
 public:
  /// `depth`: of parentheses around the token.  Cheap once the statement is known to be neither.
  void feed(const Token& token, std::string_view text, std::size_t depth) noexcept {
    if (state_ != State::Other) step(token, text, depth);
  }

  /// A semicolon here belongs to the routine's body.
  [[nodiscard]] bool in_body() const noexcept { return body_depth_ > 0; }
  /// Where the body's BEGIN stands.
  [[nodiscard]] std::size_t body_begin() const noexcept { return body_begin_; }
  [[nodiscard]] bool copy_from_stdin() const noexcept { return state_ == State::CopyFromStdin; }
  [[nodiscard]] bool copy_to_stdout() const noexcept { return state_ == State::CopyToStdout; }

 private:
  enum class State : unsigned char {
    Start,
    Create,         // CREATE [OR [REPLACE]]
    Routine,        // CREATE FUNCTION ..., looking for BEGIN ATOMIC
    RoutineBegin,   // ... BEGIN
    BodyStatement,  // in the body, where a statement begins
    Body,           // in the body, inside a statement
    Copy,           // COPY ..., looking for FROM or TO
    CopyFrom,       // COPY .. FROM
    CopyTo,         // COPY .. TO
    CopyFromStdin,
    CopyToStdout,
    Other,
  };
  void step(const Token& token, std::string_view text, std::size_t depth) noexcept;

  State state_ = State::Start;
  bool after_dot_ = false;
  std::size_t body_depth_ = 0;
  std::size_t body_begin_ = 0;
};

}  // namespace headway::sql
