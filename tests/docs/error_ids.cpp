// Keeps the table of error ids in src/README.md equal to the one in src/base/error_id.cpp.
//
//   error_ids               prints the table
//   error_ids FILE          fails if FILE does not hold exactly that table
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/error_id.hpp"

namespace {

constexpr std::string_view kHeading = "| id | code | why it matters | next step |\n";

std::string table() {
  std::string text(kHeading);
  text += "|---|---|---|---|\n";
  for (const headway::ErrorIdInfo& info : headway::all_error_ids()) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", info.text,
                        headway::kind_info(info.kind).exit_code, info.why, info.next);
  }
  return text;
}

/// The lines from the heading on that begin with a bar.
std::string table_in(std::string_view page) {
  const std::size_t begin = page.find(kHeading);
  if (begin == std::string_view::npos) return {};
  std::size_t end = begin;
  while (end < page.size() && page[end] == '|') {
    const std::size_t line_end = page.find('\n', end);
    end = line_end == std::string_view::npos ? page.size() : line_end + 1;
  }
  return std::string(page.substr(begin, end - begin));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string expected = table();
  if (argc < 2) {
    fmt::print("{}", expected);
    return 0;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (table_in(page) == expected) return 0;
  fmt::print(stderr, "{}: the table of error ids should be:\n{}", argv[1], expected);
  return 1;
}
