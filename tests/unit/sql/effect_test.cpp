#include "sql/effect.hpp"

#include <doctest/doctest.h>

using headway::sql::Effect;
using headway::sql::effect_of;
using Kind = Effect::Kind;

TEST_CASE("an index that is built concurrently is known by its name, table and definition") {
  const Effect effect = effect_of(
      "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"Odd\"\"Name\" ON s . \"T\" USING btree (a, "
      "lower(b)) WHERE c > 1");
  CHECK(effect.kind == Kind::CreateIndex);
  CHECK(effect.name == "\"Odd\"\"Name\"");
  CHECK(effect.table == "s . \"T\"");
  CHECK(effect.definition_head == "CREATE UNIQUE INDEX ON ");
  CHECK(effect.definition_tail == " USING btree (a, lower(b)) WHERE c > 1");
  CHECK(effect_of("create index concurrently i on t(a)").definition_tail == "(a)");
}

TEST_CASE("an index whose name or place the words do not tell is not looked for") {
  for (const char* statement :
       {"CREATE INDEX CONCURRENTLY ON t (a)", "CREATE INDEX i ON t (a)",
        "CREATE INDEX CONCURRENTLY i ON ONLY t (a)", "CREATE INDEX CONCURRENTLY U&\"i\" ON t (a)",
        "CREATE INDEX CONCURRENTLY i", "CREATE TABLE t ()", "CREATE"}) {
    CAPTURE(statement);
    CHECK(effect_of(statement).kind == Kind::Unknown);
  }
}

TEST_CASE("what goes, is built anew or is detached is known by its name") {
  const auto is = [](const char* statement, Kind kind, const char* name, const char* table = "") {
    CAPTURE(statement);
    const Effect effect = effect_of(statement);
    CHECK(effect.kind == kind);
    CHECK(effect.name == name);
    CHECK(effect.table == table);
  };
  is("DROP INDEX CONCURRENTLY IF EXISTS s.i CASCADE", Kind::DropIndex, "s.i");
  is("drop index concurrently i", Kind::DropIndex, "i");
  is("DROP INDEX i", Kind::Unknown, "");
  is("REINDEX INDEX CONCURRENTLY i", Kind::ReindexIndex, "i");
  is("REINDEX (VERBOSE, CONCURRENTLY) TABLE s.t", Kind::ReindexTable, "s.t");
  is("REINDEX SCHEMA public", Kind::Again, "");
  is("ALTER TABLE p DETACH PARTITION c CONCURRENTLY", Kind::Detach, "c", "p");
  is("ALTER TABLE IF EXISTS s.p DETACH PARTITION s.c FINALIZE", Kind::Detach, "s.c", "s.p");
  is("ALTER TABLE p DETACH PARTITION c", Kind::Unknown, "");
  is("CREATE DATABASE \"D\" OWNER x", Kind::CreateDatabase, "\"D\"");
  is("DROP DATABASE IF EXISTS d WITH (FORCE)", Kind::DropDatabase, "d");
}

TEST_CASE("what changes nothing but how things are stored may be run again") {
  for (const char* statement :
       {"VACUUM t", "vacuum (full) t", "CLUSTER", "ALTER SYSTEM SET a = 1", "CHECKPOINT"}) {
    CAPTURE(statement);
    CHECK(effect_of(statement).kind == Kind::Again);
  }
  CHECK(effect_of("CALL p()").kind == Kind::Unknown);
  CHECK(effect_of("").kind == Kind::Unknown);
}
