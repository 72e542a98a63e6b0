// goose: annotations are lines that begin with "--"; statements end with a line's last semicolon,
// or with StatementEnd, where none is needed.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "formats/collection.hpp"
#include "formats/environment.hpp"
#include "formats/readers.hpp"
#include "formats/sections.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kAnnotation = "+goose";

class GooseFile {
 public:
  GooseFile(const SourceFile& file, const Reading& reading) : file_(file), reading_(reading) {
    each_line(file.text, [this](const Line& line) { take(line); });
    if (direction_ == Direction::None) {
      throw misplaced("there is no line \"-- +goose Up\"", file.path, 1);
    }
    if (block_ > 0) throw misplaced("this StatementBegin has no StatementEnd", file.path, block_);
  }

  [[nodiscard]] Entry entry(Version version, std::string name) && {
    const Running running = transaction_ ? Running::Transaction : Running::Statements;
    Entry entry{std::move(version), std::move(name),
                Section{file_.path, std::move(sections_).up(), running, nullptr, true}};
    if (has_down_)
      entry.down = Section{file_.path, std::move(sections_).down(), running, nullptr, true};
    return entry;
  }

 private:
  void take(const Line& line) {
    if (trim(line.text).starts_with("--") && line.text.find(kAnnotation) != std::string::npos) {
      if (!line.text.starts_with("--")) {
        throw misplaced("an annotation of goose must begin its line", file_.path, line.number);
      }
      annotation(annotation_of(line.text), line);
      return;
    }
    if (direction_ == Direction::None && !words_or_blank(line.text)) {
      throw misplaced("a statement stands in front of \"-- +goose Up\"", file_.path, line.number);
    }
    sections_.add(direction_, variables_ ? with_variables(line.text, reading_.variable)
                                         : std::string(line.text));
  }

  static bool words_or_blank(std::string_view line) {
    const std::string_view text = trim(line);
    return text.empty() || text.starts_with("--");
  }

  /// What is left of such a line without any "--" and without the first "+goose".
  static std::string annotation_of(std::string_view line) {
    std::string text(line);
    for (auto dashes = text.find("--"); dashes != std::string::npos; dashes = text.find("--")) {
      text.erase(dashes, 2);
    }
    text.erase(text.find(kAnnotation), kAnnotation.size());
    return std::string(trim(text));
  }

  void annotation(std::string_view words, const Line& line) {
    std::string_view kept;
    if (same_letters(words, "Up")) {
      if (direction_ != Direction::None) {
        throw misplaced("\"-- +goose Up\" stands here for the second time", file_.path,
                        line.number);
      }
      direction_ = Direction::Up;
    } else if (same_letters(words, "Down")) {
      if (direction_ != Direction::Up || block_ > 0) {
        throw misplaced("\"-- +goose Down\" has to follow \"-- +goose Up\", once", file_.path,
                        line.number);
      }
      direction_ = Direction::Down;
      has_down_ = true;
    } else if (same_letters(words, "StatementBegin")) {
      if (direction_ == Direction::None || block_ > 0) {
        throw misplaced("StatementBegin stands outside Up and Down, or in another one", file_.path,
                        line.number);
      }
      block_ = line.number;
    } else if (same_letters(words, "StatementEnd")) {
      if (block_ == 0) {
        throw misplaced("this StatementEnd has no StatementBegin", file_.path, line.number);
      }
      block_ = 0;
      kept = ";";
    } else if (same_letters(words, "NO TRANSACTION")) {
      transaction_ = false;
    } else if (same_letters(words, "ENVSUB ON") || same_letters(words, "ENVSUBST ON")) {
      variables_ = true;
    } else if (same_letters(words, "ENVSUB OFF") || same_letters(words, "ENVSUBST OFF")) {
      variables_ = false;
    } else {
      throw misplaced(fmt::format("goose knows no annotation \"{}\"", words), file_.path,
                      line.number);
    }
    sections_.add(direction_, kept);
  }

  const SourceFile& file_;
  const Reading& reading_;
  Sections sections_;
  Direction direction_ = Direction::None;
  bool transaction_ = true;
  bool variables_ = false;
  bool has_down_ = false;
  std::size_t block_ = 0;  // the line of the StatementBegin that is open
};

struct Numbered {
  Version version;
  std::string name;
  SourceFile* file = nullptr;  // null: it is code
  std::string path;
};

/// Nothing for a file that is none of goose's.
std::optional<Numbered> numbered(std::string_view name, std::string_view ending) {
  const std::size_t digits = leading_digits(name);
  if (digits == 0 || digits >= name.size() || name[digits] != '_') return std::nullopt;
  if (!name.ends_with(ending)) return std::nullopt;
  const std::size_t end = std::max(name.size() - ending.size(), digits + 1);
  return Numbered{Version(std::string(name.substr(0, digits))),
                  std::string(name.substr(digits + 1, end - digits - 1)),
                  nullptr,
                  {}};
}

}  // namespace

migration::Source read_goose(Listing listing, const Reading& reading) {
  std::vector<Numbered> found;
  for (SourceFile& file : listing.files) {
    if (auto one = numbered(file.name, ".sql")) {
      one->file = &file;
      one->path = file.path;
      found.push_back(*std::move(one));
    }
  }
  for (const std::string& other : listing.others) {
    if (other.find('/') != std::string::npos || other.ends_with("_test.go")) continue;
    if (auto one = numbered(other, ".go")) {
      one->path = listing.directory + "/" + other;
      found.push_back(*std::move(one));
    }
  }
  std::ranges::stable_sort(found, {}, &Numbered::version);
  Collection collection(Format::Goose, reading);
  for (Numbered& one : found) {
    if (one.file == nullptr) {
      collection.add_code(std::move(one.version), std::move(one.name), one.path,
                          "it is a program in Go");
      continue;
    }
    collection.add(
        GooseFile(*one.file, reading).entry(std::move(one.version), std::move(one.name)));
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
