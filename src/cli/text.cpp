#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace headway::cli {
namespace {

struct Civil {
  int year;
  unsigned month, day;
  long long hour, minute, second, microsecond;
};

Civil civil(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), clock.hours().count(),
          clock.minutes().count(),           clock.seconds().count(),
          clock.subseconds().count()};
}

}  // namespace

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string format_time(Timestamp time) {
  if (time == Timestamp{}) return "-";
  const Civil c = civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
}

std::string format_rfc3339(Timestamp time) {
  const Civil c = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.microsecond);
}

std::string format_digits(Timestamp time) {
  const Civil c = civil(time);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", c.year, c.month, c.day, c.hour, c.minute,
                     c.second);
}

std::string format_duration(Microseconds duration) {
  const long long us = std::max<long long>(duration.count(), 0);
  if (us < 1'000) return fmt::format("{}.{} ms", us / 1'000, us % 1'000 / 100);
  if (us < 1'000'000) return fmt::format("{} ms", us / 1'000);
  if (us < 60'000'000) return fmt::format("{}.{} s", us / 1'000'000, us % 1'000'000 / 100'000);
  const long long seconds = us / 1'000'000;
  if (seconds < 3'600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {:02}m", seconds / 3'600, seconds % 3'600 / 60);
}

std::string count_of(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string out;
  std::size_t taken = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && ++taken == width) break;
    out += c;
  }
  return out + "…";
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char kept = byte < 0x20 || byte == 0x7F ? ' ' : c;
    if (kept == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += kept;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string Table::render(const Paint& paint, std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const std::string& cell : header_) widths.push_back(width_of(cell));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string out(indent, ' ');
    std::size_t end = out.size();
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (!row[i].empty()) end = out.size();
      out.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    out.resize(end);
    return out;
  };
  std::string out = paint.dim(line(header_)) + '\n';
  for (const auto& row : rows_) out += line(row) + '\n';
  return out;
}

}  // namespace headway::cli
