// `-- headway: key=value ...` in a file's leading comment block (design, section 4).  A value with
// spaces stands in double quotes.  Several directive lines add up; the same key twice is an error.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "migration/version.hpp"

namespace headway::migration {

enum class Transaction { Each, None };
enum class Phase { Expand, Contract };

struct Directives {
  /// A batch above the first statement (batch.hpp) makes it None.
  Transaction transaction = Transaction::Each;
  std::vector<Version> after;      ///< empty: the parent is the one before by order
  std::optional<Version> version;  ///< overrides the file name's
  Phase phase = Phase::Expand;
  std::optional<std::chrono::milliseconds> lock_timeout;
  std::optional<std::chrono::milliseconds> statement_timeout;
  std::vector<std::string> environments;  ///< empty: all
  bool irreversible = false;
  bool operator==(const Directives&) const = default;
};

/// What a file is for decides which directives mean something in it.
enum class FileRole { Up, Down, Repeatable };

/// Reads the directives of `text` (without BOM).  The leading block ends at the first character
/// that is neither white space nor part of a comment.  Throws Error UnknownDirective or
/// BadDirective with file:line:column.
[[nodiscard]] Directives parse_directives(std::string_view text, const std::string& file,
                                          FileRole role = FileRole::Up);

/// Where the first line below the leading block stands that looks like a directive and has no
/// effect there, as a batch's (batch.hpp) has.  Only the beginnings of lines are looked at, so it
/// may also be a line inside a string: worth a warning, not an error.
[[nodiscard]] std::optional<Location> late_directive(std::string_view text,
                                                     const std::string& file);

/// Where `key` is given in `text`, for errors found later; the file alone if it is not.
[[nodiscard]] Location directive_location(std::string_view text, const std::string& file,
                                          std::string_view key);

/// Whether `text` holds no statement: nothing but white space, comments and semicolons.
[[nodiscard]] bool only_comments(std::string_view text);

/// "250ms", "3s", "10m", "1h", "0" -> milliseconds; nothing if it is not one of these.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace headway::migration
