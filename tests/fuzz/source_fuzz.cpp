// Whatever the names and texts of the files: they are refused with an Error that names one of them,
// or they are a Source whose graph is closed, in order, and holds every file's text and directives.
//
// Input: files, each a line "== NAME" and a text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fuzz/require.hpp"
#include "migration/checksum.hpp"
#include "migration/directives.hpp"
#include "migration/source.hpp"

namespace {

using namespace headway::migration;
using headway::testing::require;

std::vector<SourceFile> files_of(std::string_view input) {
  static constexpr std::string_view kBegin = "\n== ";
  std::vector<SourceFile> files;
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

void check_script(const Script& script, FileRole role) {
  require(script.checksum == checksum_of(script.text), "a checksum is that of the text");
  const Directives again = parse_directives(script.text, script.path, role);
  require(again.transaction == script.transaction && again.lock_timeout == script.lock_timeout &&
              again.statement_timeout == script.statement_timeout,
          "directives are read the same from the script");
  (void)only_comments(script.text);
}

void check_graph(const Source& source) {
  const std::vector<Migration>& migrations = source.migrations();
  std::vector<Version> childless;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const Migration& migration = migrations[i];
    require(source.find(migration.version) == &migration, "a version belongs to one migration");
    require(!source.is_skipped(migration.version), "what is there is not skipped");
    for (const Version& parent : migration.parents) {
      const Migration* const found = source.find(parent);
      require(found != nullptr && found < &migration, "parents are there, and come before");
      require(source.is_ancestor(parent, migration.version), "a parent is an ancestor");
      std::erase(childless, parent);
    }
    childless.push_back(migration.version);
  }
  const std::vector<Version>& heads = source.heads();
  require(std::is_permutation(heads.begin(), heads.end(), childless.begin(), childless.end()),
          "heads are what no migration has as parent");
  require(source.with_ancestors(heads).size() == migrations.size(),
          "every migration leads to a head");
}

void check(std::string_view input) {
  const std::vector<SourceFile> files = files_of(input);
  const Source source = build_native_source(files, "production");
  for (const Migration& migration : source.migrations()) {
    check_script(migration.up, FileRole::Up);
    if (migration.down) check_script(*migration.down, FileRole::Down);
  }
  for (const Repeatable& repeatable : source.repeatables()) {
    check_script(repeatable.script, FileRole::Repeatable);
  }
  check_graph(source);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  try {
    check(input);
  } catch (const headway::Error& error) {
    const std::string& message = error.info().message;
    const std::string& file = error.info().where.file;
    require(!message.empty(), "an error has a message");
    require(file.starts_with("dir/") || message.find("dir/") != std::string::npos,
            "an error names a file");
  }
  return 0;
}
