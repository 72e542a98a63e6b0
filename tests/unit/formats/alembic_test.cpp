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
