// Text for people: times, durations, tables, colours.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace headway::cli {

/// Colours on a terminal, nothing elsewhere.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return wrap("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return wrap("31", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return wrap("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return wrap("33", text); }

 private:
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
  bool on_;
};

/// "2026-11-22 09:30:00Z"
[[nodiscard]] std::string format_time(Timestamp time);
/// RFC 3339 with microseconds: "2026-11-22T09:30:00.000000Z"
[[nodiscard]] std::string format_rfc3339(Timestamp time);
/// "20261122093000"
[[nodiscard]] std::string format_digits(Timestamp time);
/// "0.4 ms", "12 ms", "3.2 s", "2m 05s", "1h 02m"
[[nodiscard]] std::string format_duration(Microseconds duration);
/// "1 migration", "2 migrations"
[[nodiscard]] std::string count_of(std::size_t number, std::string_view noun);

/// How many characters a text takes on a terminal, taking each code point for one.
[[nodiscard]] std::size_t width_of(std::string_view text);
/// At most `width` characters, the last one an ellipsis if something was cut.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t width);
/// Control characters become blanks: one line, and nothing that a terminal would obey.
[[nodiscard]] std::string one_line(std::string_view text);

/// Columns two blanks apart, as wide as their widest cell; no blanks at the end of a line.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string render(const Paint& paint, std::size_t indent = 2) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace headway::cli
