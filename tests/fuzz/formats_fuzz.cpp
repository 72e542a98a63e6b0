// Whatever lies in a directory: it is told whose it is, and read as that tool's, or refused with an
// Error; and what the tool may have stored of it is taken over, written, or refused.
//
// Input: a line with the id of a format, or any other for what detection says; then sources.hpp.  A
// file "rows" holds what the tool's table does: a row a line, its columns between tabs, \N for
// NULL.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "formats/detect.hpp"
#include "formats/foreign_history.hpp"
#include "formats/mirror.hpp"
#include "formats/source.hpp"
#include "fuzz/require.hpp"
#include "fuzz/sources.hpp"

namespace {

using namespace headway::formats;
using headway::migration::Migration;
using headway::migration::Source;
using headway::testing::require;

std::vector<std::string_view> cut(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<ForeignRow> rows_of(std::string_view text) {
  // No table has less than one column or, of those that are known, more than six.
  static constexpr std::size_t kColumns = 6;
  std::vector<ForeignRow> rows;
  for (const std::string_view line : cut(text, '\n')) {
    ForeignRow& row = rows.emplace_back();
    for (const std::string_view field : cut(line, '\t')) {
      if (field == "\\N") {
        row.emplace_back();
      } else {
        row.emplace_back(field);
      }
    }
    row.resize(kColumns);
  }
  return rows;
}

Listing listing_of(std::string_view input, std::string& rows) {
  Listing listing{"dir", {}, {}, {}};
  for (auto& file : headway::testing::files_of(input)) {
    if (file.name == "rows") {
      rows = file.text;
    } else if (file.name.ends_with(".sql")) {
      listing.files.push_back(std::move(file));
    } else if (is_aside(file.name)) {
      listing.aside.push_back(std::move(file));
    } else {
      listing.others.push_back(file.name);
    }
  }
  // An adapter hands over names that are different, in order.
  std::ranges::sort(listing.files, {}, &headway::migration::SourceFile::name);
  const auto same = [](const auto& one, const auto& other) { return one.name == other.name; };
  listing.files.erase(std::unique(listing.files.begin(), listing.files.end(), same),
                      listing.files.end());
  return listing;
}

Format wanted(std::string_view id, const Listing& listing) {
  for (const FormatInfo& info : kFormats) {
    if (info.id == id) return info.format;
  }
  return detect(listing).format;
}

void check_mirror(const ForeignTable& table, const Source& source) {
  const Mirror mirror(table, source);
  for (const std::string& statement : mirror.beginning()) {
    require(!statement.empty(), "a beginning has statements");
  }
  for (const Migration& migration : source.migrations()) {
    require(!mirror.applied(migration.version).empty(), "what is applied can be told");
    (void)mirror.reverted(migration.version);
  }
  for (const auto& repeatable : source.repeatables()) (void)mirror.repeated(repeatable.name);
}

void check_history(const Source& source, Format format, std::string_view text) {
  FoundTable found{"public", "t", {}, true, true};
  const ForeignTable table{format, found};
  if (can_mirror(format)) check_mirror(table, source);
  const auto rows = rows_of(text);
  std::vector<headway::migration::Version> seen;
  for (const auto& one : applied_of(table, rows, source)) {
    require(std::ranges::find(seen, one.version) == seen.end(), "a version is applied once");
    require(one.migration == source.find(one.version), "its file is that of its version");
    seen.push_back(one.version);
  }
  (void)repeatables_of(table, rows, source);
}

void check(std::string_view input) {
  const std::size_t line = std::min(input.find('\n'), input.size());
  std::string rows;
  Listing listing = listing_of(input.substr(std::min(line + 1, input.size())), rows);
  const Format format = wanted(input.substr(0, line), listing);
  Reading reading{.environment = "production"};
  reading.placeholders = {{"name", "value"}, {"empty", ""}};
  reading.skip_foreign_code = listing.files.size() % 2 == 1;
  reading.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name.size() > 3) return std::nullopt;
    return name;
  };
  const Source source = build_source(format, std::move(listing), reading);
  headway::testing::check_graph(source);
  require(source.layout() == format_info(format).id, "a source says whose it is");
  if (format != Format::Headway) check_history(source, format, rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  try {
    check(input);
  } catch (const headway::Error& error) {
    require(!error.info().message.empty(), "an error has a message");
  }
  return 0;
}
