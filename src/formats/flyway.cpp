// Flyway: prefix, version, two underscores, description; a file of the same name with .conf behind
// it says how it is run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "formats/collection.hpp"
#include "formats/dotted.hpp"
#include "formats/placeholders.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kBaselineSum = "baseline";

struct FlywayName {
  char prefix = 0;
  std::string version;
  std::string description;
};

/// Nothing for a name that Flyway would not take for a migration's.
std::optional<FlywayName> name_of(std::string_view path) {
  std::string_view name = base_name(path);
  if (name.empty() || std::string_view("VURB").find(name[0]) == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  name = name.substr(0, dot);
  const bool versioned = name[0] != 'R';
  std::size_t divider = name.find("__");
  if (divider == std::string_view::npos) {
    if (!versioned) return std::nullopt;
    divider = name.size();  // V11.sql: a version alone
  }
  FlywayName out;
  out.prefix = name[0];
  out.version = replaced(name.substr(1, divider - 1), '_', '.');
  out.description = std::string(name.substr(std::min(divider + 2, name.size())));
  if (versioned ? !is_dotted(out.version) : !out.version.empty()) return std::nullopt;
  return out;
}

/// key=value lines.
bool says(const std::map<std::string_view, std::string_view>& configurations,
          const std::string& path, std::string_view key, std::string_view value) {
  const auto found = configurations.find(path + ".conf");
  if (found == configurations.end()) return false;
  bool out = false;
  each_line(found->second, [&](const Line& line) {
    const std::size_t equals = line.text.find('=');
    if (equals == std::string_view::npos) return;
    if (trim(line.text.substr(0, equals)) == key) out = trim(line.text.substr(equals + 1)) == value;
  });
  return out;
}

struct Versioned {
  Dotted order;
  FlywayName name;
  SourceFile* file = nullptr;  // null: it is code
  std::string path;
};

bool is_callback(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kBegins{"before", "after", "createSchema",
                                                           "afterError"};
  return std::ranges::any_of(kBegins,
                             [name](std::string_view begin) { return name.starts_with(begin); });
}

class FlywayReader {
 public:
  FlywayReader(Listing& listing, const Reading& reading)
      : listing_(listing), collection_(Format::Flyway, reading) {
    for (const SourceFile& aside : listing.aside) configurations_[aside.name] = aside.text;
  }

  migration::Source read() {
    for (SourceFile& file : listing_.files) take(file);
    for (const std::string& other : listing_.others) take_code(other);
    order(versioned_);
    order(undo_);
    order(baselines_);
    take_baselines();
    for (Versioned& one : versioned_) add(one);
    for (const Versioned& one : undo_) {
      if (one.file != nullptr) {
        collection_.warn(fmt::format("{}: there is no migration of version {} to take back",
                                     one.path, one.name.version));
      }
    }
    return std::move(collection_).build();
  }

 private:
  void take(SourceFile& file) {
    auto name = name_of(file.name);
    if (!name) {
      collection_.warn(fmt::format("{}: {}", file.path,
                                   is_callback(base_name(file.name))
                                       ? "callbacks of Flyway are not run"
                                       : "not one of Flyway's names; it is left aside"));
      return;
    }
    if (name->prefix == 'R') {
      // Its own name for it, by which it orders them as well.
      collection_.add_repeatable(replaced(name->description, '_', ' '), section(file));
    } else {
      Dotted order(name->version);
      auto& list = name->prefix == 'V' ? versioned_ : name->prefix == 'B' ? baselines_ : undo_;
      list.push_back({std::move(order), *std::move(name), &file, file.path});
    }
  }

  void take_code(const std::string& other) {
    const bool code = other.ends_with(".java") || other.ends_with(".kt") ||
                      other.ends_with(".class") || other.ends_with(".scala") ||
                      other.ends_with(".groovy");
    auto name = code ? name_of(other) : std::nullopt;
    if (!name || name->prefix != 'V') return;
    Dotted order(name->version);
    versioned_.push_back(
        {std::move(order), *std::move(name), nullptr, listing_.directory + "/" + other});
  }

  /// In an empty database Flyway begins with the last baseline.  Here it is the migrations that are
  /// run, as long as they are all there: the first baseline counts where none stands before it.
  void take_baselines() {
    for (Versioned& baseline : baselines_) {
      if (versioned_.empty() || baseline.order < versioned_.front().order) {
        versioned_.insert(versioned_.begin(), std::move(baseline));
        continue;
      }
      collection_.warn(fmt::format(
          "{}: a baseline is left aside; the migrations that it sums up are run instead",
          baseline.path));
    }
  }

  void order(std::vector<Versioned>& list) const {
    std::ranges::stable_sort(
        list, [](const Versioned& a, const Versioned& b) { return a.order < b.order; });
    const auto twin = std::ranges::adjacent_find(list, {}, &Versioned::order);
    if (twin == list.end()) return;
    Error error = Error(ErrorId::DuplicateVersion,
                        fmt::format("{} and {} are of the same version, {}", twin->path,
                                    std::next(twin)->path, twin->name.version))
                      .version(twin->name.version);
    const auto below = folders_below(listing_);
    if (below.size() < 2) throw Error(std::move(error));
    throw std::move(error).next(
        fmt::format("If its folders ({}) are for several databases, give the one that is meant: "
                    "--migrations={}/{}",
                    fmt::join(below, ", "), listing_.directory, below.front()));
  }

  Section section(SourceFile& file) {
    Section out{file.path, std::move(file.text), Running::ByStatement};
    if (says(configurations_, file.name, "executeInTransaction", "false")) {
      out.running = Running::WithoutTransaction;
    }
    if (collection_.reading().replace_placeholders &&
        !says(configurations_, file.name, "placeholderReplacement", "false") &&
        out.text.find("${") != std::string::npos) {
      out.original = std::make_shared<const std::string>(out.text);
      out.text =
          with_placeholders(out.text, out.path, collection_.reading(), [&](std::string_view name) {
            collection_.warn(
                fmt::format("{}: ${{{}}} has no value, and stays as it is written; if it is a "
                            "placeholder, give "
                            "it with --placeholder={}=VALUE",
                            out.path, name, name));
          });
    }
    return out;
  }

  void add(Versioned& one) {
    Version version(one.name.version);
    if (one.file == nullptr) {
      collection_.add_code(std::move(version), one.name.description, one.path,
                           "it is a program for the Java machine");
      return;
    }
    Entry entry{std::move(version), one.name.description, section(*one.file)};
    // Where it stands for what was applied before it was written, the sum is another file's.
    if (one.name.prefix == 'B') entry.tool_checksum = kBaselineSum;
    const auto undo = std::ranges::lower_bound(undo_, one.order, {}, &Versioned::order);
    if (undo != undo_.end() && undo->order == one.order) {
      entry.down = section(*std::exchange(undo->file, nullptr));
    }
    collection_.add(std::move(entry));
  }

  Listing& listing_;
  Collection collection_;
  std::map<std::string_view, std::string_view> configurations_;
  std::vector<Versioned> versioned_;
  std::vector<Versioned> undo_;
  std::vector<Versioned> baselines_;
};

}  // namespace

migration::Source read_flyway(Listing listing, const Reading& reading) {
  return FlywayReader(listing, reading).read();
}

}  // namespace headway::formats
