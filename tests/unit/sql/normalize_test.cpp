#include "sql/normalize.hpp"

#include <doctest/doctest.h>

#include <string>

using headway::sql::normalize;
using headway::sql::quote_identifier;
using headway::sql::quote_literal;
using headway::sql::redact;

TEST_CASE("constants of every kind become numbered parameters") {
  CHECK(normalize("INSERT INTO t VALUES (1, -2.5e10, 'a''b', E'c\\'d', $$x$$, $t$y$t$)") ==
        "INSERT INTO t VALUES ($1, -$2, $3, $4, $5, $6)");
  CHECK(normalize("SELECT U&'a' , B'01', x'1f', N'z', .5, 0x1F, 1_000") ==
        "SELECT $1 , $2, $3, $4, $5, $6, $7");
  CHECK(normalize("SELECT 'a'\n  'b'::text") == "SELECT $1::text");
  CHECK(normalize("DO $$ secret $$ LANGUAGE plpgsql") == "DO $1 LANGUAGE plpgsql");
}

TEST_CASE("comments go and blanks shrink") {
  CHECK(normalize("  SELECT\r\n\t a /* hunter2 */ , b -- hunter2\n FROM \"t  u\"  ") ==
        "SELECT a , b FROM \"t  u\"");
  CHECK(normalize("-- only a comment").empty());
}

TEST_CASE("a long text is cut at a character and ends with an ellipsis") {
  CHECK(normalize("SELECT a", 8) == "SELECT a");
  CHECK(normalize("SELECT a", 7) == "SELECT…");
  CHECK(normalize("\"\xC3\xA4\xC3\xB6\xC3\xBC\"", 3) == "\"\xC3\xA4…");
  CHECK(normalize("SELECT a", 1) == "…");
  CHECK(normalize("SELECT a", 0).empty());
  CHECK(normalize("SELECT " + std::string(1000, 'a')).size() == 199 + std::string("…").size());
}

TEST_CASE("an open quote is left out") {
  CHECK(normalize("SELECT 1, 'hunter2") == "SELECT $1,");
  CHECK(normalize("SELECT \"hunter2") == "SELECT");
  CHECK(normalize("SELECT $$hunter2") == "SELECT");
  CHECK(normalize("SELECT 1 /* hunter2") == "SELECT $1");
}

TEST_CASE("a password without quotes is a constant too") {
  CHECK(normalize("ALTER ROLE bob PASSWORD hunter2 LOGIN") == "ALTER ROLE bob PASSWORD $1 LOGIN");
  CHECK(normalize("CREATE USER bob PASSWORD \"hunter2\"") == "CREATE USER bob PASSWORD $1");
  CHECK(normalize("ALTER ROLE bob PASSWORD NULL LOGIN") == "ALTER ROLE bob PASSWORD NULL LOGIN");
  CHECK(normalize("CREATE TABLE t (password text)") == "CREATE TABLE t (password text)");
  CHECK(normalize("SET app.secret = hunter2") == "SET app.secret = $1");
  CHECK(normalize("SET SESSION \"app.secret\" TO hunter2, DEFAULT") ==
        "SET SESSION \"app.secret\" TO $1, DEFAULT");
  CHECK(normalize("ALTER DATABASE d SET app.secret TO hunter2") ==
        "ALTER DATABASE d SET app.secret TO $1");
  CHECK(normalize("SET search_path TO app, public") == "SET search_path TO app, public");
  CHECK(normalize("UPDATE t SET a.b = c") == "UPDATE t SET a.b = c");
}

TEST_CASE("control characters in a name do not reach the terminal") {
  CHECK(normalize("SELECT \"a\x1B[31m\nb\"") == "SELECT \"a [31m b\"");
}

TEST_CASE("a server's message loses what the statement holds as a constant") {
  CHECK(redact("invalid input syntax for type integer: \"hunter2\"",
               "INSERT INTO t VALUES ('hunter2')") ==
        "invalid input syntax for type integer: \"***\"");
  CHECK(redact("value 123456 is out of range", "SELECT 123456::int2") ==
        "value *** is out of range");
  CHECK(redact("bad: it's a secret", "SELECT 'it''s a secret'") == "bad: ***");
  CHECK(redact("bad: a\tb/c\xC3\xA4", "SELECT E'a\\tb\\x2Fc\\u00e4'") == "bad: ***");
  CHECK(redact("bad: d\xC3\xA4tum!", "SELECT U&'d\\00E4tum!'") == "bad: ***");
  CHECK(redact("at or near \"hunter2\"", "ALTER ROLE bob PASSWORD hunter2") ==
        "at or near \"***\"");
  CHECK(redact("unterminated at \"'hunter2;\"", "SELECT 'hunter2;") == "unterminated at \"'***\"");
  CHECK(redact("one-two", "SELECT 'one-'\n'two'") == "***");
}

TEST_CASE("constants in the code of a constant are hidden too") {
  CHECK(redact("cannot use hunter22",
               "DO $$ BEGIN EXECUTE 'ALTER ROLE x PASSWORD ''hunter22'''; END $$") ==
        "cannot use ***");
  CHECK(redact("cannot use hunter22", "DO 'BEGIN RAISE ''%'', ''hunter22''; END'") ==
        "cannot use ***");
}

TEST_CASE("short constants are hidden only where the server quotes them") {
  CHECK(redact("value \"a\" of a table", "SELECT 'a'") == "value \"***\" of a table");
  CHECK(redact("10 columns but \"10\"", "SELECT 10") == "10 columns but \"***\"");
}

TEST_CASE("constants of a few letters are hidden as whole words only") {
  CHECK(redact("relation \"users\" of user", "SELECT 'user'") == "relation \"users\" of ***");
  CHECK(redact("relation \"users\"", "SELECT 'users'") == "relation \"***\"");
  CHECK(redact("xlongsecretx", "SELECT 'longsecret'") == "x***x");
}

TEST_CASE("a message without constants stays as it is") {
  CHECK(redact("relation \"t\" does not exist", "SELECT * FROM t WHERE a = 1 AND b = ''") ==
        "relation \"t\" does not exist");
  CHECK(redact("", "SELECT 'x'").empty());
}

TEST_CASE("names are quoted where they must be") {
  CHECK(quote_identifier("users") == "users");
  CHECK(quote_identifier("_a1") == "_a1");
  CHECK(quote_identifier("name") == "name");
  CHECK(quote_identifier("user") == "\"user\"");
  CHECK(quote_identifier("Users") == "\"Users\"");
  CHECK(quote_identifier("1a") == "\"1a\"");
  CHECK(quote_identifier("a b") == "\"a b\"");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier("\xC3\xA4") == "\"\xC3\xA4\"");
  CHECK(quote_identifier("").size() == 2);
}

TEST_CASE("literals double their quotes, and say so where they hold a backslash") {
  CHECK(quote_literal("a") == "'a'");
  CHECK(quote_literal("it's") == "'it''s'");
  CHECK(quote_literal("a\\'b") == "E'a\\\\''b'");
  CHECK(quote_literal("") == "''");
}
