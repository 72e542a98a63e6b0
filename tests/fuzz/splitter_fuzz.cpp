// Whatever the bytes: the splitter either refuses them with an Error or cuts them into statements
// in order, and leaves nothing out but blanks, comments, semicolons and the data of COPY.  What
// looks at statements afterwards must survive all of them, and shows none of their constants.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fuzz/require.hpp"
#include "sql/facts.hpp"
#include "sql/normalize.hpp"
#include "sql/splitter.hpp"

namespace {

using headway::sql::Statement;
using headway::testing::require;

// Blanks, non-breaking spaces, comments and semicolons.
bool is_gap(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view two = text.substr(i, 2);
    if (two == "--") {
      i = text.find_first_of("\r\n", i);
      if (i == std::string_view::npos) return true;
    } else if (two == "/*") {
      std::size_t depth = 1;
      i += 2;
      while (depth > 0) {
        if (i >= text.size()) return false;
        const std::string_view next = text.substr(i, 2);
        if (next == "/*") ++depth;
        if (next == "*/") --depth;
        i += next == "/*" || next == "*/" ? 2 : 1;
      }
    } else if (two == "\xC2\xA0") {
      i += 2;
    } else if (std::string_view(" \t\r\n\f\v;").find(text[i]) != std::string_view::npos) {
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

// The script with the data of every COPY and the line that closes it taken out, and where its
// statements stand then.
struct Rest {
  std::string script;
  std::vector<std::size_t> begins;
};

Rest without_data(std::string_view script, const std::vector<Statement>& statements) {
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Range> cuts;
  Rest rest;
  std::size_t at = 0;
  for (const Statement& statement : statements) {
    if (!statement.copy_data) continue;
    const auto begin = static_cast<std::size_t>(statement.copy_data->data() - script.data());
    std::size_t end = begin + statement.copy_data->size();
    require(begin >= at && begin > statement.offset, "data comes after its COPY and other data");
    require(script.substr(end, 2) == "\\.", "data ends at its closing line");
    end = std::min(script.find('\n', end), script.size() - 1) + 1;
    rest.script += script.substr(at, begin - at);
    cuts.push_back({begin, end});
    at = end;
  }
  rest.script += script.substr(at);
  for (const Statement& statement : statements) {
    std::size_t begin = statement.offset;
    for (const Range& cut : cuts) {
      if (cut.end <= statement.offset) begin -= cut.end - cut.begin;
    }
    rest.begins.push_back(begin);
  }
  return rest;
}

bool shows_no_text(std::string_view shown) {
  bool name = false;
  for (const char c : shown) {
    if (c == '"') name = !name;
    if (c == '\'' && !name) return false;
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return true;
}

void check(std::string_view script) {
  const std::vector<Statement> statements = headway::sql::split(script, "fuzz");
  const Rest rest = without_data(script, statements);
  const std::string_view kept = rest.script;
  std::size_t at = kept.starts_with(headway::sql::kByteOrderMark) ? 3 : 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const Statement& statement = statements[i];
    const std::size_t begin = rest.begins[i];
    require(!statement.text.empty(), "a statement is not empty");
    require(statement.text.data() == script.data() + statement.offset,
            "a statement is where it says it is");
    require(begin >= at, "statements are in order and do not overlap");
    require(kept.substr(begin, statement.text.size()) == statement.text,
            "a statement holds no data");
    require(is_gap(kept.substr(at, begin - at)), "nothing is left out between statements");
    at = begin + statement.text.size();

    const auto place = headway::sql::position_at(script, statement.offset);
    require(place.line == statement.position.line && place.column == statement.position.column,
            "positions counted step by step are those counted from the start");
    const auto facts = headway::sql::facts_of(statement.text);
    require(statement.copy_data.has_value() == facts.copy_from_stdin,
            "facts and splitter agree on COPY FROM stdin");
    require(shows_no_text(headway::sql::normalize(statement.text, 1000)), "no constant is shown");
    (void)headway::sql::redact("relation \"abc\" does not exist", statement.text);
  }
  require(is_gap(kept.substr(at)), "nothing is left out at the end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string script(reinterpret_cast<const char*>(data), size);
  try {
    check(script);
  } catch (const headway::Error& error) {
    require(error.info().where.line > 0 && error.info().where.column > 0, "errors have a place");
  }
  return 0;
}
