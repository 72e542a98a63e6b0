// Whatever the names and texts of the files: they are refused with an Error that names one of them,
// or they are a Source whose graph is closed, in order, and holds every file's text and directives.
//
// Input: sources.hpp.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fuzz/require.hpp"
#include "fuzz/sources.hpp"
#include "migration/checksum.hpp"
#include "migration/directives.hpp"
#include "migration/source.hpp"

namespace {

using namespace headway::migration;
using headway::testing::check_graph;
using headway::testing::files_of;
using headway::testing::require;

void check_script(const Script& script, FileRole role) {
  require(script.checksum == checksum_of(script.text), "a checksum is that of the text");
  const Directives again = parse_directives(script.text, script.path, role);
  require(again.transaction == script.transaction && again.lock_timeout == script.lock_timeout &&
              again.statement_timeout == script.statement_timeout,
          "directives are read the same from the script");
  (void)only_comments(script.text);
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
