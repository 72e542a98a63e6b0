#include "postgres/copy_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace headway::postgres {
namespace {

/// Takes a number from the front; false if there is none.
template <typename Number>
bool take_number(std::string_view& text, Number& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// What stands behind a backslash in COPY's text format.
char unescaped(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return c;
  }
}

/// Of a second, as digits behind a point.
std::optional<Microseconds> take_fraction(std::string_view& text) {
  std::int64_t value = 0;
  std::int64_t unit = 1'000'000;
  if (!take(text, '.')) return Microseconds::zero();
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    unit /= 10;
    value += unit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return Microseconds(value);
}

/// "+05:30", "-08", "+00:19:32".
std::optional<std::chrono::seconds> take_offset(std::string_view& text) {
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, '-') && !take(text, '+')) return std::nullopt;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (!take_number(text, hours)) return std::nullopt;
  if (take(text, ':') && !take_number(text, minutes)) return std::nullopt;
  if (take(text, ':') && !take_number(text, seconds)) return std::nullopt;
  const auto offset =
      std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
  return west ? -offset : offset;
}

}  // namespace

CopiedRow::CopiedRow(std::string_view line)
    : rest_(line.ends_with('\n') ? line.substr(0, line.size() - 1) : line),
      escapes_(rest_.find('\\') != std::string_view::npos) {}

std::string_view CopiedRow::next_plain() {
  const auto tab = rest_.find('\t');
  const std::string_view column = rest_.substr(0, tab);
  at_end_ = tab == std::string_view::npos;
  rest_.remove_prefix(at_end_ ? rest_.size() : tab + 1);
  return column;
}

std::string CopiedRow::next() {
  std::string_view column = next_plain();
  if (!escapes_) return std::string(column);
  std::string text;
  if (column == "\\N") return text;
  while (!column.empty()) {
    const auto plain = std::min(column.find('\\'), column.size());
    text += column.substr(0, plain);
    column.remove_prefix(plain);
    if (take(column, '\\') && !column.empty()) {
      text += unescaped(column.front());
      column.remove_prefix(1);
    }
  }
  return text;
}

std::optional<Timestamp> copied_timestamp(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  const bool reads = take_number(text, year) && take(text, '-') && take_number(text, month) &&
                     take(text, '-') && take_number(text, day) && take(text, ' ') &&
                     take_number(text, hours) && take(text, ':') && take_number(text, minutes) &&
                     take(text, ':') && take_number(text, seconds);
  if (!reads) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = take_offset(text);
  if (!fraction || !offset || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds) + *fraction - *offset;
}

std::optional<int> copied_integer(std::string_view text) {
  int value = 0;
  if (!take_number(text, value) || !text.empty()) return std::nullopt;
  return value;
}

}  // namespace headway::postgres
