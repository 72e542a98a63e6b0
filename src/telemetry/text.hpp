// Text that may stand in a line of a log: valid UTF-8 without anything that ends the line or moves
// a terminal's cursor, whatever bytes come in.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace headway::telemetry {

/// Longer values are cut: container runtimes split a log line after 16 KiB, which breaks its JSON.
inline constexpr std::size_t kMaxValueBytes = 4000;

/// The same text with every byte that is not part of a valid UTF-8 sequence replaced by U+FFFD, cut
/// after kMaxValueBytes.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// valid_utf8() on one line: white space becomes a blank, other control characters U+FFFD.
[[nodiscard]] std::string one_line(std::string_view text);

/// Appends a JSON string with its quotes: valid JSON for any bytes.
void append_json_string(std::string& out, std::string_view text);

/// For people: "12 ms", "1.5 s", "2 min 5 s", "1 h 2 min".
[[nodiscard]] std::string readable(Microseconds duration);

}  // namespace headway::telemetry
