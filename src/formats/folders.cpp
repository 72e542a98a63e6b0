// The formats with a folder for each migration: Prisma and Diesel.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

/// Files by their path, of folders that lie in the directory itself.
std::map<std::string_view, SourceFile*> by_path(std::vector<SourceFile>& files) {
  std::map<std::string_view, SourceFile*> out;
  for (SourceFile& file : files) {
    if (std::ranges::count(file.name, '/') == 1) out[file.name] = &file;
  }
  return out;
}

/// The value of a key in front of the first table of a TOML file; empty: it has none.
std::string_view toml_value(std::string_view text, std::string_view key) {
  std::string_view out;
  bool in_table = false;
  each_line(text, [&](const Line& line) {
    const std::string_view words = trim(line.text);
    in_table = in_table || words.starts_with('[');
    const std::size_t equals = words.find('=');
    if (in_table || equals == std::string_view::npos) return;
    if (trim(words.substr(0, equals)) == key) out = trim(words.substr(equals + 1));
  });
  return out;
}

/// What it has no value for is false to Diesel, if the file is there.
bool runs_without_transaction(std::string_view metadata) {
  return !toml_value(metadata, "run_in_transaction").starts_with("true");
}

/// Prisma does not run what was written for another database either.
void check_provider(const std::vector<SourceFile>& aside) {
  const auto lock = std::ranges::find(aside, "migration_lock.toml", &SourceFile::name);
  if (lock == aside.end()) return;
  std::string_view provider = toml_value(lock->text, "provider");
  provider = provider.substr(0, provider.find('#'));
  const std::string_view quotes = "\"' \t";
  const std::size_t begin = std::min(provider.find_first_not_of(quotes), provider.size());
  provider = provider.substr(begin, provider.find_last_not_of(quotes) + 1 - begin);
  if (provider.empty() || provider == "postgresql" || provider == "postgres") return;
  throw Error(ErrorId::ForeignFormat,
              fmt::format("these migrations were written for {}, not for PostgreSQL", provider))
      .at({lock->path, 0, 0})
      .next("Let Prisma write them anew for PostgreSQL.");
}

}  // namespace

migration::Source read_prisma(Listing listing, const Reading& reading) {
  check_provider(listing.aside);
  Collection collection(Format::Prisma, reading);
  for (auto& [path, file] : by_path(listing.files)) {
    if (base_name(path) != "migration.sql") continue;
    const std::string_view folder = folder_of(path);
    const std::size_t divider = std::min(folder.find('_'), folder.size());
    collection.add({Version(std::string(folder)),
                    std::string(folder.substr(std::min(divider + 1, folder.size()))),
                    Section{file->path, std::move(file->text), Running::Message}});
  }
  return std::move(collection).build();
}

migration::Source read_diesel(Listing listing, const Reading& reading) {
  struct Migration {
    std::string_view folder;
    SourceFile* up;
  };
  const auto files = by_path(listing.files);
  const auto metadata = by_path(listing.aside);
  std::multimap<std::string, Migration> migrations;  // by version, as texts
  for (const auto& [path, file] : files) {
    if (base_name(path) != "up.sql") continue;
    const std::string_view folder = folder_of(path);
    std::string version(folder.substr(0, folder.find('_')));
    std::erase(version, '-');
    migrations.emplace(std::move(version), Migration{folder, file});
  }
  Collection collection(Format::Diesel, reading);
  for (const auto& [path, file] : files) {
    const std::string up = std::string(folder_of(path)) + "/up.sql";
    if (base_name(path) == "down.sql" && !files.contains(up)) {
      collection.warn(
          fmt::format("{}: there is no up.sql beside it; it is left aside", file->path));
    }
  }
  for (auto& [version, one] : migrations) {
    const std::string folder(one.folder);
    const auto settings = metadata.find(folder + "/metadata.toml");
    const Running running =
        settings != metadata.end() && runs_without_transaction(settings->second->text)
            ? Running::WithoutTransaction
            : Running::Transaction;
    const std::size_t divider = std::min(one.folder.find('_'), one.folder.size());
    Entry entry{Version(version), folder.substr(std::min(divider + 1, folder.size())),
                Section{one.up->path, std::move(one.up->text), running}};
    const auto down = files.find(folder + "/down.sql");
    if (down != files.end()) {
      entry.down = Section{down->second->path, std::move(down->second->text), running};
    }
    collection.add(std::move(entry));
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
