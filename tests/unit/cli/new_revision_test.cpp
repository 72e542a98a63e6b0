#include "cli/new_revision.hpp"

#include <doctest/doctest.h>

#include "migration/directives.hpp"

namespace headway::cli {
namespace {

using namespace std::chrono_literals;

migration::Source source_with(const std::vector<std::string>& names,
                              const std::string& text = "select 1;") {
  std::vector<migration::SourceFile> files;
  for (const std::string& name : names)
    files.push_back({name.substr(name.rfind('/') + 1), name, text});
  return migration::build_native_source(std::move(files), "production");
}

constexpr Timestamp kNow =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 9h + 30min + 5s;

}  // namespace

TEST_CASE("a message becomes a name of lower-case letters, digits and underscores") {
  CHECK(slug_of("Create  metrics!") == "create_metrics");
  CHECK(slug_of("  añadir 2x ") == "a_adir_2x");
  CHECK(slug_of("!?").empty());
  CHECK(slug_of(std::string(100, 'a')).size() == 60);
}

TEST_CASE("a version is the time, or the number after the last one") {
  const auto empty = source_with({});
  CHECK(next_version(empty, Numbering::Timestamp, kNow).text() == "20261122093005");
  CHECK(next_version(empty, Numbering::Sequential, kNow).text() == "0001");
  const auto numbered = source_with({"0001_a.sql", "0009_b.sql"});
  CHECK(next_version(numbered, Numbering::Sequential, kNow).text() == "0010");
  CHECK(next_version(numbered, Numbering::Timestamp, kNow).text() == "20261122093005");
  CHECK(next_version(source_with({"99_a.sql"}), Numbering::Sequential, kNow).text() == "100");
}

TEST_CASE("a version is never one that is taken, nor before the last one") {
  CHECK(next_version(source_with({"20261122093005_a.sql"}), Numbering::Timestamp, kNow).text() ==
        "20261122093006");
  CHECK(next_version(source_with({"20271231235959_a.sql"}), Numbering::Timestamp, kNow).text() ==
        "20271231235960");
}

TEST_CASE("a file's digits are taken, too, where its version is another") {
  const auto imported = source_with({"m/0007_a.sql"}, "-- headway: version=ae12\nSELECT 1;\n");
  CHECK(next_version(imported, Numbering::Sequential, kNow).text() == "0008");
}

TEST_CASE("the files' comments are no directives") {
  CHECK(migration::parse_directives(up_text("create\nmetrics"), "a.sql") ==
        migration::Directives{});
  CHECK(migration::parse_directives(down_text("create metrics"), "a.sql") ==
        migration::Directives{});
  CHECK(migration::parse_directives(up_text("headway: transaction=none"), "a.sql") ==
        migration::Directives{});
  CHECK(up_text("create\nmetrics").substr(0, 20) == "-- create metrics\n--");
}

}  // namespace headway::cli
