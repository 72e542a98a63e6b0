#include "unit/sql/script_generator.hpp"

#include <algorithm>

namespace headway::test {
namespace {

// Inside quotes and comments: what a splitter must not believe.
constexpr std::string_view kTraps[] = {";",
                                       "; SELECT 1;",
                                       "BEGIN ATOMIC",
                                       "END;",
                                       "--",
                                       "-- ;\n",
                                       "(",
                                       ")",
                                       "CASE",
                                       "$",
                                       "$$$",
                                       "\xC3\xA4;",
                                       "\r\n;",
                                       "COPY t FROM stdin;\n",
                                       "CREATE FUNCTION",
                                       "a",
                                       "\xE2\x82\xAC",
                                       "\xC2\xA0"};

std::string without(std::string_view text, std::string_view unwanted) {
  std::string kept;
  for (const char c : text) {
    if (unwanted.find(c) == std::string_view::npos) kept += c;
  }
  return kept;
}

}  // namespace

void ScriptGenerator::gap() {
  switch (below(14)) {
    case 0: out_ += '\n'; break;
    case 1: out_ += "\r\n\t"; break;
    case 2:
      out_ += " /* ";
      out_ += without(pick(kTraps), "/*");
      out_ += " ' \" */ ";
      break;
    case 3:
      out_ += "/* /* ";
      out_ += without(pick(kTraps), "/*");
      out_ += " */ ; */";
      break;
    case 4:
      out_ += " -- ";
      out_ += without(pick(kTraps), "\r\n");
      out_ += " '\n";
      break;
    case 5: out_ += "--;\r"; break;
    case 6: out_ += "/**/"; break;
    default: out_ += ' '; break;
  }
}

void ScriptGenerator::separator() {
  if (one_in(8)) gap();
  out_ += ';';
  while (one_in(6)) out_ += ';';
  out_ += one_in(3) ? "" : "\n";
  if (one_in(6)) gap();
}

void ScriptGenerator::token(std::string_view text) {
  gap();
  out_ += text;
}

void ScriptGenerator::tight(std::string_view text) {
  if (one_in(3)) gap();
  out_ += text;
}

void ScriptGenerator::words(std::string_view text) {
  const bool lower = one_in(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    gap();
    for (const char c : text.substr(0, end)) {
      out_ += lower && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void ScriptGenerator::constant() {
  const std::string_view trap = pick(kTraps);
  std::string text;
  switch (below(13)) {
    case 0: text = "'" + std::string(trap) + "'"; break;
    case 1: text = "'it''s " + std::string(trap) + "\\'"; break;
    case 2: text = "E'" + std::string(trap) + "\\'" + std::string(trap) + "''\\\\'"; break;
    case 3: text = "$$" + without(trap, "$") + "$$"; break;
    case 4: text = "$q1_$" + without(trap, "$") + " $$;$$ $q$; $q1_$"; break;
    case 5: text = "U&'" + without(trap, "\\") + "\\0061\\\\'''"; break;
    case 6: text = "B'0101'"; break;
    case 7: text = "e'" + std::string(trap) + "'\n\t '\\'" + std::string(trap) + "'"; break;
    case 8: text = "N'" + std::string(trap) + "'"; break;
    case 9: text = "'a'\n\r\n'" + std::string(trap) + "'"; break;
    case 10: text = "1.5e-3"; break;
    case 11: text = "$1"; break;
    default: text = "42"; break;
  }
  token(text);
}

void ScriptGenerator::name() {
  static constexpr std::string_view kNames[] = {
      "a",     "b1",        "begin",  "atomic", "\"end\"",       "\"case\"",  "\"a;b\"",
      "\"'\"", "\"\"\";\"", "\"--\"", "\"/*\"", "\"$$\"",        "a$b$",      "\xC3\xA4$$",
      "_x",    "e",         "u",      "stdin",  "U&\"\\0061;\"", "procedure", "temp"};
  token(pick(kNames));
}

void ScriptGenerator::expression(int depth) {
  if (depth <= 0) {
    one_in(3) ? name() : constant();
    return;
  }
  switch (below(10)) {
    case 0:
      words("CASE WHEN");
      expression(depth - 1);
      words("THEN");
      expression(depth - 1);
      if (one_in(2)) {
        words("ELSE");
        expression(depth - 1);
      }
      words("END");
      break;
    case 1:
      tight("(");
      select(depth - 1);
      tight(")");
      break;
    case 2:
      tight("(");
      expression(depth - 1);
      tight(")");
      break;
    case 3:
      expression(depth - 1);
      token(pick({"+", "-", "*", "/", "||", "->>", "@>", "<", "<>", "#-", "%"}));
      expression(depth - 1);
      break;
    case 4:
      name();
      tight("(");
      expression(depth - 1);
      tight(",");
      expression(depth - 1);
      tight(")");
      break;
    case 5:
      token("t");
      tight(".");
      words(pick({"end", "case", "begin", "function", "create"}));
      break;
    case 6:
      words("ARRAY");
      tight("[");
      expression(depth - 1);
      tight("]");
      break;
    case 7:
      tight("(");
      expression(depth - 1);
      tight(")");
      tight("::");
      words("text");
      break;
    default: constant(); break;
  }
}

void ScriptGenerator::select_list(int depth) {
  do {
    expression(depth);
    switch (below(5)) {
      case 0: words(pick({"AS end", "AS case", "AS begin", "AS create"})); break;
      case 1: words(pick({"end", "case", "atomic"})); break;
      default: break;
    }
    if (one_in(2)) break;
    tight(",");
  } while (true);
}

void ScriptGenerator::select(int depth) {
  words("SELECT");
  select_list(depth - 1);
  if (one_in(2)) {
    words("FROM");
    name();
    if (one_in(2)) {
      words("WHERE");
      expression(depth - 1);
    }
  }
}

void ScriptGenerator::body_statement() {
  switch (below(4)) {
    case 0:
      words("INSERT INTO t VALUES");
      tight("(");
      expression(2);
      tight(")");
      break;
    case 1:
      words("RETURN");
      expression(2);
      break;
    default: select(3); break;
  }
}

void ScriptGenerator::routine() {
  words(pick({"CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"}));
  name();
  tight("(");
  if (one_in(2)) words(pick({"begin atomic", "a int DEFAULT 1", "x begin"}));
  tight(")");
  words(pick({"RETURNS int", "RETURNS begin", "RETURNS SETOF t", "RETURNS s.begin"}));
  if (one_in(3)) words(pick({"LANGUAGE sql", "STABLE", "SET x TO begin", "STRICT COST 5"}));
  switch (below(4)) {
    case 0:
      words("AS");
      token("$f$ BEGIN; SELECT $$;$$; END; $f$");
      break;
    case 1:
      words("RETURN");
      expression(kDepth);
      break;
    default:
      words("BEGIN ATOMIC");
      for (std::uint32_t count = below(4); count > 0; --count) {
        body_statement();
        separator();
      }
      words("END");
      break;
  }
}

void ScriptGenerator::statement() {
  switch (below(16)) {
    case 0:
    case 1:
    case 2: routine(); break;
    case 3:
      words("CREATE RULE r AS ON INSERT TO t DO ALSO");
      tight("(");
      select(2);
      separator();
      words("DELETE FROM t");
      if (one_in(2)) separator();
      tight(")");
      break;
    case 4:
      words("CREATE TABLE");
      name();
      tight("(");
      words("a int DEFAULT");
      tight("(");
      expression(2);
      tight(")");
      tight(",");
      words("\"end\" text");
      tight(")");
      break;
    case 5:
      words("CREATE SCHEMA s CREATE VIEW v AS");
      select(2);
      if (one_in(2)) words("GRANT SELECT ON v TO u");
      break;
    case 6:
      words("DO");
      token("$do$ BEGIN PERFORM ';'; -- $$ ;\n END $do$");
      break;
    case 7:
      words("INSERT INTO t VALUES");
      tight("(");
      expression(kDepth);
      tight(")");
      break;
    case 8: words(pick({"BEGIN", "COMMIT", "END", "ROLLBACK", "START TRANSACTION"})); break;
    case 9:
      words("COPY");
      tight("(");
      select(2);
      tight(")");
      words("TO STDOUT");
      break;
    case 10:
      words("COMMENT ON TABLE t IS");
      token("'it''s; \\'");
      break;
    case 11:
      words("COPY t FROM");
      token(one_in(2) ? "'/tmp/a;b'" : "PROGRAM 'cat stdin;'");
      break;
    default: select(kDepth); break;
  }
}

std::string ScriptGenerator::script() {
  out_.clear();
  if (one_in(4)) separator();
  for (std::uint32_t count = 1 + below(5); count > 0; --count) {
    statement();
    if (count > 1 || one_in(2)) separator();
  }
  if (one_in(4)) gap();
  return out_;
}

}  // namespace headway::test
