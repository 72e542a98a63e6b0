// Files over 8 MB are never held: read once to be checked, once to be run.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "cli/gate.hpp"
#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

// A sanitizer keeps what was freed, to catch who still uses it.
constexpr long kLargestKib = HEADWAY_SANITIZED ? 1024L * 1024 : 64L * 1024;

struct Shape {
  std::size_t inserts = 300;   ///< of 20,000 bytes each
  std::size_t rows = 40'000;   ///< of a COPY, 100 bytes each
  std::size_t longest = 1000;  ///< bytes of one statement
  std::size_t bad_insert = 0;  ///< the one that fails, 1-based
  std::size_t bad_row = 0;
  std::string first = "select 1;";  ///< on a line of its own
};

/// Line 1 is BEGIN, line 2 makes the table, line 3 is `first`; then the inserts; then the COPY.
void write_large(const std::filesystem::path& path, const Shape& shape) {
  std::ofstream out(path, std::ios::binary);
  out << "BEGIN;\r\ncreate table t (id bigint, what text);\n" << shape.first << "\n";
  const std::string word(20'000, 'x');
  for (std::size_t i = 1; i <= shape.inserts; ++i) {
    out << "/* ä */ insert into " << (i == shape.bad_insert ? "nowhere" : "t") << " values (" << i
        << ", '" << word << "');\n";
  }
  out << "copy t from stdin;\n";
  const std::string field(90, 'y');
  for (std::size_t i = 1; i <= shape.rows; ++i) {
    out << (i == shape.bad_row ? "secret" : "") << i << '\t' << field << '\n';
  }
  out << "\\.\ninsert into t values (0, '" << std::string(shape.longest, 'z') << "');\nCOMMIT;\n";
}

struct Place {
  std::string url = TempCluster::shared().create_database();
  TempDir dir{"hw-large"};
  Headway headway{url, dir.path().string()};

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return dir.path() / name;
  }
  [[nodiscard]] bool is_empty() const {
    return value(url, "select to_regclass('public.t') is null") == "t";
  }
};

}  // namespace

TEST_CASE("a file of 40 MB with one statement of 15 MB takes at most 64 MB") {
  const Place place;
  write_large(place.file("1_large.sql"),
              {.inserts = 600, .rows = 130'000, .longest = std::size_t{15'000'000}});
  REQUIRE(std::filesystem::file_size(place.file("1_large.sql")) > 38'000'000);

  const Exit done = place.headway({"upgrade"});
  INFO(done.text());
  CHECK(done.code == 0);
  CHECK(done.peak_rss_kib() <= kLargestKib);
  CHECK(value(place.url, "select count(*) || ' ' || max(length(what)) from t") ==
        "130601 15000000");

  const Exit again = place.headway({"upgrade"});
  INFO(again.text());
  CHECK(again.code == 0);
  CHECK(again.peak_rss_kib() <= kLargestKib);
  CHECK(value(place.url, "select count(*) from t") == "130601");

  std::ofstream(place.file("1_large.sql"), std::ios::app) << "-- more\n";
  CHECK(place.headway({"check"}).code == 22);
}

TEST_CASE("a million rows that nobody reads take no memory") {
  const Place place;
  std::ofstream(place.file("1_a.sql")) << "select g, repeat('x', 100) from "
                                          "generate_series(1, 1000000) g;";
  std::ofstream(place.file("2_b.sql")) << "select 1;";
  std::ofstream(place.file("3_c.sql")) << "copy (select g, repeat('x', 100) from "
                                          "generate_series(1, 1000000) g) to stdout;";
  const Exit done = place.headway({"upgrade"});
  INFO(done.text());
  CHECK(done.code == 0);
  CHECK(done.peak_rss_kib() <= kLargestKib);
}

TEST_CASE("a statement that fails in a large file is told with its place") {
  const Place place;
  write_large(place.file("1_large.sql"), {.inserts = 500, .bad_insert = 444});
  const Exit failed = place.headway({"upgrade"});
  INFO(failed.text());
  CHECK(failed.code == 20);
  CHECK(failed.err.find("1_large.sql:447:21:") != std::string::npos);
  CHECK(place.is_empty());
}

TEST_CASE("so is a row of a COPY, without its values") {
  const Place place;
  write_large(place.file("1_large.sql"), {.bad_row = 30'000});
  const Exit failed = place.headway({"upgrade"});
  INFO(failed.text());
  CHECK(failed.code == 20);
  CHECK(failed.err.find("1_large.sql:30304:") != std::string::npos);
  CHECK(failed.err.find("secret") == std::string::npos);
  CHECK(place.is_empty());
  CHECK(place.headway({"upgrade", "--log-literals"}).err.find("secret") != std::string::npos);
}

TEST_CASE("a large file that changes before or while it runs is rolled back") {
  const Place place;
  const auto file = place.file("2_large.sql");
  Gate gate(place.url);
  std::ofstream(place.file("1_gate.sql")) << "create table first (); " << Gate::kPass;
  write_large(file, {});
  Process upgrade(place.headway.command({"upgrade", Gate::kPatience}));
  static_cast<void>(gate.waiting_backend());
  SUBCASE("longer") { std::ofstream(file, std::ios::app) << "insert into t values (1, 'more');"; }
  SUBCASE("other data") { write_large(file, {.bad_row = 7}); }
  SUBCASE("cut in the data") { std::filesystem::resize_file(file, 8'500'000); }
  SUBCASE("with a COMMIT") { write_large(file, {.first = "commit; begin;"}); }
  SUBCASE("gone") { std::filesystem::remove(file); }
  gate.open();
  const Exit refused = upgrade.wait();
  INFO(refused.text());
  CHECK(refused.code == 22);
  CHECK(refused.err.find("was changed after it was checked") != std::string::npos);
  CHECK(place.is_empty());
  CHECK(value(place.url, "select string_agg(version, ' ' order by version) from headway.history") ==
        "1 base");
}

TEST_CASE("SIGTERM in a large file rolls it back") {
  const Place place;
  Gate gate(place.url);
  write_large(place.file("1_large.sql"), {.first = Gate::kPass});
  Process upgrade(place.headway.command({"upgrade", Gate::kPatience}));
  static_cast<void>(gate.waiting_backend());
  const Exit stopped = upgrade.stop();
  INFO(stopped.text());
  CHECK(stopped.code == 13);
  CHECK(place.is_empty());
  gate.open();
  CHECK(place.headway({"upgrade"}).code == 0);
  CHECK(value(place.url, "select count(*) from t") == "40301");
}

TEST_CASE("what is wrong in a large file is found before anything runs") {
  const Place place;
  write_large(place.file("1_large.sql"), {.rows = 60'000});
  SUBCASE("a quote without end") {
    std::ofstream(place.file("1_large.sql"), std::ios::app) << "select 'open";
    const Exit refused = place.headway({"upgrade"});
    INFO(refused.text());
    CHECK(refused.code == 2);
    CHECK(refused.err.find("1_large.sql:60308:8") != std::string::npos);
  }
  SUBCASE("another tool's way back") {
    std::ofstream(place.file("1_large.sql"), std::ios::app) << "-- migrate:down\ndrop table t;\n";
    const Exit refused = place.headway({"upgrade"});
    INFO(refused.text());
    CHECK(refused.code == 2);
    CHECK(refused.err.find("1_large.sql:60308:1") != std::string::npos);
  }
  CHECK(value(place.url, "select to_regnamespace('headway') is null") == "t");
}
