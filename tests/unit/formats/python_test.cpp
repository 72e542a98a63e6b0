// Constants of Python modules.
#include "formats/python.hpp"

#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::python_constant;

namespace {

/// "[a, b]", "computed" or "absent".
std::string value(const std::string& module, std::string_view name = "r") {
  const auto found = python_constant(module, name);
  if (!found) return "absent";
  if (!found->texts) return "computed";
  std::string out = "[";
  for (const std::string& text : *found->texts) out += (out.size() > 1 ? ", " : "") + text;
  return out + "]";
}

}  // namespace

TEST_CASE("texts, tuples and None, as people write them") {
  CHECK(value("r = 'a'\n") == "[a]");
  CHECK(value("r=\"a\"  # why") == "[a]");
  CHECK(value("r: str = u'a';\n") == "[a]");
  CHECK(value("r: Union[str, None] = None\n") == "[]");
  CHECK(value("r = R'a' \"b\"\n") == "[ab]");
  CHECK(value("r = \"\"\"a\"\"\"\n") == "[a]");
  CHECK(value("r = \\\n  'a'\n") == "[a]");
  CHECK(value("r = ('a')\n") == "[a]");
  CHECK(value("r = (\n  'a',  # one\n  'b',\n)\n") == "[a, b]");
  CHECK(value("r = ['a', 'b']\n") == "[a, b]");
  CHECK(value("r = {'a'}\n") == "[a]");
  CHECK(value("r = ()\n") == "[]");
  CHECK(value("r = 'a',\n") == "[a]");
  CHECK(value("r = 'a', 'b'\n'c'\n") == "[a, b]");
}

TEST_CASE("several names at once") {
  CHECK(value("q = r = s = None\n") == "[]");
  CHECK(value("q = r = 'a'\n") == "[a]");
  CHECK(value("q, r = 'a', 'b'\n") == "[b]");
  CHECK(value("r, q = ('a', 'b'), None\n") == "[a, b]");
  CHECK(value("q, r = 'a', None\n") == "[]");
  CHECK(value("q, r = f()\n") == "computed");
}

TEST_CASE("what Python would have to compute, and what is no assignment") {
  for (const std::string& computed :
       Texts{"r = f()\n", "r = 'a' + x\n", "r = None if x else 'a'\n", "r = Nones\n", "r = f'a'\n",
             "r = 'a\n", "r = ['a', x]\n", "r = ['a'\n", "r ="}) {
    CAPTURE(computed);
    CHECK(value(computed) == "computed");
  }
  CHECK(value("  r = 'a'\nrr = 'b'\nr == 'c'\nr.x = 'd'\nr: str\n# r = 'e'\n") == "absent");
  CHECK(value("") == "absent");
  CHECK(python_constant("\n\nr = 'a'\nr = 'b'\n", "r")->line == 4);
}

TEST_CASE("the last assignment counts, and none within a text") {
  CHECK(value("r = 'a'\nr = 'b'\n") == "[b]");
  CHECK(value("\"\"\"about\nr = 'a'\n\"\"\"\nr = 'b'\nsql = \'\'\'\nr = 'c'\n\'\'\'\n") == "[b]");
  CHECK(value("x = \"it's\"  # \'\'\'\nr = 'a'\n") == "[a]");
  CHECK(value("x = \"\"\"\\\"\"\"\nr = 'a'\n") == "absent");
  CHECK(value("r: Union[\n    str, None\n] = 'a'\n") == "[a]");
  CHECK(value("r: str\nq = 'a'\n") == "absent");
}

TEST_CASE("what a module says of itself") {
  CHECK(formats::python_summary("\"\"\"one\n\nRevision ID: 1\n\"\"\"\n") == "one");
  CHECK(formats::python_summary("# by us\n\n'''\n  two\n'''\n") == "two");
  CHECK(formats::python_summary("r\"three\"\n") == "three");
  CHECK(formats::python_summary("import x\n\"\"\"no\"\"\"\n").empty());
  CHECK(formats::python_summary("\"\"\"open").empty());
  CHECK(formats::python_summary("").empty());
}
