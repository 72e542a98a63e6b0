// refinery: V1__name.sql and U1__name.sql, which differ only in whether gaps are allowed.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "formats/collection.hpp"
#include "formats/dotted.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

struct Named {
  Dotted order;
  std::string version;
  std::string name;
  SourceFile* file = nullptr;  // null: it is code
  std::string path;
};

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Its pattern is ^([U|V])(\d+(?:\.\d+)?)__(\w+)\.(sql|rs)$.
std::optional<Named> named(std::string_view path, std::string_view ending) {
  std::string_view name = base_name(path);
  if (!name.ends_with(ending) || (name[0] != 'V' && name[0] != 'U')) return std::nullopt;
  name.remove_suffix(ending.size());
  const std::size_t divider = name.find("__");
  if (divider == std::string_view::npos || divider < 2) return std::nullopt;
  const std::string_view version = name.substr(1, divider - 1);
  const std::string_view words = name.substr(divider + 2);
  if (!is_dotted(version) || words.empty() || !std::ranges::all_of(words, is_word)) {
    return std::nullopt;
  }
  return Named{Dotted(version), std::string(version), std::string(words), nullptr, {}};
}

}  // namespace

migration::Source read_refinery(Listing listing, const Reading& reading) {
  std::vector<Named> found;
  for (SourceFile& file : listing.files) {
    if (auto one = named(file.name, ".sql")) {
      one->file = &file;
      one->path = file.path;
      found.push_back(*std::move(one));
    }
  }
  for (const std::string& other : listing.others) {
    if (auto one = named(other, ".rs")) {
      one->path = listing.directory + "/" + other;
      found.push_back(*std::move(one));
    }
  }
  std::ranges::stable_sort(found, [](const Named& a, const Named& b) { return a.order < b.order; });
  Collection collection(Format::Refinery, reading);
  for (Named& one : found) {
    if (one.file == nullptr) {
      collection.add_code(Version(one.version), std::move(one.name), one.path,
                          "it is a program in Rust");
      continue;
    }
    collection.add({Version(one.version), std::move(one.name),
                    Section{one.path, std::move(one.file->text), Running::Transaction,
                            std::move(one.file->bytes)}});
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
