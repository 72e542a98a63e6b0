// An error for people: three lines.  What happened, why it matters, what to do next.
#pragma once
#include <exception>
#include <string>

#include "base/error.hpp"
#include "cli/text.hpp"

namespace headway::cli {

/// What happened on one line: place, message, statement, SQLSTATE, the server's words.
[[nodiscard]] std::string what_happened(const ErrorInfo& error);
/// The three lines.  `label` is "error" or "warning".
[[nodiscard]] std::string error_text(const ErrorInfo& error, const Paint& paint,
                                     std::string_view label = "error");
/// The exception being handled as an ErrorInfo: anything but an Error is Internal.
[[nodiscard]] ErrorInfo current_error();

}  // namespace headway::cli
