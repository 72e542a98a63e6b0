#include "unit/sql/tricky_scripts.hpp"

#include <array>

namespace headway::test {
namespace {

constexpr auto kScripts = std::to_array<std::string_view>({
    // Semicolons, blanks and nothing at all.
    "",
    ";",
    ";;;",
    " \t\r\n\f; ; ",
    "-- only a comment",
    "/* only */ /* comments */;",
    "SELECT 1",
    "SELECT 1;",
    ";;SELECT 1;;",
    "SELECT 1;SELECT 2",
    "SELECT 1;;;SELECT 2;;",
    "SELECT 1 ; SELECT 2 ; ",
    "SELECT 1;\r\nSELECT 2;\r\n",
    "SELECT\r1;\rSELECT 2",
    "SELECT;SELECT",
    "\n\n\nSELECT 1\n\n\n;\n\n\nSELECT 2\n\n\n",
    "SELECT 1; -- one\nSELECT 2; -- two\n",
    "SELECT 1 -- one ;\n; SELECT 2 -- two ;",
    "/* a */ SELECT /* b */ 1 /* c */ ; /* d */ SELECT 2 /* e */",

    // Plain strings.
    "SELECT ';'; SELECT 2",
    "SELECT ''; SELECT ';'",
    "SELECT ''''; SELECT ''';'",
    "SELECT 'a'';''b'; SELECT 2",
    "SELECT '\\'; SELECT '\\\\'",
    "SELECT '--'; SELECT '/*'; SELECT '*/'",
    "SELECT '$$'; SELECT '$$;'",
    "SELECT 'BEGIN ATOMIC'; SELECT 'END'",
    "SELECT 'a;\nb;\r\nc'; SELECT 2",
    "SELECT '\"'; SELECT '\";\"'",
    "SELECT '('; SELECT ')'",
    "SELECT 'a'\n';b'; SELECT 2",
    "SELECT 'a' \t\n\n  ';b'\r\n ';c'; SELECT 2",
    "SELECT 'a' /* x */ AS b; SELECT 2",
    "SELECT 'a' -- ;\n AS b; SELECT 2",
    "SELECT '\xC3\xA4;\xE2\x82\xAC'; SELECT 2",
    "SELECT'a';SELECT'b;'",

    // Strings with a letter before them.
    "SELECT E'\\';'; SELECT 2",
    "SELECT e'\\\\'; SELECT ';'",
    "SELECT E'\\\\\\';'; SELECT 2",
    "SELECT E''';'; SELECT 2",
    "SELECT E''; SELECT E''''",
    "SELECT E'a'\n'\\';b'; SELECT 2",
    "SELECT E'a'\r\n\n\t'\\';b'\n''; SELECT 2",
    "SELECT E'\\x41;\\101;\\u0041'; SELECT 2",
    "SELECT E'\\n;\\t;'; SELECT 2",
    "SELECT E'$$' , '$$;'; SELECT 2",
    "SELECT U&'d\\0061;'; SELECT 2",
    "SELECT U&'\\\\;'; SELECT u&'x'';'",
    "SELECT U&'d!0061;' UESCAPE '!'; SELECT 2",
    "SELECT U&'a'\n'\\0061;'; SELECT 2",
    "SELECT B'01'; SELECT b'1'\n'0'; SELECT X'1f'; SELECT x''",
    "SELECT N'a;'; SELECT n'b\\'; SELECT 3",
    "SELECT e FROM t; SELECT e ';' FROM t",
    "SELECT date ';'; SELECT 2",
    "SELECT n.e, x.u, t.b FROM n, x, t; SELECT 2",
    "SELECT ue'\\' FROM t; SELECT 2",
    "SELECT typee'\\', ';'; SELECT 2",
    "SELECT u & 'a', u&1 FROM t; SELECT 2",

    // Quoted names.
    "SELECT 1 AS \";\"; SELECT 2",
    "SELECT 1 AS \"a\"\";\"; SELECT 2",
    "SELECT 1 AS \"'\", 2 AS \"';\"; SELECT 3",
    "SELECT 1 AS \"--\"; SELECT 2 AS \"/*\"; SELECT 3",
    "SELECT 1 AS \"$$\", 2 AS \"$$;\"; SELECT 3",
    "SELECT 1 AS \"a\nb;\"; SELECT 2",
    "SELECT 1 AS U&\"d\\0061;\"; SELECT 2",
    "SELECT 1 AS U&\"a!0061;\" UESCAPE '!'; SELECT 2",
    "SELECT \"a;\".\"b;\" FROM \"a;\"; SELECT 2",
    "SELECT 1 AS \"\\\"; SELECT 2 AS \"\\;\"",
    "SELECT 1\"a;\",2\"b\"; SELECT 3",
    "CREATE TABLE \"begin\" (\"end\" int, \"case\" int); SELECT 2",

    // Dollar quotes.
    "SELECT $$;$$; SELECT 2",
    "SELECT $$$$; SELECT $$ $$",
    "SELECT $a$;$$;$a$; SELECT 2",
    "SELECT $a$ $b$; $a$; SELECT 2",
    "SELECT $A$ $a$; $A$; SELECT 2",
    "SELECT $a$ $a ; a$ $aa$ $a$; SELECT 2",
    "SELECT $_$;$_$, $a1$;$a1$, $_1_$;$_1_$; SELECT 2",
    "SELECT $\xC3\xA4$;$\xC3\xA4$; SELECT 2",
    "SELECT $$'$$; SELECT $$\"$$; SELECT $$--$$; SELECT $$/*$$",
    "SELECT $$\\$$; SELECT 2",
    "SELECT $a$$a$; SELECT $a$$$a$; SELECT $a$$$$a$",
    "SELECT $$a$b;$$; SELECT 2",
    "SELECT ($$;$$),$$;$$; SELECT 2",
    "SELECT 1=$$;$$; SELECT 2",
    "SELECT $1; SELECT $2",
    "SELECT $1+$2; SELECT ';'",
    "SELECT a$ FROM t; SELECT a$b$c FROM t; SELECT 3",
    "SELECT a$$ FROM t; SELECT b$$ FROM t",
    "SELECT \xC3\xA4$$ FROM t; SELECT \xC3\xA4$$ FROM t",
    "SELECT _$a$ FROM t; SELECT _$a$ FROM t",
    "DO $$ BEGIN NULL; END $$; SELECT 2",
    "DO $do$ BEGIN EXECUTE $x$ SELECT ';' $x$; END; $do$; SELECT 2",
    "DO LANGUAGE plpgsql $$ BEGIN; $$; SELECT 2",
    "DO ' BEGIN; ''; '' END '; SELECT 2",
    "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; SELECT 2; $$ LANGUAGE sql; SELECT 2",
    "CREATE FUNCTION f() RETURNS int AS $_$ SELECT $1; $_$ LANGUAGE sql; SELECT 2",
    "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'a;', 'b;'; SELECT 2",
    "CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $f$ BEGIN IF a THEN; END IF; END $f$ "
    "LANGUAGE plpgsql; CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",

    // Comments.
    "SELECT 1 /* ; */; SELECT 2",
    "SELECT 1 /* /* ; */ ; */; SELECT 2",
    "SELECT 1 /* ' */; SELECT 2 /* \" */; SELECT 3 /* $$ */; SELECT 4",
    "SELECT 1 /**/; SELECT /***/ 2; SELECT /* **/ 3; SELECT /*/ */ 4",
    "SELECT /*/**/*/ 1; SELECT /*/*/ */ ; */ 2",
    "SELECT /* -- */ 1; SELECT 2 -- /*\n; SELECT 3 -- */\n",
    "SELECT /*\n;\n*/ 1; SELECT 2",
    "SELECT 1 --;\n; SELECT 2 --\n",
    "SELECT 1 --;\r; SELECT 2",
    "--;\nSELECT 1;--;\n--;\nSELECT 2",
    "SELECT 4*/* ; */2; SELECT 2",
    "SELECT 4-/* ; */-2; SELECT 2",
    "SELECT 4+--;\n2; SELECT 2",
    "SELECT 4/2; SELECT 4/*;*//2; SELECT 3",
    "SELECT 1 - -1; SELECT 1-(-1); SELECT - - 1",
    "SELECT a<-b, a@-@b, a->>'x', a#>>'{;}', a?|b FROM t; SELECT 2",
    "SELECT a*-b FROM t; SELECT a/-b FROM t; SELECT 3",
    "SELECT 1 /* \xC3\xA4 ; \xE2\x82\xAC */; SELECT 2",

    // Numbers, parameters, operators, arrays.
    "SELECT 1.5, .5, 5., 1e5, 1.5e-5, 1E+5; SELECT 2",
    "SELECT a[1], a[1:2], a[:2], a[1:], (a[1]).b FROM t; SELECT 2",
    "SELECT ARRAY[1,2], ARRAY[[1],[2]], '{;}'::int[]; SELECT 2",
    "SELECT a::text, CAST(a AS text), a::varchar(10) FROM t; SELECT 2",
    "SELECT a OPERATOR(pg_catalog.+) b FROM t; SELECT 2",
    "SELECT * FROM f(a => 1, b := ';'); SELECT 2",
    "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = f, COMMUTATOR = ===); SELECT 2",
    "SELECT a !~~* b, a ~ ';' , a !~ ';' FROM t; SELECT 2",
    "SELECT a # b, a & b, a | b, ~ a, |/ a, @ a, a ^ b, a % b FROM t; SELECT 2",
    "SELECT a`b FROM t; SELECT a ?& b FROM t",

    // Parentheses.
    "SELECT (((1))); SELECT (2)",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b); SELECT 2",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b;); SELECT 2",
    "CREATE RULE r AS ON UPDATE TO t DO INSTEAD (SELECT ')'; NOTIFY x;;); SELECT 2",
    "CREATE RULE r AS ON DELETE TO t WHERE (a > 1) DO INSTEAD NOTHING; SELECT 2",
    "CREATE RULE r AS ON SELECT TO t DO INSTEAD SELECT * FROM u; SELECT 2",
    "CREATE OR REPLACE RULE r AS ON INSERT TO t DO ALSO (SELECT $$;)$$; SELECT ')' /* ) */); "
    "SELECT 2",
    "SELECT '(' || ')' FROM (SELECT ')') AS a; SELECT 2",
    "SELECT f(a, b, (SELECT 1), ARRAY(SELECT 2)); SELECT 2",

    // BEGIN ATOMIC.
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3;",
    "create or replace function f() returns int begin atomic select 1; end; select 2",
    "CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); DELETE FROM t; END; SELECT 2",
    "CREATE OR REPLACE PROCEDURE p(a int) LANGUAGE sql BEGIN ATOMIC UPDATE t SET a = 1; END",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ;;SELECT 1;; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC RETURN 1; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN/**/ATOMIC/**/SELECT 1;/**/END/**/; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN -- ;\n ATOMIC SELECT 1; -- END;\n END; SELECT 2",
    "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC "
    "SELECT CASE WHEN a > 0 THEN 1 ELSE 2 END; END; SELECT 2",
    "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC "
    "SELECT CASE a WHEN 1 THEN CASE WHEN true THEN 2 END ELSE 3 END; SELECT 4; END; SELECT 2",
    "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT t.end, t.case, t.begin FROM t; END; "
    "SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end, 2 AS case; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT 2 case; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END end; END; "
    "SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC "
    "SELECT CASE WHEN (SELECT 1 end) = 1 THEN 2 END; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT \"end\", \"case\" FROM t; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin, atomic FROM t; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 'END;', $$END;$$, E'\\'END;'; END; SELECT "
    "2",
    "CREATE FUNCTION f(begin int, atomic int) RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION f(a begin, b atomic DEFAULT 1) RETURNS int RETURN 1; SELECT 2",
    "CREATE FUNCTION f(a int DEFAULT (CASE WHEN true THEN 1 END)) RETURNS int "
    "BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION begin() RETURNS s.begin BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS TABLE (begin atomic) BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS begin RETURN CASE WHEN true THEN 1 END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int SET x TO begin BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION f() RETURNS int SET x = 'a' STABLE BEGIN ATOMIC SELECT 1; END; SELECT 2",
    "CREATE FUNCTION or_replace() RETURNS int RETURN 1; BEGIN; SELECT 2; END;",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC WITH a AS (SELECT 1) SELECT * FROM a; END; "
    "SELECT 2",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC INSERT INTO t VALUES (1) RETURNING a; END; "
    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; END",
    "CREATE FUNCTION f() RETURNS int RETURN 1; CREATE FUNCTION g() RETURNS int RETURN (SELECT 1)",

    // Transactions and words that look like a body.
    "BEGIN; SELECT 1; END;",
    "BEGIN; SELECT 1; COMMIT; BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY; ROLLBACK",
    "START TRANSACTION; SAVEPOINT a; ROLLBACK TO a; RELEASE a; COMMIT AND CHAIN; ABORT",
    "PREPARE TRANSACTION 'a;'; COMMIT PREPARED 'a;'; ROLLBACK PREPARED 'b'",
    "SET TRANSACTION READ ONLY; SET LOCAL a = 1; SET SESSION CHARACTERISTICS AS TRANSACTION READ "
    "ONLY",
    "CREATE TABLE begin (atomic int); SELECT 1 FROM begin; SELECT begin atomic FROM begin",
    "SELECT CASE WHEN true THEN 1 END; SELECT CASE a WHEN 1 THEN 2 END end FROM t; SELECT 3",
    "SELECT 1 end; SELECT 1 AS end; SELECT t.end FROM t",

    // Statements of many kinds.
    "CREATE SCHEMA s CREATE TABLE a (x int) CREATE VIEW v AS SELECT x FROM a GRANT SELECT ON v TO "
    "u; "
    "SELECT 2",
    "CREATE SCHEMA AUTHORIZATION u CREATE TABLE a (x int) CREATE INDEX i ON a (x); SELECT 2",
    "COPY t TO STDOUT; COPY (SELECT ';') TO STDOUT WITH (FORMAT csv, DELIMITER ';'); SELECT 3",
    "COPY t FROM '/tmp/a;b'; COPY t FROM PROGRAM 'cat; ls'; SELECT 3",
    "CREATE TABLE t (a int DEFAULT 1, b text CHECK (b <> ';'), PRIMARY KEY (a)); SELECT 2",
    "CREATE TABLE t PARTITION OF p FOR VALUES FROM (';') TO (MAXVALUE); SELECT 2",
    "ALTER TABLE t ADD COLUMN a int, ALTER b TYPE text USING b || ';'; SELECT 2",
    "COMMENT ON TABLE t IS 'a;b'; COMMENT ON COLUMN t.a IS NULL; SELECT 3",
    "CREATE TYPE e AS ENUM ('a;', 'b'''); ALTER TYPE e ADD VALUE ';' BEFORE 'a;'; SELECT 3",
    "CREATE VIEW v AS SELECT 1 UNION ALL (SELECT 2); CREATE MATERIALIZED VIEW m AS SELECT 1",
    "INSERT INTO t VALUES (1, ';'), (2, ''';') ON CONFLICT (a) DO UPDATE SET b = ';'; SELECT 2",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = ';' WHEN NOT MATCHED THEN "
    "DO NOTHING; SELECT 2",
    "WITH RECURSIVE a(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM a) SELECT * FROM a; SELECT 2",
    "GRANT ALL ON ALL TABLES IN SCHEMA s TO u; REVOKE ALL ON t FROM PUBLIC; SELECT 3",
    "CREATE POLICY p ON t USING (a = current_user) WITH CHECK (a <> ';'); SELECT 2",
    "CREATE TRIGGER g AFTER UPDATE OF a ON t FOR EACH ROW WHEN (old.a IS DISTINCT FROM new.a) "
    "EXECUTE FUNCTION f(';'); SELECT 2",
    "CREATE EVENT TRIGGER g ON ddl_command_start WHEN TAG IN (';') EXECUTE FUNCTION f(); SELECT 2",
    "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public; SELECT 2",
    "CREATE AGGREGATE a(int) (SFUNC = f, STYPE = int, INITCOND = ';'); SELECT 2",
    "SET search_path = a, \"b;\", 'c;'; SET x.y TO ';'; RESET ALL; SHOW x",
    "PREPARE p (int) AS SELECT $1; EXECUTE p(1); DEALLOCATE p",
    "DECLARE c CURSOR FOR SELECT ';'; FETCH ALL FROM c; CLOSE c",
    "LISTEN a; NOTIFY a, ';'; UNLISTEN *",
    "EXPLAIN (ANALYZE, FORMAT json) SELECT ';'; SELECT 2",
    "VACUUM (FULL) t; ANALYZE t (a, b); REINDEX (VERBOSE) TABLE t; CLUSTER",
    "CREATE INDEX CONCURRENTLY i ON t USING gin (a gin_trgm_ops) WHERE b = ';'; SELECT 2",
    "CALL p(';', $$;$$); SELECT 2",
    "LOCK TABLE t IN ACCESS EXCLUSIVE MODE NOWAIT; TRUNCATE t RESTART IDENTITY CASCADE",
    "SELECT a FROM t WHERE b LIKE '%;' ESCAPE '\\' AND c SIMILAR TO ';' ESCAPE '!'; SELECT 2",
    "SELECT INTERVAL '1;' DAY, TIMESTAMP WITH TIME ZONE ';', EXTRACT(year FROM a) FROM t; SELECT 2",
    "SELECT XMLELEMENT(NAME a, XMLATTRIBUTES(';' AS b), ';'); SELECT 2",
    "SELECT a FROM t ORDER BY b USING <; SELECT a FROM t ORDER BY b USING OPERATOR(s.<); SELECT 3",
    "CREATE STATISTICS s (ndistinct) ON a, b FROM t; ALTER STATISTICS s SET STATISTICS 5",
    "CREATE CAST (a AS b) WITH FUNCTION f(a) AS IMPLICIT; DROP CAST (a AS b)",
    "SECURITY LABEL ON TABLE t IS ';'; ALTER SYSTEM SET a = ';'; SELECT 3",
    "CREATE PUBLICATION p FOR TABLE t WHERE (a <> ';'); CREATE SUBSCRIPTION s CONNECTION 'a;' "
    "PUBLICATION p WITH (enabled = false)",
    "CREATE USER MAPPING FOR u SERVER s OPTIONS (user ';', password '''');SELECT 2",
});

}  // namespace

std::span<const std::string_view> tricky_scripts() { return kScripts; }

}  // namespace headway::test
