// `-- headway: key=value ...` in a file's leading comment block (design, section 4).  A value with
// spaces stands in double quotes.  Several directive lines add up; the same key twice is an error.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migration/version.hpp"

namespace headway::migration {

enum class Transaction { Each, None };
enum class Phase { Expand, Contract };

struct Directives {
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

/// Reads the directives of `text` (without BOM).  The leading block ends at the first character
/// that is neither white space nor part of a comment.  Throws Error UnknownDirective or
/// BadDirective with file:line:column; also for a directive line further down, where it would have
/// no effect.
[[nodiscard]] Directives parse_directives(std::string_view text, const std::string& file);

/// "250ms", "3s", "10m", "1h", "0" -> milliseconds; nothing if it is not one of these.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace headway::migration
