// Directories as fuzz targets read them out of their input, and what holds of every Source.
//
// Input: files, each a line "== NAME" and a text.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.hpp"
#include "migration/source.hpp"

namespace headway::testing {

inline std::vector<migration::SourceFile> files_of(std::string_view input) {
  static constexpr std::string_view kBegin = "\n== ";
  std::vector<migration::SourceFile> files;
  std::size_t begin = input.starts_with(kBegin.substr(1)) ? kBegin.size() - 1 : 0;
  while (begin < input.size()) {
    const std::size_t end = std::min(input.find(kBegin, begin), input.size());
    const std::string_view file = input.substr(begin, end - begin);
    const std::string name(file.substr(0, file.find('\n')));
    files.push_back(
        {name, "dir/" + name, std::string(file.substr(std::min(name.size() + 1, file.size())))});
    begin = end + kBegin.size();
  }
  return files;
}

inline void check_graph(const migration::Source& source) {
  const std::vector<migration::Migration>& migrations = source.migrations();
  std::vector<migration::Version> childless;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const migration::Migration& migration = migrations[i];
    require(source.find(migration.version) == &migration, "a version belongs to one migration");
    require(!source.is_skipped(migration.version), "what is there is not skipped");
    for (const migration::Version& parent : migration.parents) {
      const migration::Migration* const found = source.find(parent);
      require(found != nullptr && found < &migration, "parents are there, and come before");
      require(source.is_ancestor(parent, migration.version), "a parent is an ancestor");
      std::erase(childless, parent);
    }
    childless.push_back(migration.version);
  }
  const std::vector<migration::Version>& heads = source.heads();
  require(std::is_permutation(heads.begin(), heads.end(), childless.begin(), childless.end()),
          "heads are what no migration has as parent");
  require(source.with_ancestors(heads).size() == migrations.size(),
          "every migration leads to a head");
}

}  // namespace headway::testing
