// build_native_source(): files to a Source.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "migration/checksum.hpp"
#include "migration/source.hpp"
#include "unit/migration/sources.hpp"

using headway::ErrorId;
using headway::ErrorInfo;
using headway::Location;
using headway::migration::checksum_of;
using headway::migration::Migration;
using headway::migration::Phase;
using headway::migration::Source;
using headway::migration::Transaction;
using headway::testing::contains;
using headway::testing::error_of;
using headway::testing::File;
using headway::testing::source_of;
using headway::testing::Texts;
using headway::testing::texts_of;
using headway::testing::v;
using headway::testing::versions_of;
using namespace std::chrono_literals;

namespace {

ErrorInfo refused(const std::vector<File>& files) {
  return error_of([&] { return source_of(files); });
}

}  // namespace

TEST_CASE("no files are a source without migrations") {
  const Source source = source_of({});
  CHECK(source.migrations().empty());
  CHECK(source.heads().empty());
}

TEST_CASE("files are ordered by the value of their digits, each following the one before") {
  const Source source = source_of({{"10_c.sql"}, {"9_b.sql"}, {"001_a.sql"}});
  CHECK(versions_of(source) == Texts{"001", "9", "10"});
  CHECK(source.migrations()[0].parents.empty());
  CHECK(texts_of(source.migrations()[1].parents) == Texts{"001"});
  CHECK(texts_of(source.migrations()[2].parents) == Texts{"9"});
  CHECK(texts_of(source.heads()) == Texts{"10"});
}

TEST_CASE("files that are not SQL are ignored without a word") {
  const Source source = source_of({{"README.md"}, {".gitkeep"}, {"1_a.sql"}});
  CHECK(source.migrations().size() == 1);
  CHECK(source.warnings().empty());
}

TEST_CASE("a migration has the path, text and checksum of its file") {
  const Source source = source_of({{"1_create.sql", "SELECT 1;\n"}});
  const Migration& migration = source.migrations()[0];
  CHECK(migration.name == "create");
  CHECK(migration.up.path == "m/1_create.sql");
  CHECK(migration.up.text == "SELECT 1;\n");
  CHECK(migration.up.checksum == checksum_of("SELECT 1;\n"));
  CHECK_FALSE(migration.down);
}

TEST_CASE("a BOM goes and CR LF becomes LF, and the checksum is of what is left") {
  const Source source = source_of({{"1_a.sql", "\xEF\xBB\xBFSELECT\r\n1\r;\r\n\r\n"}});
  const auto& up = source.migrations()[0].up;
  CHECK(up.text == "SELECT\n1\r;\n\n");
  CHECK(up.checksum == checksum_of("\xEF\xBB\xBFSELECT\r\n1\r;\r\n\r\n"));
  CHECK(up.checksum == checksum_of(up.text));
}

TEST_CASE("a text that ends with CR keeps it") {
  CHECK(source_of({{"1_a.sql", "a\r\nb\r"}}).migrations()[0].up.text == "a\nb\r");
}

TEST_CASE("directives stand behind a BOM and before CR LF") {
  const Source source = source_of(
      {{"1_a.sql", "\xEF\xBB\xBF-- headway: transaction=none lock_timeout=3s\r\nX;\r\n"}});
  CHECK(source.migrations()[0].up.transaction == Transaction::None);
  CHECK(source.migrations()[0].up.lock_timeout == 3s);
}

TEST_CASE("a down file belongs to the up file of the same number, whatever its name") {
  const Source source = source_of({{"001_create.sql"},
                                   {"1_drop_again.down.sql", "-- headway: transaction=none\n"},
                                   {"2_b.sql"}});
  REQUIRE(source.migrations()[0].down);
  CHECK(source.migrations()[0].down->path == "m/1_drop_again.down.sql");
  CHECK(source.migrations()[0].down->transaction == Transaction::None);
  CHECK(source.migrations()[0].up.transaction == Transaction::Each);
  CHECK(source.migrations()[0].name == "create");
  CHECK_FALSE(source.migrations()[1].down);
}

TEST_CASE("two files of one number are named both") {
  const ErrorInfo ups = refused({{"001_a.sql"}, {"1_b.sql"}, {"2_c.sql"}});
  CHECK(ups.id == ErrorId::DuplicateVersion);
  CHECK(contains(ups.message, "m/001_a.sql"));
  CHECK(contains(ups.message, "m/1_b.sql"));
  const ErrorInfo downs = refused({{"1_a.sql"}, {"1_a.down.sql"}, {"01_a.down.sql"}});
  CHECK(downs.id == ErrorId::DuplicateVersion);
  CHECK(contains(downs.message, "m/01_a.down.sql"));
}

TEST_CASE("a down file without an up file is an error, wherever it stands") {
  for (const char* name : {"1_x.down.sql", "3_x.down.sql", "9_x.down.sql"}) {
    CAPTURE(name);
    const ErrorInfo error = refused({{"2_a.sql"}, {"4_b.sql"}, {"4_b.down.sql"}, {name}});
    CHECK(error.id == ErrorId::OrphanDown);
    CHECK(error.where.file == std::string("m/") + name);
  }
}

TEST_CASE("version= changes what a migration is called, not where it stands") {
  const Source source =
      source_of({{"1_a.sql", "-- headway: version=ae10\n"}, {"2_b.sql"}, {"2_b.down.sql"}});
  CHECK(versions_of(source) == Texts{"ae10", "2"});
  CHECK(texts_of(source.migrations()[1].parents) == Texts{"ae10"});
  CHECK(source.find(v("1")) == nullptr);
}

TEST_CASE("version= may not give a migration the version of another") {
  const ErrorInfo error = refused({{"1_a.sql", "-- headway: version=02\n"}, {"2_b.sql"}});
  CHECK(error.id == ErrorId::DuplicateVersion);
  CHECK(contains(error.message, "m/1_a.sql"));
  CHECK(contains(error.message, "m/2_b.sql"));
}

TEST_CASE("phase and irreversible belong to the migration") {
  const Source source = source_of({{"1_a.sql", "-- headway: phase=contract irreversible\n"}});
  CHECK(source.migrations()[0].phase == Phase::Contract);
  CHECK(source.migrations()[0].irreversible);
}

TEST_CASE("repeatables are ordered by name and stand outside of the graph") {
  const Source source = source_of({{"R__b.sql"}, {"R__a.sql"}, {"1_a.sql"}});
  REQUIRE(source.repeatables().size() == 2);
  CHECK(source.repeatables()[0].name == "a");
  CHECK(source.repeatables()[1].script.path == "m/R__b.sql");
  CHECK(source.migrations().size() == 1);
  CHECK(refused({{"R__a.sql"}, {"R__a.sql"}}).id == ErrorId::DuplicateName);
}

TEST_CASE("environments= leaves files out elsewhere") {
  const std::vector<File> files{{"1_a.sql"},
                                {"2_seed.sql", "-- headway: environments=staging,dev\n"},
                                {"2_seed.down.sql"},
                                {"3_c.sql"},
                                {"R__v.sql", "-- headway: environments=staging\n"}};
  const Source here = source_of(files, "production");
  CHECK(versions_of(here) == Texts{"1", "3"});
  CHECK(texts_of(here.migrations()[1].parents) == Texts{"1"});
  CHECK(here.repeatables().empty());
  REQUIRE(here.skipped().size() == 1);
  CHECK(here.skipped()[0].path == "m/2_seed.sql");
  CHECK(here.is_skipped(v("02")));
  CHECK_FALSE(here.is_skipped(v("1")));

  const Source there = source_of(files, "dev");
  CHECK(versions_of(there) == Texts{"1", "2", "3"});
  CHECK(there.skipped().empty());
  CHECK(there.repeatables().empty());
  CHECK(source_of(files, "staging").repeatables().size() == 1);
}

TEST_CASE("what is wrong in a file that is left out is still wrong") {
  CHECK(refused({{"1_a.sql", "-- headway: environments=dev phase=never\n"}}).id ==
        ErrorId::BadDirective);
}

TEST_CASE("a directive that comes too late is a warning of the source") {
  const Source source = source_of({{"1_a.sql", "SELECT 1;\n-- headway: transaction=none\n"}});
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/1_a.sql:2:1"));
  CHECK(source.migrations()[0].up.transaction == Transaction::Each);
}

TEST_CASE("another tool's way back in the same file is refused: it would undo what was just done") {
  for (const char* marker :
       {"-- +goose Down", "-- +goose down ", "-- migrate:down transaction:false",
        "-- +migrate Down", "---- create above / drop below ----", "-- //@UNDO", "--//@UNDO",
        "-- Down", "-- !Downs", "------ DOWN ------", "-- migrate: down"}) {
    CAPTURE(marker);
    const std::string both = std::string("CREATE TABLE t ();\n") + marker + "\nDROP TABLE t;\n";
    const ErrorInfo error = refused({{"1_a.sql", both}});
    CHECK(error.id == ErrorId::BothWays);
    CHECK(error.where == Location{"m/1_a.sql", 2, 1});
    CHECK(refused({{"1_a.sql", both.substr(both.find('\n') + 1)}}).where.line == 1);
    CHECK(refused({{"1_a.sql", "\r\n" + both.substr(0, both.size() - 1)}}).where.line == 3);
  }
}

TEST_CASE("another tool's marker without a statement behind it does no harm") {
  for (const char* rest : {"", "\n", "\n-- nothing to undo\n/* /* at */ all */\n"}) {
    CAPTURE(rest);
    CHECK_NOTHROW(
        source_of({{"1_a.sql", std::string("CREATE TABLE t ();\n-- +goose Down") + rest}}));
  }
  CHECK_NOTHROW(source_of({{"1_a.sql", "SELECT '-- +goose Down';\nSELECT 1;\n"}}));
  CHECK_NOTHROW(source_of({{"1_a.sql", "SELECT 1;\n-- +goose Downtown\nSELECT 2;\n"}}));
  CHECK_NOTHROW(source_of({{"1_a.sql", "-- Down to earth\nSELECT 1;\n--\n-- \nSELECT 2;\n"}}));
  CHECK_NOTHROW(
      source_of({{"1_a.sql", "SELECT 1;\n"}, {"1_a.down.sql", "-- +goose Down\nDROP TABLE t;\n"}}));
}

TEST_CASE("an error in a file says where") {
  CHECK(refused({{"1_a.sql", "\xEF\xBB\xBF\r\n-- headway: phase=x\r\n"}}).where ==
        Location{"m/1_a.sql", 2, 19});
}
