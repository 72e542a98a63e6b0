// dbmate: two blocks in a file, each sent as one message, in a transaction unless its line says
// transaction:false; files in the order of their names.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/sections.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kUp = "migrate:up";
constexpr std::string_view kDown = "migrate:down";

/// Whether these are the words of a block's line; `options` is then what follows them.
bool begins_block(std::string_view words, std::string_view marker, std::string_view& options) {
  if (!words.starts_with(marker)) return false;
  const std::string_view rest = words.substr(marker.size());
  if (!rest.empty() && rest[0] != ' ' && rest[0] != '\t') return false;
  options = trim(rest);
  return true;
}

bool has_option(std::string_view options, std::string_view option) {
  while (!options.empty()) {
    const std::size_t end = std::min(options.find_first_of(" \t"), options.size());
    if (options.substr(0, end) == option) return true;
    options = trim(options.substr(end));
  }
  return false;
}

class DbmateFile {
 public:
  DbmateFile(const SourceFile& file, Collection& collection)
      : file_(file), collection_(collection) {
    each_line(file.text, [this](const Line& line) { take(line); });
    if (direction_ == Direction::None) {
      throw misplaced("there is no line \"-- migrate:up\"", file.path, 1);
    }
  }

  [[nodiscard]] Entry entry(Version version, std::string name) && {
    Entry entry{std::move(version), std::move(name),
                Section{file_.path, std::move(sections_).up(), up_, nullptr, true}};
    if (direction_ == Direction::Down) {
      entry.down = Section{file_.path, std::move(sections_).down(), down_, nullptr, true};
    }
    return entry;
  }

 private:
  void take(const Line& line) {
    std::string_view options;
    const std::string_view words = comment_words(line.text);
    const auto running = [&options] {
      return has_option(options, "transaction:false") ? Running::WithoutTransaction
                                                      : Running::Transaction;
    };
    if (begins_block(words, kUp, options)) {
      if (direction_ != Direction::None) {
        throw misplaced(
            "this file holds a second \"-- migrate:up\"; dbmate would take both for "
            "one version",
            file_.path, line.number);
      }
      direction_ = Direction::Up;
      up_ = running();
    } else if (begins_block(words, kDown, options)) {
      if (direction_ != Direction::Up) {
        throw misplaced("\"-- migrate:down\" has to follow \"-- migrate:up\", once", file_.path,
                        line.number);
      }
      direction_ = Direction::Down;
      down_ = running();
    } else {
      look_for_misfits(line);
    }
    sections_.add(direction_, line.text);
  }

  void look_for_misfits(const Line& line) const {
    const std::string_view text = trim(line.text);
    std::string_view options;
    const std::string_view words = comment_words(text);
    if (begins_block(words, kUp, options) || begins_block(words, kDown, options)) {
      collection_.warn(
          fmt::format("{}:{}: dbmate takes this for a comment, since its line does not begin with "
                      "it: what follows belongs to the block in front of it",
                      file_.path, line.number));
    }
    if (direction_ == Direction::None && !text.empty() && !text.starts_with("--")) {
      throw misplaced("a statement stands in front of \"-- migrate:up\"", file_.path, line.number);
    }
  }

  const SourceFile& file_;
  Collection& collection_;
  Sections sections_;
  Direction direction_ = Direction::None;
  Running up_ = Running::Transaction;
  Running down_ = Running::Transaction;
};

}  // namespace

migration::Source read_dbmate(Listing listing, const Reading& reading) {
  std::ranges::sort(listing.files, {}, &SourceFile::name);
  Collection collection(Format::Dbmate, reading);
  for (const SourceFile& file : listing.files) {
    // Its pattern is ^(\d+).*\.sql$.
    const std::string_view name = file.name;
    const std::size_t digits = leading_digits(name);
    if (digits == 0 || !name.ends_with(".sql")) continue;
    std::string_view rest =
        name.substr(digits, name.size() - digits - std::string_view(".sql").size());
    if (rest.starts_with('_') || rest.starts_with('-')) rest.remove_prefix(1);
    collection.add(DbmateFile(file, collection)
                       .entry(Version(std::string(name.substr(0, digits))), std::string(rest)));
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
