// The checksums that the real tools keep of tests/interop/sets, as tests/interop/tricky has seen
// them, fit what is computed here.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "formats/checksums.hpp"
#include "formats/foreign_history.hpp"
#include "migration/plain_text.hpp"
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Format;

namespace {

const std::filesystem::path kInterop = HEADWAY_INTEROP;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// As the tool had the directory.
migration::Source set_of(Format format, const std::string& name) {
  std::vector<File> files;
  const auto directory = kInterop / "sets" / name;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    files.push_back({entry.path().lexically_relative(directory), content(entry.path())});
  }
  return read(format, files, {.environment = "production", .placeholders = {{"word", "a word"}}});
}

}  // namespace

TEST_CASE("checksums are those that the tools have kept of the tricky sets") {
  struct Witness {
    Format format;
    std::string name;
    std::size_t least;
  };
  for (const Witness& witness :
       {Witness{Format::Flyway, "flyway", 29}, Witness{Format::Sqlx, "sqlx", 23},
        Witness{Format::Atlas, "atlas", 25}, Witness{Format::Refinery, "refinery", 21}}) {
    const auto source = set_of(witness.format, witness.name);
    std::ifstream sums(kInterop / "sums" / (witness.name + ".txt"));
    std::size_t seen = 0;
    std::string sum;
    std::string what;
    while (sums >> sum && std::getline(sums >> std::ws, what)) {
      INFO(witness.name, " ", what);
      ++seen;
      const migration::Migration* const migration = source.find(migration::Version(what));
      if (migration != nullptr) {
        CHECK(formats::fits(witness.format, *migration, sum));
        CHECK_FALSE(formats::fits(witness.format, *migration, sum + "0"));
        continue;
      }
      const auto repeatable =
          std::ranges::find(source.repeatables(), what, &migration::Repeatable::name);
      REQUIRE(repeatable != source.repeatables().end());
      CHECK(formats::flyway_has_run(*repeatable, sum));
    }
    CHECK(seen >= witness.least);
  }
}
