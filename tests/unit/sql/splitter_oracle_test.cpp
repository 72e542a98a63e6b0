// Our splitter against PostgreSQL's own parser (libpg_query): wherever the parser accepts a script,
// both must cut it at the same places.  The parser's pieces reach from semicolon to semicolon, ours
// from first to last token; so between the two ends there may be only blanks and comments.
//
// Known difference: libpg_query makes comments tokens, so it refuses a string that is continued
// behind a comment ('a' -- comment <newline> 'b'), which the server accepts.
#include <doctest/doctest.h>
#include <pg_query.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "sql/normalize.hpp"
#include "sql/splitter.hpp"
#include "unit/sql/script_generator.hpp"
#include "unit/sql/tricky_scripts.hpp"

namespace {

using Piece = std::pair<std::size_t, std::size_t>;  // begin, end

// Nothing if the parser refuses the script.
std::optional<std::vector<Piece>> pieces_by_parser(const std::string& script) {
  const PgQuerySplitResult result = pg_query_split_with_parser(script.c_str());
  std::optional<std::vector<Piece>> pieces;
  if (result.error == nullptr) {
    pieces.emplace();
    for (int i = 0; i < result.n_stmts; ++i) {
      const auto begin = static_cast<std::size_t>(result.stmts[i]->stmt_location);
      pieces->emplace_back(begin, begin + static_cast<std::size_t>(result.stmts[i]->stmt_len));
    }
  }
  pg_query_free_split_result(result);
  return pieces;
}

// Written without the scanner on purpose.
bool is_blank(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view two = text.substr(i, 2);
    if (two == "/*") {
      ++depth;
      i += 2;
    } else if (depth > 0) {
      const bool close = two == "*/";
      depth -= close ? 1 : 0;
      i += close ? 2 : 1;
    } else if (two == "--") {
      i = std::min(text.find_first_of("\r\n", i), text.size());
    } else if (std::string_view(" \t\r\n\f").find(text[i]) != std::string_view::npos) {
      ++i;
    } else {
      return false;
    }
  }
  return depth == 0;
}

// Empty if both agree, else what is wrong.
std::string difference(const std::string& script, const std::vector<Piece>& pieces) {
  std::vector<headway::sql::Statement> statements;
  try {
    statements = headway::sql::split(script, "script");
  } catch (const headway::Error& error) {
    return std::string("refused: ") + error.what();
  }
  if (statements.size() != pieces.size()) {
    return std::to_string(statements.size()) + " statements, the parser has " +
           std::to_string(pieces.size());
  }
  const std::string_view text = script;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto [begin, end] = pieces[i];
    const std::size_t our_begin = statements[i].offset;
    const std::size_t our_end = our_begin + statements[i].text.size();
    if (our_begin < begin || our_end > end || !is_blank(text.substr(begin, our_begin - begin)) ||
        !is_blank(text.substr(our_end, end - our_end))) {
      return "statement " + std::to_string(i + 1) + " has other bounds";
    }
    if (is_blank(text.substr(our_begin, 1)) || is_blank(text.substr(our_end - 1, 1))) {
      return "statement " + std::to_string(i + 1) + " has blanks at its ends";
    }
  }
  return {};
}

// True if the parser accepted it, and so it was compared.
bool compare(const std::string& script) {
  const auto pieces = pieces_by_parser(script);
  if (!pieces) return false;
  const std::string wrong = difference(script, *pieces);
  if (!wrong.empty()) {
    INFO(script);
    FAIL_CHECK(wrong);
  }
  return true;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// An extension's script begins with \echo .. \quit, which CREATE EXTENSION takes for a comment.
std::string without_echo(std::string text) {
  for (std::size_t at = text.find("\\echo"); at != std::string::npos;
       at = text.find("\\echo", at + 2)) {
    if (at == 0 || text[at - 1] == '\n') text.replace(at, 2, "--");
  }
  return text;
}

}  // namespace

TEST_CASE("the splitter agrees with the parser on tricky scripts") {
  CHECK(headway::test::tricky_scripts().size() >= 150);
  for (const std::string_view script : headway::test::tricky_scripts()) {
    INFO(std::string(script));
    CHECK(compare(std::string(script)));
  }
}

TEST_CASE("the splitter agrees with the parser on generated scripts") {
  constexpr int kScripts = 10000;
  int compared = 0;
  headway::test::ScriptGenerator generator(20261122);
  for (int i = 0; i < kScripts; ++i) {
    if (compare(generator.script())) ++compared;
  }
  CHECK(compared > kScripts * 95 / 100);
}

TEST_CASE("the splitter agrees with the parser on the SQL that PostgreSQL installs") {
  const std::filesystem::path root = "/usr/share/postgresql";
  if (!std::filesystem::exists(root)) {
    MESSAGE("no PostgreSQL is installed here");
    return;
  }
  int compared = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".sql") continue;
    INFO(entry.path().string());
    if (compare(without_echo(read(entry.path())))) ++compared;
  }
  CHECK(compared >= 20);
}

TEST_CASE("a name needs quotes exactly where the parser says so") {
  for (const std::string_view word :
       {"all", "user", "table", "select", "between", "int", "values", "left", "name", "value",
        "index", "temp", "begin", "sequence", "concurrently", "end", "case", "stdin", "data"}) {
    const std::string name(word);
    CAPTURE(name);
    const bool table = pieces_by_parser("CREATE TABLE " + name + " (a int)").has_value();
    const bool function = pieces_by_parser("SELECT " + name + "(1)").has_value();
    CHECK((headway::sql::quote_identifier(name) == name) == (table && function));
  }
}
