// The formats with a folder for each migration: Prisma and Diesel.
#include <algorithm>
#include <map>
#include <utility>

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

bool runs_without_transaction(std::string_view metadata) {
  bool out = false;
  each_line(metadata, [&out](const Line& line) {
    const std::size_t equals = line.text.find('=');
    if (equals == std::string_view::npos) return;
    if (trim(line.text.substr(0, equals)) != "run_in_transaction") return;
    out = trim(line.text.substr(equals + 1)).starts_with("false");
  });
  return out;
}

}  // namespace

migration::Source read_prisma(Listing listing, const Reading& reading) {
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
