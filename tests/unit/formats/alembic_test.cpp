// Alembic: the graph without Python.
#include "formats/foreign_history.hpp"
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Format;

namespace {

std::vector<File> project() {
  return {{"env.py", "from alembic import context\n"},
          {"script.py.mako", ""},
          {"versions/a1_first.py",
           "\"\"\"first steps\n\nRevision ID: a1\n\"\"\"\nfrom alembic import op\n\n"
           "revision = 'a1'\ndown_revision = None\nbranch_labels = None\ndepends_on = None\n"},
          {"versions/b2_left.py",
           "'''left'''\nrevision: str = \"b2\"\ndown_revision: Union[str, None] = \"a1\"\n"
           "branch_labels = (\n    'left',  # the name\n)\n"},
          {"versions/c3_right.py",
           "\"\"\"right\"\"\"\nrevision='c3'\ndown_revision='a1'\ndepends_on=['left']\n"},
          {"versions/d4_merge.py",
           "\"\"\"merge\"\"\"\nrevision = 'd4'\ndown_revision = ('b2',\n                 'c3')\n"}};
}

}  // namespace

TEST_CASE("revisions, merges, labels and dependencies make the graph") {
  const auto source = read(Format::Alembic, project());
  CHECK(versions_of(source) == Texts{"a1", "b2", "c3", "d4"});
  CHECK(names_of(source) == Texts{"first steps", "left", "right", "merge"});
  CHECK(texts_of(source.migrations()[2].parents) == Texts{"a1", "b2"});
  CHECK(texts_of(source.migrations()[3].parents) == Texts{"b2", "c3"});
  CHECK(texts_of(source.heads()) == Texts{"d4"});
  REQUIRE(source.migrations()[0].up.refusal);
  CHECK(contains(source.migrations()[0].up.refusal->next, "headway import alembic"));
}

TEST_CASE("what only Python could compute is refused with its line") {
  const ErrorInfo error = error_of([] {
    return read(Format::Alembic, {{"versions/a.py", "revision = 'a'\ndown_revision = last()\n"}});
  });
  CHECK(error.id == ErrorId::ForeignCode);
  CHECK(error.where.text() == "m/versions/a.py:2:1");
}

TEST_CASE("a label that is computed matters only to who names it") {
  const auto graph = [](const std::string& after) {
    return read(
        Format::Alembic,
        {{"versions/a.py", "revision = 'a'\ndown_revision = None\nbranch_labels = (cli.EXPAND,)\n"},
         {"versions/b.py", "revision = 'b'\ndown_revision = '" + after + "'\n"}});
  };
  CHECK(versions_of(graph("a")) == Texts{"a", "b"});
  CHECK(error_of([&] { return graph("expand"); }).id == ErrorId::UnknownParent);
}

TEST_CASE("revisions are those in Alembic's places") {
  const auto file = [](std::string name, const std::string& id) {
    return File{std::move(name), "revision = '" + id + "'\ndown_revision = None\n"};
  };
  const auto versions = [](const std::vector<File>& files) {
    return versions_of(read(Format::Alembic, files));
  };
  const auto archived = file("versions/archive/b.py", "b");
  CHECK(versions({{"env.py"}, file("versions/a.py", "a"), archived, file("tool.py", "c")}) ==
        Texts{"a"});
  CHECK(versions({file("a.py", "a"), file("archive/b.py", "b")}) == Texts{"a"});
  const auto aside = read(Format::Alembic, {file("a.py", "a"), file("archive/b.py", "b")});
  REQUIRE(aside.warnings().size() == 1);
  CHECK(contains(aside.warnings()[0], "m/archive/b.py and what lies with it is left aside"));
  CHECK(versions({file("postgresql/a.py", "a"), file("more/b.py", "b")}) == Texts{"a", "b"});
  const std::vector<File> project{file("db/versions/a.py", "a"),
                                  file("db/other/b.py", "b"),
                                  file("db/other/deep/c.py", "c"),
                                  {"db/env.py"},
                                  file("tests/versions/d.py", "d")};
  const auto with = [&](const std::string& configuration) {
    auto files = project;
    files.push_back({"alembic.ini", "[alembic]\n" + configuration});
    return versions(files);
  };
  CHECK(with("script_location = db\n") == Texts{"a"});
  CHECK(with("script_location = %(here)s/./db/\n# version_locations = no\n") == Texts{"a"});
  CHECK(with("version_locations = db/versions %(here)s/db/other\n") == Texts{"a", "b"});
  CHECK(with("version_locations =\n  db/versions\n  db/other\nscript_location = x\n") ==
        Texts{"a", "b"});
  CHECK(with("version_locations = db/other\nrecursive_version_locations = true\n") ==
        Texts{"b", "c"});
  const File follows{"versions/2.py", "revision = '2'\ndown_revision = '1'\n"};
  CHECK(versions({{"env.py"}, file("versions/old/1.py", "1"), follows}) == Texts{"1", "2"});
  const File deeper{"versions/expand/2.py", "revision = '2'\ndown_revision = '1'\n"};
  CHECK(versions({{"env.py"}, file("versions/1.py", "1"), deeper}) == Texts{"1", "2"});
  CHECK(with("script_location = package:migrations\n") == Texts{"a"});
  const auto source =
      read(Format::Alembic, {file("versions/a.py", "a"), {"versions/b.py", "print(1)\n"}});
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/versions/b.py: it assigns no revision"));
}

TEST_CASE("heads stand for all that they stand on") {
  const auto source = read(Format::Alembic, project());
  const formats::ForeignTable table{Format::Alembic, {"public", "alembic_version", {}, true}};
  const auto taken = [&](const std::vector<formats::ForeignRow>& rows) {
    Texts out;
    for (const auto& one : formats::applied_of(table, rows, source)) {
      out.push_back(one.version.text() + (one.migration == nullptr ? "?" : ""));
    }
    return out;
  };
  CHECK(taken({{"b2"}}) == Texts{"a1", "b2"});
  CHECK(taken({{"b2"}, {"c3"}}) == Texts{"a1", "b2", "c3"});
  CHECK(taken({{"zz"}}) == Texts{"zz?"});
  CHECK(formats::owner_of({"public", "alembic_version", {"version_num"}, true}) == Format::Alembic);
}
