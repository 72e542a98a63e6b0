#include "telemetry/text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace headway::telemetry {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The length of the well-formed sequence (Unicode, table 3-7) that `text` begins with; 0 if none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;   // bounds of the second byte: no overlong forms, no surrogates,
  unsigned char high = 0xBF;  // nothing above U+10FFFF
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

/// Calls `append` with each well-formed sequence; stands in for what is not.
template <typename Append>
void for_each_sequence(std::string_view text, Append append) {
  std::size_t taken = 0;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const std::string_view sequence = length == 0 ? kReplacement : text.substr(0, length);
    taken += sequence.size();
    if (taken > kMaxValueBytes) {
      append("\xE2\x80\xA6");
      return;
    }
    append(sequence);
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (first < 0x20 || first == 0x7F) return true;
  // U+0080 to U+009F: some terminals obey them.
  return sequence.size() == 2 && first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_sequence(text, [&](std::string_view sequence) { out += sequence; });
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_sequence(text, [&](std::string_view sequence) {
    if (!is_control(sequence)) {
      out += sequence;
    } else if (sequence == "\n" || sequence == "\t") {
      out += ' ';
    } else if (sequence != "\r") {
      out += kReplacement;
    }
  });
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for_each_sequence(text, [&](std::string_view sequence) {
    if (sequence == "\"" || sequence == "\\") {
      out += '\\';
      out += sequence;
    } else if (sequence == "\n") {
      out += "\\n";
    } else if (sequence == "\t") {
      out += "\\t";
    } else if (sequence.size() == 1 && is_control(sequence)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(sequence[0]));
    } else {
      out += sequence;
    }
  });
  out += '"';
}

std::string readable(Microseconds duration) {
  const std::int64_t ms = std::chrono::duration_cast<Milliseconds>(duration).count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{}.{} s", ms / 1000, ms / 100 % 10);
  const std::int64_t seconds = ms / 1000;
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

}  // namespace headway::telemetry
