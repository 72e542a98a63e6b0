#include "telemetry/log_line.hpp"

#include <fmt/format.h>

#include "telemetry/text.hpp"

namespace headway::telemetry {
namespace {

void append_member(std::string& out, std::string_view key, const LogLine::Value& value) {
  if (!out.empty()) out += ',';
  append_json_string(out, key);
  out += ':';
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_json_string(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += fmt::format("{}", *number);
  } else {
    // Six digits: microseconds, and never an exponent or a locale's comma.
    out += fmt::format("{:.6f}", std::get<double>(value));
  }
}

}  // namespace

std::string json_members(const LogLine& line) {
  std::string out;
  append_member(out, "event", std::string(line.event));
  append_member(out, "message", line.message);
  for (const auto& [key, value] : line.fields) append_member(out, key, value);
  return out;
}

std::string text_lines(const LogLine& line, std::size_t indent) {
  std::string out = one_line(line.message);
  for (const std::string& text : line.more) {
    out += '\n';
    out.append(indent, ' ');
    out += one_line(text);
  }
  return out;
}

}  // namespace headway::telemetry
