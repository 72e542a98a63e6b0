#include "sql/splitter.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "sql/utf8.hpp"

using headway::ErrorId;
using headway::sql::split;
using Texts = std::vector<std::string>;

namespace {

Texts texts(std::string_view script) {
  Texts result;
  for (const auto& statement : split(script, "t.sql")) result.emplace_back(statement.text);
  return result;
}

headway::Error error_of(std::string_view script) {
  try {
    (void)split(script, "t.sql");
  } catch (const headway::Error& error) {
    return error;
  }
  FAIL("no error for: ", std::string(script));
  return {ErrorId::Internal, ""};
}

void check_refused(std::string_view script, ErrorId id, std::size_t line, std::size_t column) {
  CAPTURE(std::string(script));
  const headway::Error error = error_of(script);
  CAPTURE(std::string(error.what()));
  CHECK(error.id() == id);
  CHECK(error.info().where.file == "t.sql");
  CHECK(error.info().where.line == line);
  CHECK(error.info().where.column == column);
}

// A script that must be one statement as a whole.
void check_one(const std::string& statement) {
  CAPTURE(statement);
  CHECK(texts(statement + ";") == Texts{statement});
  CHECK(texts("SELECT 1;\n" + statement + ";SELECT 2") == Texts{"SELECT 1", statement, "SELECT 2"});
}

}  // namespace

TEST_CASE("statements end at semicolons, and the last one may go without") {
  CHECK(texts("SELECT 1;SELECT 2") == Texts{"SELECT 1", "SELECT 2"});
  CHECK(texts("SELECT 1 ;\n\n SELECT 2 ;\n") == Texts{"SELECT 1", "SELECT 2"});
}

TEST_CASE("blanks, comments and stray semicolons are no statements") {
  for (const std::string script : {"", " \t\r\n\f", ";", ";;;", " ; ;\n;", "-- only a comment",
                                   "-- a;b\n/* c; /* d; */ e */\n;", "\xEF\xBB\xBF", "\xC2\xA0",
                                   ";\xC2\xA0\n-- x\n\xC2\xA0;\xC2\xA0"}) {
    CAPTURE(std::string(script));
    CHECK(texts(script).empty());
  }
}

TEST_CASE("a statement reaches from its first to its last token") {
  const std::string script = "-- head\n/* more */ SELECT /* in */ 1 -- in\n + 2 -- tail\n ; -- end";
  CHECK(texts(script) == Texts{"SELECT /* in */ 1 -- in\n + 2"});
}

TEST_CASE("texts are views into the script") {
  const std::string script = "SELECT 1; SELECT 2;";
  const auto statements = split(script, "t.sql");
  REQUIRE(statements.size() == 2);
  CHECK(statements[1].text.data() == script.data() + 10);
  CHECK(statements[1].offset == 10);
}

TEST_CASE("quotes hide semicolons") {
  check_one("SELECT 'a;b', 'it''s;', ''''");
  check_one("SELECT E'a\\';b', e'\\\\', E'\\\\\\';', E''';'");
  check_one("SELECT 'no escape \\', ';'");
  check_one("SELECT U&'d\\0061;\\', u&';''' UESCAPE '!'");
  check_one("SELECT B'01;', x'1F;', N';', n';'");
  check_one("SELECT 1 AS \"a;b\", 2 AS \"c\"\";'\", U&\"d;\"");
  check_one("SELECT fooe';'");  // a name that ends in e, then a plain string
  check_one("SELECT '\\' AS \"E'\"");
}

TEST_CASE("a string continued on the next line keeps its kind") {
  check_one("SELECT E'a'\n  '\\';b'");
  check_one("SELECT E'a' -- comment ' ;\n -- another\n '\\';b'");
  check_one("SELECT 'a'\n'\\'");
  // On the same line it is no continuation: the second string is a plain one.
  CHECK(texts("SELECT E'a' '\\';SELECT 2;") == Texts{"SELECT E'a' '\\'", "SELECT 2"});
  CHECK(texts("SELECT E'a' /* \n */ '\\';SELECT 2;") ==
        Texts{"SELECT E'a' /* \n */ '\\'", "SELECT 2"});
}

TEST_CASE("dollar quotes end at their own tag only") {
  check_one("SELECT $$;$$, $a$;$$;$a$, $_1$;$_1$, $\xC3\xA4$;$\xC3\xA4$");
  check_one("SELECT $a$ $b$ ; $a $$a$");
  check_one("SELECT $A$ $a$ ; $A$");
  check_one("DO $do$ BEGIN PERFORM '$$;'; END; $do$");
  check_one("SELECT $$'$$, ';', $$\"$$");
}

TEST_CASE("a dollar sign does not always open a quote") {
  CHECK(texts("SELECT $1;SELECT $2$$;$$") == Texts{"SELECT $1", "SELECT $2$$;$$"});
  CHECK(texts("SELECT a$b$;SELECT 2;") == Texts{"SELECT a$b$", "SELECT 2"});
  CHECK(texts("SELECT \xC3\xA4$$;SELECT 2;") == Texts{"SELECT \xC3\xA4$$", "SELECT 2"});
  CHECK(texts("SELECT $1a;SELECT 2;") == Texts{"SELECT $1a", "SELECT 2"});
  CHECK(texts("SELECT $a;SELECT $b;") == Texts{"SELECT $a", "SELECT $b"});
  check_one("SELECT 1$$;$$");
  check_one("SELECT ($$;$$)");
}

TEST_CASE("comments hide semicolons and quotes, and nest") {
  check_one("SELECT 1 /* ; ' /* ; */ $$ ; */ + 1");
  check_one("SELECT /*/ ; */ 1");
  check_one("SELECT /*/*/ ; */*/ 1");
  check_one("SELECT /* ***/ 2 /**/ + 1");
  check_one("SELECT 4 */* ; */ 2");
  check_one("SELECT 4 +-- ; '\n 2");
  check_one("SELECT 4 - -- ;\r 2");  // a carriage return ends a line comment, as in the server
  CHECK(texts("-- a\rSELECT 1; SELECT 2") == Texts{"SELECT 1", "SELECT 2"});
  CHECK(texts("SELECT '/*';SELECT '*/'") == Texts{"SELECT '/*'", "SELECT '*/'"});
}

TEST_CASE("parentheses hide semicolons") {
  check_one("CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b;)");
  check_one("CREATE RULE r AS ON UPDATE TO t DO INSTEAD (SELECT ')'; NOTIFY x;)");
  // One too many is the server's to refuse.
  CHECK(texts("SELECT 1);SELECT (2)") == Texts{"SELECT 1)", "SELECT (2)"});
}

TEST_CASE("a schema with its elements is one statement") {
  check_one(
      "CREATE SCHEMA s CREATE TABLE a (x int) CREATE VIEW v AS SELECT x FROM a GRANT SELECT ON v "
      "TO u");
}

TEST_CASE("a BEGIN ATOMIC body belongs to its routine") {
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END");
  check_one("create or replace function f() returns int begin atomic select 1; end");
  check_one(
      "CREATE PROCEDURE p(a int) LANGUAGE sql BEGIN /* x */ ATOMIC -- y\n INSERT INTO t VALUES "
      "(1); END");
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END");
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ; ; SELECT 1;; END");
  check_one(
      "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC "
      "SELECT CASE WHEN a > 0 THEN CASE a WHEN 1 THEN 2 END ELSE 3 END; "
      "RETURN (SELECT CASE a WHEN 1 THEN 2 END); END");
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC BEGIN SELECT 1; END; SELECT 2; END");
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT ';END;'; SELECT $$;$$; END");
}

TEST_CASE("in a body, END and CASE may also be names") {
  check_one(
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT t.end, t.case FROM t; SELECT 2; END");
  check_one(
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT 1 AS case; SELECT 2; "
      "END");
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT 2 \"end\"; END");
  check_one("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT \"case\" FROM t; END");
  check_one(
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC "
      "SELECT CASE WHEN (SELECT 1 end) = 1 THEN 2 END end; END");
  check_one(
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin FROM t; SELECT t.begin; END");
}

TEST_CASE("BEGIN ATOMIC means nothing elsewhere") {
  CHECK(texts("BEGIN; SELECT 1; END;") == Texts{"BEGIN", "SELECT 1", "END"});
  CHECK(texts("CREATE TABLE begin (atomic int); SELECT 1;") ==
        Texts{"CREATE TABLE begin (atomic int)", "SELECT 1"});
  CHECK(texts("CREATE VIEW v AS SELECT 1 AS begin, atomic FROM t; SELECT 2") ==
        Texts{"CREATE VIEW v AS SELECT 1 AS begin, atomic FROM t", "SELECT 2"});
  CHECK(texts("CREATE FUNCTION f(begin atomic) RETURNS int RETURN 1; SELECT 2") ==
        Texts{"CREATE FUNCTION f(begin atomic) RETURNS int RETURN 1", "SELECT 2"});
  CHECK(texts("CREATE FUNCTION f() RETURNS s.begin AS $$ BEGIN $$; SELECT 2") ==
        Texts{"CREATE FUNCTION f() RETURNS s.begin AS $$ BEGIN $$", "SELECT 2"});
  CHECK(texts("SELECT begin atomic; SELECT 2") == Texts{"SELECT begin atomic", "SELECT 2"});
}

TEST_CASE("a byte order mark and CR LF are no part of a statement") {
  CHECK(texts("\xEF\xBB\xBFSELECT 1;\r\nSELECT\r\n2;\r\n") == Texts{"SELECT 1", "SELECT\r\n2"});
}

TEST_CASE(
    "a non-breaking space between tokens is a blank for bounds and stays within a statement") {
  CHECK(texts("\xC2\xA0SELECT 1;\xC2\xA0\n\xC2\xA0SELECT (2)\xC2\xA0;") ==
        Texts{"SELECT 1", "SELECT (2)"});
  CHECK(texts("SELECT (1)\xC2\xA0,\xC2\xA0\r\n2;") == Texts{"SELECT (1)\xC2\xA0,\xC2\xA0\r\n2"});
  // Right behind a name it is part of the name, as the server has it.
  CHECK(texts("SELECT a\xC2\xA0;") == Texts{"SELECT a\xC2\xA0"});
}

TEST_CASE("positions count lines and characters") {
  const auto statements =
      split("SELECT '\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80'; SELECT 2;\r\n\n  SELECT 3", "f");
  REQUIRE(statements.size() == 3);
  CHECK(statements[1].position.line == 1);
  CHECK(statements[1].position.column == 15);
  CHECK(statements[2].position.line == 3);
  CHECK(statements[2].position.column == 3);
  const auto marked = split("\xEF\xBB\xBFSELECT 1", "f");
  CHECK(marked.at(0).position.column == 1);
  CHECK(marked.at(0).offset == 3);
}

TEST_CASE("position_at finds any offset") {
  const std::string script = "a\n\xC3\xA4z";
  CHECK(headway::sql::position_at(script, 0).column == 1);
  CHECK(headway::sql::position_at(script, 4).line == 2);
  CHECK(headway::sql::position_at(script, 4).column == 2);
  CHECK(headway::sql::position_at(script, 99).column == 3);
}

TEST_CASE("COPY FROM stdin takes the lines behind it as data") {
  const std::string script =
      "COPY t (a, b) FROM stdin;\n1\tit's; \"x\" $$ /* \\N\n\xC3\xA4\n\\.\nSELECT 'after';\n";
  const auto statements = split(script, "t.sql");
  REQUIRE(statements.size() == 2);
  CHECK(statements[0].text == "COPY t (a, b) FROM stdin");
  REQUIRE(statements[0].copy_data);
  CHECK(*statements[0].copy_data == "1\tit's; \"x\" $$ /* \\N\n\xC3\xA4\n");
  CHECK(statements[1].text == "SELECT 'after'");
  CHECK(statements[1].position.line == 5);
  CHECK_FALSE(statements[1].copy_data);
}

TEST_CASE("COPY is recognised however it is written") {
  for (const std::string copy :
       {"copy t from stdin", "COPY t FROM STDIN WITH (FORMAT csv, DELIMITER ';')",
        "copy s.\"from\" (a) from\n stdin csv header", "COPY /* x */ t -- y\n FROM STDIN",
        "COPY s.from FROM STDIN", "COPY t FROM stdin WHERE a > (1)", "COPY BINARY t FROM stdin",
        "COPY t FROM stdout", "COPY t(\"stdin;\", b) FROM stdin"}) {
    CAPTURE(copy);
    const std::string script = copy + ";\nx\n\\.\n";
    const auto statements = split(script, "t.sql");
    REQUIRE(statements.size() == 1);
    CHECK(statements[0].text == copy);
    CHECK(statements[0].copy_data == "x\n");
  }
}

TEST_CASE("COPY of something else takes no data") {
  for (const std::string copy :
       {"COPY t FROM '/tmp/x'", "COPY t FROM PROGRAM 'cat stdin'", "COPY t TO STDOUT",
        "COPY (SELECT * FROM stdin) TO STDOUT", "COPY t TO stdin", "COPY t FROM 'stdin'",
        "COPY t FROM \"stdin\"", "COPY stdin TO '/tmp/from stdin'", "SELECT copy FROM stdin"}) {
    CAPTURE(copy);
    const std::string script = copy + ";\nSELECT 1;";
    const auto statements = split(script, "t.sql");
    REQUIRE(statements.size() == 2);
    CHECK_FALSE(statements[0].copy_data);
  }
}

TEST_CASE("only a line that is exactly backslash and dot ends the data") {
  const auto data = [](const std::string& lines) {
    const std::string script = "COPY t FROM stdin;" + lines;
    return std::string(split(script, "t.sql").at(0).copy_data.value());
  };
  CHECK(data("\n\\.\n") == "");
  CHECK(data("\n\\.") == "");
  CHECK(data("\r\n1\r\n\\.\r\nSELECT 1") == "1\r\n");
  CHECK(data("\n \\.\n\\.x\n\\\\.\n\\.\n") == " \\.\n\\.x\n\\\\.\n");
  CHECK(data(" -- comment\n1\n\\.\n") == "1\n");
}

TEST_CASE("what else stands on the line of COPY comes after its data") {
  const auto statements = split(
      "COPY a FROM stdin; SELECT 1; COPY b FROM stdin; -- c\n1\n\\.\n2\n\\.\nSELECT 2;", "t.sql");
  REQUIRE(statements.size() == 4);
  CHECK(statements[0].copy_data == "1\n");
  CHECK(statements[1].text == "SELECT 1");
  CHECK(statements[2].copy_data == "2\n");
  CHECK(statements[3].text == "SELECT 2");
  CHECK(statements[3].position.line == 6);
  check_refused("COPY a FROM stdin; SELECT\n1\n\\.\n2;", ErrorId::UnterminatedCopy, 1, 20);
}

TEST_CASE("COPY without the end of its data is refused at the COPY") {
  check_refused("SELECT 1;\n  COPY t FROM stdin;\n1\n2\n", ErrorId::UnterminatedCopy, 2, 3);
  check_refused("COPY t FROM stdin;", ErrorId::UnterminatedCopy, 1, 1);
  check_refused("COPY t FROM stdin", ErrorId::UnterminatedCopy, 1, 1);
}

TEST_CASE("psql commands are refused wherever a token may begin") {
  check_refused("\\set x 1\n", ErrorId::MetaCommand, 1, 1);
  check_refused("SELECT 1;\n \\i other.sql", ErrorId::MetaCommand, 2, 2);
  check_refused("SELECT 1 \\gexec", ErrorId::MetaCommand, 1, 10);
  check_refused("SELECT ('\xC3\xA4') \\;", ErrorId::MetaCommand, 1, 14);
  check_refused("SELECT 1;\n\\.\n", ErrorId::MetaCommand, 2, 1);
  const std::string what = error_of("\\restrict abc\n").what();
  CHECK(what == "t.sql:1:1: \\restrict is a psql command, which the server does not know");
  CHECK(std::string(error_of("\\connect host=x password=y").what()).find("password") ==
        std::string::npos);
  CHECK(texts("SELECT '\\d', \"\\d\", $$\\d$$; -- \\d\n/* \\d */").size() == 1);
}

TEST_CASE("an open quote is refused where it begins") {
  check_refused("SELECT 1;\nSELECT 'abc;\nSELECT 2;", ErrorId::UnterminatedQuote, 2, 8);
  check_refused("SELECT \xC3\xA4, 'it''s", ErrorId::UnterminatedQuote, 1, 11);
  check_refused("SELECT E'a\\'", ErrorId::UnterminatedQuote, 1, 8);
  check_refused("SELECT E'a\\", ErrorId::UnterminatedQuote, 1, 8);
  check_refused("SELECT \"a\"\" FROM t", ErrorId::UnterminatedQuote, 1, 8);
  check_refused("DO $x$ BEGIN $$; END $X$;", ErrorId::UnterminatedQuote, 1, 4);
  check_refused("SELECT 'a'\n'b", ErrorId::UnterminatedQuote, 1, 8);
  CHECK(std::string(error_of("DO $x$ a").what()).find("dollar quote $x$") != std::string::npos);
  CHECK(std::string(error_of("SELECT U&\"a").what()).find("quoted name") != std::string::npos);
}

TEST_CASE("an open comment, parenthesis or body is refused where it begins") {
  check_refused("SELECT 1;\n /* a /* b */", ErrorId::UnterminatedComment, 2, 2);
  check_refused("SELECT 1 /*/", ErrorId::UnterminatedComment, 1, 10);
  check_refused("SELECT 1;\nCREATE TABLE t (a numeric(10);\nSELECT 2;",
                ErrorId::UnbalancedParenthesis, 2, 16);
  check_refused("CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC SELECT 1; SELECT 2;",
                ErrorId::UnterminatedBody, 2, 1);
  // The server wants a semicolon behind the last statement of a body.
  check_refused("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 END;",
                ErrorId::UnterminatedBody, 1, 33);
}

TEST_CASE("a NUL byte and what is not UTF-8 are refused with their place, in data too") {
  using namespace std::string_literals;
  check_refused("SELECT 1;\nSEL\0ECT"s, ErrorId::NulByte, 2, 4);
  check_refused("SELECT '\xC3\xA4\xE4'", ErrorId::NotUtf8, 1, 10);
  check_refused("COPY t FROM stdin;\n\xFF\n\\.\n", ErrorId::NotUtf8, 2, 1);
  check_refused("-- 12345678901234567890 \xC3", ErrorId::NotUtf8, 1, 25);
}

TEST_CASE("UTF-8 is what PostgreSQL takes for it") {
  using headway::sql::find_bad_byte;
  for (const std::string good :
       {"", "abcdefghij", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(find_bad_byte(good) == std::string_view::npos);
  }
  for (const std::string bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3z", "\xE0\x9F\xBF",
                                "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x98", "\xFF"}) {
    CHECK(find_bad_byte(bad) == 0);
    CHECK(find_bad_byte(std::string("0123456789") + bad) == 10);
  }
}

TEST_CASE("a long script costs one walk, on many lines or on one") {
  for (const std::string separator : {";\n", "; "}) {
    std::string script;
    for (int i = 0; i < 20000; ++i) script += "SELECT 'x'" + separator;
    const auto statements = split(script, "t.sql");
    REQUIRE(statements.size() == 20000);
    const auto& last = statements.back().position;
    CHECK(last.line == (separator == ";\n" ? 20000 : 1));
    CHECK(last.column == (separator == ";\n" ? 1 : 19999 * 12 + 1));
  }
}

TEST_CASE("behind a change of standard_conforming_strings a backslash before a quote is refused") {
  for (const char* off :
       {"SET standard_conforming_strings = off", "set Standard_Conforming_Strings to 'off'",
        "SET LOCAL \"standard_conforming_strings\" TO false",
        "SET SESSION standard_conforming_strings TO DEFAULT", "RESET standard_conforming_strings",
        "SELECT set_config('standard_conforming_strings', 'off', false)",
        "SELECT 1, pg_catalog.\"set_config\" ( 'STANDARD_CONFORMING_STRINGS' , $1, true)",
        "DO $$ BEGIN SET standard_conforming_strings = off; END $$",
        "DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); END $$"}) {
    const std::string before = std::string("SELECT '\\';\n ") + off + "; SELECT ";
    const std::size_t column = before.size() - before.find('\n');
    check_refused(before + "'a\\';", ErrorId::NonstandardStrings, 2, column);
    check_refused(before + "'it\\'s';", ErrorId::NonstandardStrings, 2, column);
    CHECK(split(before + "'C:\\\\dir\\\\', 'a''b\\n', E'it\\'s'", "t.sql").size() == 3);
  }
  for (const char* harmless :
       {"SET standard_conforming_strings = on", "SET standard_conforming_strings TO 'on'",
        "SELECT pg_catalog.set_config('standard_conforming_strings', 'on', false)",
        "SHOW standard_conforming_strings", "UPDATE t SET standard_conforming_strings = off",
        "ALTER ROLE r SET standard_conforming_strings = off",
        "SELECT current_setting('standard_conforming_strings'), 'off'",
        "SELECT '; SET standard_conforming_strings = off'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET standard_conforming_strings = off AS ''",
        "CREATE PROCEDURE f() LANGUAGE plpgsql AS $$SET standard_conforming_strings = off$$"}) {
    CHECK(texts(harmless) == Texts{harmless});
  }
}
