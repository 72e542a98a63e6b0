#include "formats/alembic_import.hpp"

#include <doctest/doctest.h>

#include "migration/directives.hpp"
#include "unit/migration/sources.hpp"

using namespace headway;
using namespace headway::testing;
using formats::AlembicRevision;
using formats::AlembicWay;

namespace {

const AlembicRevision kRoot{"aa1", "Create accounts", {}, {}, "/p/versions/aa1_x.py"};
const AlembicRevision kNext{"bb2", "Index them", {"aa1"}, {}, "/p/versions/bb2_x.py"};
const AlembicRevision kMerge{"cc3", "Merge", {"bb2", "ab2"}, {"zz9"}, "/p/versions/cc3_x.py"};

formats::AlembicScript up(const AlembicRevision& revision, std::string_view output) {
  return formats::script_of(output, revision, AlembicWay::Up, "x.py");
}

}  // namespace

TEST_CASE("alembic history tells of the graph") {
  const auto all = formats::parse_alembic_history(
      "env.py says hello\n"
      "Rev: cc3 (head) (mergepoint)\nMerges: bb2, ab2\nAlso depends on: audit\n"
      "Path: /p/versions/cc3_x.py\n\n    Merge\n    the two\n    \n    Revision ID: cc3\n\n"
      "Rev: aa1 (branchpoint)\r\nParent: <base>\r\nBranches into: bb2, ab2\r\n"
      "Path: /p/a b/aa1_x.py\r\n\r\n    Rev: in a message\r\n\r\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0].id == "cc3");
  CHECK(all[0].message == "Merge the two");
  CHECK(all[0].parents == std::vector<std::string>{"bb2", "ab2"});
  CHECK(all[0].depends_on == std::vector<std::string>{"audit"});
  CHECK(all[1].parents.empty());
  CHECK(all[1].path == "/p/a b/aa1_x.py");
  CHECK(all[1].message == "Rev: in a message");
  CHECK(formats::parse_alembic_history("nothing\n").empty());
}

TEST_CASE("parents come before children, and all of them are there") {
  std::vector<AlembicRevision> all{kNext, kRoot};
  all = formats::in_order(std::move(all));
  CHECK(all[0].id == "aa1");
  CHECK(all[1].id == "bb2");
  CHECK(error_of([] { return formats::in_order({kNext}); }).id == ErrorId::UnknownParent);
}

TEST_CASE("of what Alembic prints the revision's own statements stay") {
  const std::string_view output =
      "hello; it's env.py\nBEGIN;\n\nCREATE TABLE v (version_num VARCHAR(32) NOT NULL);\n\n"
      "-- Running upgrade  -> aa1\n\n"
      "CREATE TABLE a (t text DEFAULT 'x;y');\n\nCREATE FUNCTION f() RETURNS int AS $$ BEGIN; $$ "
      "LANGUAGE sql;\n\nINSERT INTO v (version_num) VALUES ('aa1') RETURNING v.version_num;\n\n"
      "-- Running upgrade aa1 -> bb2\n\nCOMMIT;\n\nCREATE INDEX CONCURRENTLY i ON a (t);\n\n"
      "BEGIN;\n\nUPDATE v SET version_num='bb2' WHERE v.version_num = 'aa1';\n\n"
      "-- Running upgrade bb2, ab2 -> cc3\n\nDELETE FROM v WHERE v.version_num = 'bb2';\n\n"
      "UPDATE v SET version_num='cc3' WHERE v.version_num = 'ab2';\n\nCOMMIT;\n\n";
  const auto root = up(kRoot, output);
  CHECK(root.found);
  CHECK(root.text ==
        "CREATE TABLE a (t text DEFAULT 'x;y');\n\nCREATE FUNCTION f() RETURNS int AS $$ BEGIN; $$ "
        "LANGUAGE sql;");
  CHECK_FALSE(root.commits);
  const auto index = up(kNext, output);
  CHECK(index.text == "CREATE INDEX CONCURRENTLY i ON a (t);");
  CHECK(index.commits);
  const auto merge = up(kMerge, output);
  CHECK(merge.found);
  CHECK(merge.text.empty());
  CHECK_FALSE(up({"dd4", "", {"cc3"}, {}, ""}, output).found);
}

TEST_CASE("each revision in a transaction of its own") {
  const auto one = up(kRoot,
                      "BEGIN;\n\n-- Running upgrade  -> aa1\n\nSELECT '50%%';\n\n"
                      "INSERT INTO v (version_num) VALUES ('aa1');\n\nCOMMIT;\n\nBEGIN;\n\n"
                      "-- Running upgrade aa1 -> bb2\n\nCOMMIT;\n");
  CHECK(one.text == "SELECT '50%%';");
  CHECK(one.doubled_percent);
  CHECK_FALSE(one.commits);
}

TEST_CASE("a project's own table with such a column stays its own") {
  const auto one = up(kNext,
                      "-- Running upgrade aa1 -> bb2\n\n"
                      "UPDATE book SET version_num = 'first';\n\n"
                      "UPDATE v SET version_num='bb2' WHERE v.version_num = 'aa1';\n");
  CHECK(one.text == "UPDATE book SET version_num = 'first';");
}

TEST_CASE("the way back") {
  const std::string_view output =
      "BEGIN;\n\n-- Running downgrade aa1 -> \n\nDROP TABLE a;\n\nDROP TABLE b;\n\n"
      "DELETE FROM v WHERE v.version_num = 'aa1';\n\nDROP TABLE v;\n\nCOMMIT;\n";
  CHECK(formats::script_of(output, kRoot, AlembicWay::Down, "x.py").text ==
        "DROP TABLE a;\n\nDROP TABLE b;");
}

TEST_CASE("the files say what the revision was") {
  const std::string up = formats::imported_up(kMerge, {true, "SELECT 1;", true, false});
  CHECK(up ==
        "-- headway: version=cc3 after=bb2,ab2,zz9 transaction=none\n-- Merge\n--\n"
        "-- Imported from cc3_x.py.\n\nSELECT 1;\n");
  const auto directives =
      migration::parse_directives(formats::imported_up(kRoot, {true, "", false, false}), "x.sql");
  CHECK(directives.version == migration::Version("aa1"));
  CHECK(directives.after == std::vector<migration::Version>{migration::Version("base")});
  CHECK(formats::imported_down(kRoot, {true, "DROP TABLE a;", false, false}) ==
        "-- The way back from: Create accounts\n\nDROP TABLE a;\n");
  const AlembicRevision sly{"dd4", "headway: transaction=none", {}, {}, "dd4.py"};
  CHECK(migration::parse_directives(formats::imported_up(sly, {true, "", false, false}), "x.sql")
            .transaction == migration::Transaction::Each);
  const std::string refusal = formats::imported_refusal(kRoot, "it's\nlost");
  CHECK(refusal.find("as SQL: it's\n-- Put") != std::string::npos);
  CHECK(refusal.find("RAISE EXCEPTION 'revision aa1 is not written in SQL yet'") !=
        std::string::npos);
}
