// Atlas: files in the order of their names, with a file of sums that chains them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/sha256.hpp"
#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"
#include "migration/plain_text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kSums = "atlas.sum";
constexpr std::string_view kPrefix = "h1:";

/// What the comments at the top say, if an empty line divides them from the statements.
std::map<std::string, std::string, std::less<>> directives_of(std::string_view text) {
  static constexpr std::string_view kAtlas = "atlas:";
  std::map<std::string, std::string, std::less<>> out;
  bool inside = true;
  bool detached = false;
  each_line(text, [&](const Line& line) {
    if (!inside) return;
    if (!line.text.starts_with("--")) {
      inside = false;
      detached = trim(line.text).empty();
      return;
    }
    const std::string_view words = comment_words(line.text);
    if (!words.starts_with(kAtlas)) return;
    const std::string_view rest = words.substr(kAtlas.size());
    const std::size_t end = std::min(rest.find(' '), rest.size());
    out[std::string(rest.substr(0, end))] = std::string(trim(rest.substr(end)));
  });
  if (!detached && !inside) out.clear();
  return out;
}

/// What the first line of a file says, with or without an empty line behind it; empty: nothing.
std::string_view delimiter_of(std::string_view text) {
  static constexpr std::string_view kDirective = "-- atlas:delimiter ";
  if (!text.starts_with(kDirective)) return {};
  std::string_view rest = text.substr(kDirective.size());
  rest = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    if (!escape) {
      out += text[i];
    } else {
      const char next = text[++i];
      out += next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next;
    }
  }
  return out;
}

/// A semicolon for each delimiter; lines keep their numbers.
std::string with_semicolons(std::string_view text, std::string_view delimiter) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t found = text.find(delimiter, at);
    if (found == std::string_view::npos) break;
    out += text.substr(at, found - at);
    out += ';';
    for (const char c : delimiter) {
      if (c == '\n') out += c;
    }
    at = found + delimiter.size();
  }
  out += text.substr(at);
  return out;
}

/// Of each file the sum of it and all before it, by name; none of one that says so.
std::map<std::string, std::string, std::less<>> sums_of(const std::vector<SourceFile>& files) {
  std::map<std::string, std::string, std::less<>> out;
  Sha256 running;
  for (const SourceFile& file : files) {
    running.update(file.name);
    const auto directives = directives_of(file.text);
    const auto mode = directives.find("sum");
    if (mode != directives.end() && mode->second == "ignore") continue;
    running.update(file.text);
    const Sha256Digest digest = running.so_far();
    out[file.name] = base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  return out;
}

/// Throws Error ChecksumMismatch for the first file that is not what atlas.sum says.
void check_sums(const SourceFile& sums, const std::vector<SourceFile>& files,
                const std::map<std::string, std::string, std::less<>>& actual) {
  std::map<std::string_view, std::string_view> expected;
  each_line(sums.text, [&expected](const Line& line) {
    const std::string_view text = trim(line.text);
    const std::size_t space = text.rfind(' ');
    if (space == std::string_view::npos) return;
    std::string_view sum = text.substr(space + 1);
    if (!sum.starts_with(kPrefix)) return;
    sum.remove_prefix(kPrefix.size());
    expected[trim(text.substr(0, space))] = sum;
  });
  const auto differs = [](const SourceFile& file, std::string_view why) {
    return Error(ErrorId::ChecksumMismatch, fmt::format("atlas.sum {}", why))
        .at({file.path, 0, 0})
        .next("Let Atlas write the sums anew (atlas migrate hash), if the change is meant.");
  };
  for (const SourceFile& file : files) {
    const auto is = actual.find(file.name);
    if (is == actual.end()) continue;
    const auto should = expected.find(file.name);
    if (should == expected.end()) throw differs(file, "does not know this file");
    if (is->second != should->second) {
      throw differs(file, "says that this file, or one before it, was something else");
    }
    expected.erase(should);
  }
  if (expected.empty()) return;
  throw Error(ErrorId::ChecksumMismatch,
              fmt::format("atlas.sum knows a file that is not there: {}", expected.begin()->first))
      .at({sums.path, 0, 0})
      .next("Bring the file back.");
}

/// The last checkpoint that no migration stands before, as Atlas begins an empty database with it;
/// null: there is none.
const SourceFile* checkpoint_to_begin_with(const std::vector<SourceFile>& files) {
  const SourceFile* out = nullptr;
  for (const SourceFile& file : files) {
    std::string text = file.text;
    migration::to_plain_text(text);
    if (!directives_of(text).contains("checkpoint")) break;
    out = &file;
  }
  return out;
}

bool is_archive(std::string_view text) { return text.starts_with("-- atlas:txtar"); }

/// The file is one of several, each behind a line "-- name --": its migration.sql is kept, and its
/// down.sql given.
std::optional<Section> take_from_archive(SourceFile& file, Collection& collection) {
  const std::string_view text = file.text;
  struct Part {
    std::string_view name;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::vector<Part> parts;
  each_line(text, [&](const Line& line) {
    if (!line.text.starts_with("-- ") || !line.text.ends_with(" --") || line.text.size() < 7)
      return;
    if (!parts.empty()) parts.back().end = line.offset;
    parts.push_back({line.text.substr(3, line.text.size() - 6), line.end(), text.size()});
  });
  std::optional<Section> down;
  std::string up;
  for (const Part& part : parts) {
    if (part.name == "migration.sql") {
      up = section(text, part.begin, part.end);
    } else if (part.name == "down.sql") {
      down = Section{file.path, section(text, part.begin, part.end)};
    } else {
      collection.warn(
          fmt::format("{}: the checks in {} are left aside: nobody asks them before the "
                      "migration is run",
                      file.path, part.name));
    }
  }
  if (!file.bytes) file.bytes = std::make_shared<const std::string>(file.text);
  file.text = std::move(up);
  return down;
}

}  // namespace

migration::Source read_atlas(Listing listing, const Reading& reading) {
  std::ranges::sort(listing.files, {}, &SourceFile::name);
  const auto actual = sums_of(listing.files);
  const auto sums = std::ranges::find(listing.aside, kSums, &SourceFile::name);
  if (sums != listing.aside.end()) check_sums(*sums, listing.files, actual);
  Collection collection(Format::Atlas, reading);
  const SourceFile* const beginning = checkpoint_to_begin_with(listing.files);
  for (SourceFile& file : listing.files) {
    migration::to_plain_text(file.text);
    const auto directives = directives_of(file.text);
    const std::string_view stem = std::string_view(file.name).substr(0, file.name.rfind('.'));
    const std::size_t divider = std::min(stem.find('_'), stem.size());
    Version version(std::string(stem.substr(0, divider)));
    if (directives.contains("checkpoint") && &file != beginning) {
      collection.warn(fmt::format(
          "{}: a checkpoint is left aside; the migrations that it sums up are run instead",
          file.path));
      collection.add_summary(std::move(version));
      continue;
    }
    std::optional<Section> down;
    if (is_archive(file.text)) down = take_from_archive(file, collection);
    Section section{file.path, std::move(file.text), Running::Transaction};
    const auto mode = directives.find("txmode");
    if (mode != directives.end() && mode->second == "none") section.running = Running::Statements;
    if (const auto delimiter = delimiter_of(section.text); !delimiter.empty()) {
      section.text = with_semicolons(section.text, unescaped(delimiter));
    }
    Entry entry{std::move(version), std::string(stem.substr(std::min(divider + 1, stem.size()))),
                std::move(section)};
    if (const auto sum = actual.find(file.name); sum != actual.end()) {
      entry.tool_checksum = sum->second;
    }
    entry.down = std::move(down);
    const Version added = entry.version;
    collection.add(std::move(entry));
    if (&file == beginning) collection.add_summary(added);
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
