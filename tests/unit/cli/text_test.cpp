#include "cli/text.hpp"

#include <doctest/doctest.h>

namespace headway::cli {
namespace {

using namespace std::chrono_literals;

Timestamp at(int year, unsigned month, unsigned day, Microseconds in_day) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day)) +
         in_day;
}

}  // namespace

TEST_CASE("times are shown in UTC") {
  const Timestamp time = at(2026, 11, 22, 9h + 30min + 5s + 42us);
  CHECK(format_time(time) == "2026-11-22 09:30:05Z");
  CHECK(format_rfc3339(time) == "2026-11-22T09:30:05.000042Z");
  CHECK(format_digits(time) == "20261122093005");
}

TEST_CASE("a duration has the unit that fits its size") {
  CHECK(format_duration(0us) == "0.0 ms");
  CHECK(format_duration(420us) == "0.4 ms");
  CHECK(format_duration(12'345us) == "12 ms");
  CHECK(format_duration(3'250ms) == "3.2 s");
  CHECK(format_duration(125s) == "2m 05s");
  CHECK(format_duration(3'720s) == "1h 02m");
}

TEST_CASE("a table is as wide as its widest cells, in characters") {
  Table table({"VERSION", "NAME", "STATE"});
  table.add({"1", "añadir", "applied"});
  table.add({"20261122", "b", ""});
  CHECK(table.render(Paint(false)) ==
        "  VERSION   NAME    STATE\n"
        "  1         añadir  applied\n"
        "  20261122  b\n");
}

TEST_CASE("what is cut keeps whole characters") {
  CHECK(cut_to("añadir", 6) == "añadir");
  CHECK(cut_to("añadir", 3) == "añ…");
  CHECK(cut_to("abc", 0).empty());
}

TEST_CASE("one line stays one line and obeys nothing") {
  CHECK(one_line("a\n\tb\x1b[31m  c\n") == "a b [31m c");
}

TEST_CASE("colours are only there when they are wanted") {
  CHECK(Paint(false).red("x") == "x");
  CHECK(Paint(true).red("x") == "\x1b[31mx\x1b[0m");
}

TEST_CASE("one is singular") {
  CHECK(count_of(1, "migration") == "1 migration");
  CHECK(count_of(0, "migration") == "0 migrations");
}

}  // namespace headway::cli
