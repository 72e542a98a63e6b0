// The formats with a file for each way: golang-migrate and sqlx.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

struct Pair {
  SourceFile* up = nullptr;
  SourceFile* down = nullptr;
  std::string_view name;  // into the file's
};

struct PairName {
  std::string_view version;
  std::string_view name;
  bool down = false;
};

bool is_program(std::string_view name) { return name.ends_with(".go"); }

/// Finds the pairs of files, by version.
class Pairs {
 public:
  void add(SourceFile& file, const PairName& name) {
    Pair& pair = pairs_[Version(std::string(name.version))];
    SourceFile*& place = name.down ? pair.down : pair.up;
    if (place != nullptr) {
      throw Error(ErrorId::DuplicateVersion,
                  fmt::format("{} and {} are both {} files of the same version, {}", place->path,
                              file.path, name.down ? "down" : "up", name.version))
          .version(std::string(name.version));
    }
    place = &file;
    if (!name.down || pair.up == nullptr) pair.name = name.name;
  }

  /// What the tool makes of a version that has but a way back.
  enum class Upless : std::uint8_t { Aside, Empty };

  template <typename RunningOf>
  void into(Collection& collection, Upless upless, const RunningOf& running_of) {
    for (auto& [version, pair] : pairs_) {
      if (pair.up == nullptr) {
        collection.warn(fmt::format("{}: there is no up file of version {}; it is {}",
                                    pair.down->path, version.text(),
                                    upless == Upless::Aside ? "left aside" : "taken for empty"));
        if (upless == Upless::Aside) continue;
      }
      const SourceFile* const first = pair.up != nullptr ? pair.up : pair.down;
      if (is_program(first->name)) {
        collection.add_code(version, std::string(pair.name), first->path, "it is a program in Go");
        continue;
      }
      const auto section = [&running_of](SourceFile& file) {
        const Running running = running_of(file);
        return Section{file.path, std::move(file.text), running, std::move(file.bytes)};
      };
      Entry entry{version, std::string(pair.name),
                  pair.up != nullptr ? section(*pair.up) : Section{pair.down->path, {}}};
      if (pair.down != nullptr) entry.down = section(*pair.down);
      collection.add(std::move(entry));
    }
  }

 private:
  std::map<Version, Pair> pairs_;
};

/// "name" of "name.up.sql" and the like; nothing if it does not end so.
std::optional<std::string_view> without(std::string_view text, std::string_view ending) {
  if (!text.ends_with(ending)) return std::nullopt;
  return text.substr(0, text.size() - ending.size());
}

}  // namespace

migration::Source read_golang_migrate(Listing listing, const Reading& reading) {
  Collection collection(Format::GolangMigrate, reading);
  Pairs pairs;
  const auto take = [&](SourceFile& file) {
    // Its pattern is ^([0-9]+)_(.*)\.(down|up)\.(.*)$; other files are none of its.
    const std::string_view name = file.name;
    const std::size_t digits = leading_digits(name);
    const auto way = way_of(name);
    if (digits == 0 || digits >= name.size() || name[digits] != '_') return;
    if (!way || way->stem.size() <= digits) {
      collection.warn(fmt::format(
          "{}: golang-migrate leaves aside what is neither an up nor a down file", file.path));
      return;
    }
    pairs.add(file, {name.substr(0, digits), way->stem.substr(digits + 1), way->down});
  };
  std::ranges::for_each(listing.files, take);
  std::ranges::for_each(listing.aside, take);
  pairs.into(collection, Pairs::Upless::Empty, [](const SourceFile&) { return Running::Message; });
  return std::move(collection).build();
}

migration::Source read_sqlx(Listing listing, const Reading& reading) {
  Collection collection(Format::Sqlx, reading);
  Pairs pairs;
  for (SourceFile& file : listing.files) {
    const std::string_view name = file.name;
    const std::size_t underscore = name.find('_');
    if (underscore == std::string_view::npos || !name.ends_with(".sql")) continue;
    if (underscore == 0 || leading_digits(name) != underscore) {
      throw Error(ErrorId::BadFileName,
                  fmt::format("the name {} does not begin with a number and _", file.name))
          .at({file.path, 0, 0});
    }
    const std::string_view version = name.substr(0, underscore);
    const std::string_view rest = name.substr(underscore + 1);
    if (const auto down = without(rest, ".down.sql")) {
      pairs.add(file, {version, *down, true});
    } else if (const auto up = without(rest, ".up.sql")) {
      pairs.add(file, {version, *up, false});
    } else {
      pairs.add(file, {version, *without(rest, ".sql"), false});
    }
  }
  pairs.into(collection, Pairs::Upless::Aside, [](const SourceFile& file) {
    return file.text.starts_with("-- no-transaction") ? Running::WithoutTransaction
                                                      : Running::Transaction;
  });
  return std::move(collection).build();
}

}  // namespace headway::formats
