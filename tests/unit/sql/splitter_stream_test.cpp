// A text that comes in pieces is cut as the whole text is, wherever the pieces end.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sql/splitter.hpp"
#include "unit/sql/script_generator.hpp"
#include "unit/sql/tricky_scripts.hpp"

using namespace headway;

namespace {

/// Gives few bytes at a time, never as many as it was asked for by chance.
class Trickle final : public TextReader {
 public:
  Trickle(std::string_view text, std::uint32_t seed) : text_(text), random_(seed) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t wanted = 1 + static_cast<std::size_t>(random_()) % size;
    const std::size_t got = std::min(wanted, text_.size());
    std::copy_n(text_.data(), got, to);
    text_.remove_prefix(got);
    return got;
  }

 private:
  std::string_view text_;
  std::mt19937 random_;
};

std::string shown(const sql::Statement& statement) {
  std::string out =
      std::to_string(statement.offset) + " " + std::to_string(statement.position.line) + ":" +
      std::to_string(statement.position.column) + " [" + std::string(statement.text) + "]";
  if (statement.copy_data) out += " data [" + std::string(*statement.copy_data);
  if (statement.copy_rest != nullptr) {
    for (auto piece = statement.copy_rest->next(); !piece.empty();
         piece = statement.copy_rest->next()) {
      out += piece;
    }
  }
  return statement.copy_data ? out + "]" : out;
}

std::string shown(const Error& error) {
  return std::string(error.what()) + " at " + error.info().where.text();
}

using Lines = std::vector<std::string>;

Lines whole(std::string_view script) {
  Lines out;
  try {
    sql::split(script, "f", [&out](const sql::Statement& one) { out.push_back(shown(one)); });
  } catch (const Error& error) {
    out.push_back(shown(error));
  }
  return out;
}

Lines in_pieces(std::string_view script, std::size_t chunk, std::uint32_t seed) {
  Lines out;
  Trickle reader(script, seed);
  try {
    sql::split(
        reader, "f",
        [&out](const sql::Statement& one) {
          CHECK(one.text.data()[one.text.size()] == '\0');
          out.push_back(shown(one));
        },
        chunk);
  } catch (const Error& error) {
    out.push_back(shown(error));
  }
  return out;
}

void compare(std::string_view script) {
  if (script.starts_with(sql::kByteOrderMark)) script.remove_prefix(sql::kByteOrderMark.size());
  const Lines expected = whole(script);
  for (const std::size_t chunk : {1, 2, 3, 5, 8, 13, 64, 1024}) {
    CAPTURE(chunk);
    CAPTURE(script);
    REQUIRE(in_pieces(script, chunk, static_cast<std::uint32_t>(chunk)) == expected);
  }
}

}  // namespace

TEST_CASE("tricky scripts are cut in pieces as they are whole") {
  for (const std::string_view script : test::tricky_scripts()) compare(script);
}

TEST_CASE("so are scripts made at random") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    test::ScriptGenerator generator(seed);
    std::string script = generator.script() + ";" + generator.script();
    compare(script);
    // Cut short it has some fault, or none.
    std::size_t size = script.size() * (seed % 7) / 7;
    while (size > 0 && (static_cast<unsigned char>(script[size]) & 0xC0U) == 0x80U) --size;
    compare(script.substr(0, size));
  }
}

TEST_CASE("so is the data of a COPY") {
  for (const std::string_view script : {
           "COPY t FROM stdin;\n1\n2\n\\.\nSELECT 1;\n",
           "COPY t FROM stdin;\n\\.\nSELECT 1",
           "COPY t FROM stdin;\n1\n2\n\\.",
           "COPY t FROM stdin;\r\n1\r\n2\r\n\\.\r\nSELECT 1;\r\n",
           "COPY t FROM stdin;\n\\N\t\\.\n\\.x\nx\\.\n\\\\.\n\\.\n  SELECT 1;",
           "SELECT 0; COPY t FROM stdin; SELECT 'after';\nä€😀\n😀\n\\.\n  SELECT 'ä', 1; SELECT 2;",
           "COPY a FROM stdin; COPY b FROM stdin; SELECT 1;\na a a a a a a a\na\n\\.\nb\nb b b b b "
           "b b b b b\n\\.\n SELECT 2;",
           "COPY a FROM stdin; COPY b FROM stdin; COPY c FROM stdin;\n\\.\nlong long long long\n"
           "\\.\n\\.\n/* c */ COPY d FROM stdin -- c\n;\n1\n\\.\nSELECT 3",
       }) {
    compare(script);
  }
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    std::string script;
    for (int copies = 0; copies < 3; ++copies) {
      script += "-- x\nCOPY t FROM stdin" + std::string(random() % 3, ' ') + ";\n";
      for (auto lines = random() % 20; lines > 0; --lines) {
        static constexpr std::string_view kPieces[] = {"\\", ".", "a", "ä", "\t", "\\.", "\r", "'"};
        for (auto pieces = random() % 6; pieces > 0; --pieces) script += kPieces[random() % 8];
        script += '\n';
      }
      script += random() % 8 == 0 ? "" : "\\.\n";
      script += "  SELECT 'x;y', $$a;$$;";
    }
    compare(script);
  }
}

TEST_CASE("and so are faults found, at the same place") {
  for (const std::string_view script :
       {"SELECT 1;\n  SELECT 'open",
        "SELECT 1;\n/* open",
        "SELECT 1;\n  \"open",
        "SELECT $a$ $b$ ;",
        "SELECT 1;\n\n  (SELECT (1);",
        "SELECT 1; \\connect foo bar",
        "\\",
        "SELECT 1;\n \\.\nx",
        "SELECT 1;\n\\copy t from 'a'\n",
        "COPY t FROM stdin",
        "COPY t FROM stdin;",
        "COPY t FROM stdin;\n1\n2\n\\. \n",
        "SELECT 1; COPY t FROM stdin; SELECT\n1\n\\.\n2;",
        "COPY t FROM stdin; SELECT 'x\n1\n\\.\n2;",
        "COPY t FROM stdin; (SELECT\nx\n\\.\n;",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2;\nSELECT 3;",
        "SET standard_conforming_strings = off; SELECT 1; SELECT 'a\\'b';",
        "SELECT 'ä'; SELECT '\xC3';",
        "SELECT '\xF0\x9F\x98';",
        "SELECT \xFF",
        "SELECT 1\xE2\x82",
        "COPY t FROM stdin;\naaaa\nbb\xFF\n\\.\n"}) {
    const Lines expected = whole(script);
    for (const std::size_t chunk : {1, 2, 3, 5, 8, 13, 64, 1024}) {
      CAPTURE(chunk);
      CAPTURE(script);
      const Lines found = in_pieces(script, chunk, 3);
      REQUIRE(!found.empty());
      CHECK(found.back() == expected.back());
    }
  }
}

TEST_CASE("of a long text only a window is held") {
  std::string script;
  for (int i = 0; i < 1000; ++i) script += "SELECT 'abcdefghijklmnopqrstuvwxyz';\n";
  script += "COPY t FROM stdin;\n";
  for (int i = 0; i < 10000; ++i) script += "1\tabcdefghijklmnopqrstuvwxyz\n";
  script += "\\.\n";
  Trickle reader(script, 1);
  std::size_t pieces = 0;
  std::size_t largest = 0;
  const auto take = [&](const sql::Statement& one) {
    if (one.copy_rest == nullptr) return;
    for (auto piece = one.copy_rest->next(); !piece.empty(); piece = one.copy_rest->next()) {
      ++pieces;
      largest = std::max(largest, piece.size());
    }
  };
  sql::split(reader, "f", take, 4096);
  CHECK(pieces > 50);
  CHECK(largest <= 8192);
}
