// Cuts a script into statements as psql would, in one pass over the bytes and without copying:
// every std::string_view points into the script.
//
// Understood: '..' with '' and, in E'..', backslashes; U&'..'; ".."; $tag$..$tag$; -- and nested
// block comments; parentheses; BEGIN ATOMIC .. END bodies with CASE .. END and nested BEGIN inside;
// COPY .. FROM stdin followed by inline data up to \. ; standard_conforming_strings is on, and a
// statement that turns it off is refused.
//
// A statement's text reaches from its first to its last token, so comments and blanks before it,
// behind it and in front of its semicolon are not part of it; those within it are.  A byte order
// mark at the start is skipped.  A non-breaking space between tokens counts as a blank when bounds
// are looked for; within a statement it stays, for the server to refuse.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_reader.hpp"

namespace headway::sql {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Position {
  std::size_t line = 1;    ///< 1-based
  std::size_t column = 1;  ///< 1-based, in characters (code points)
};

/// What the data of a COPY has behind its first piece, while it is read.
class CopyRest {
 public:
  virtual ~CopyRest() = default;
  /// The next piece, valid until the call after this; empty at the end.  Throws what split() does.
  virtual std::string_view next() = 0;
  /// Of the data, in the script.
  [[nodiscard]] virtual std::size_t first_line() const = 0;
};

struct Statement {
  std::string_view text;   ///< without leading blanks and comments, without the closing semicolon
  std::size_t offset = 0;  ///< of text in the script, bytes
  Position position;       ///< of text's first character
  /// The data of COPY .. FROM stdin, line ends as in the script, without the closing `\.` line.
  std::optional<std::string_view> copy_data;
  /// Not null: copy_data is the first piece.  What is not asked for is skipped.
  CopyRest* copy_rest = nullptr;
};

/// Throws headway::Error with `file`:line:column: NulByte, NotUtf8, MetaCommand, UnterminatedQuote,
/// UnterminatedComment, UnterminatedCopy, UnbalancedParenthesis, UnterminatedBody,
/// NonstandardStrings.
/// The place is where the quote, comment, parenthesis, body or COPY begins that has no end.
/// A script that holds only blanks, comments and stray semicolons gives none.
[[nodiscard]] std::vector<Statement> split(std::string_view script, const std::string& file);
/// The same, one after the other: a dump holds a million.
void split(std::string_view script, const std::string& file,
           const std::function<void(const Statement&)>& each);
/// The same of a text without a byte order mark that is never held whole: at most a statement, a
/// quarter of it and a piece of `chunk` bytes; the data of a COPY comes in pieces.  A statement is
/// valid while `each` has it, and a NUL byte stands behind its text meanwhile.  Of several faults
/// the first in the text is thrown.
void split(TextReader& script, const std::string& file,
           const std::function<void(const Statement&)>& each,
           std::size_t chunk = std::size_t{256} * 1024);

/// The position of a byte offset: walks from the start.
[[nodiscard]] Position position_at(std::string_view script, std::size_t offset);

}  // namespace headway::sql
