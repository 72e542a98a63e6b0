#include "telemetry/text.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>

using namespace headway;
using namespace headway::telemetry;
using namespace std::string_literals;

namespace {

/// What a reader of the JSON string sees.
std::string read_back(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  CHECK(json.find('\n') == std::string::npos);
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(json, error);
  REQUIRE_MESSAGE(!error, json);
  return std::string(value.as_string());
}

}  // namespace

TEST_CASE("a JSON string gives back every valid text") {
  for (const std::string& text :
       {""s, "plain"s, "say \"no\""s, "C:\\temp"s, "two\nlines\r\n\tand more"s, "nul\0inside"s,
        "\x01\x1b[31m\x7f"s, "größer, 日本, 🐘"s, "</script>\u2028"s}) {
    CHECK(read_back(text) == text);
  }
}

TEST_CASE("bytes that are not UTF-8 become replacement characters") {
  CHECK(read_back("a\xff\x62") == "a\uFFFD"s + "b");
  CHECK(valid_utf8("\xC3") == "\uFFFD");                            // cut off
  CHECK(valid_utf8("\xC0\xAF") == "\uFFFD\uFFFD");                  // overlong slash
  CHECK(valid_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");        // surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80").substr(0, 3) == "\uFFFD");   // above U+10FFFF
  CHECK(valid_utf8("\xF4\x8F\xBF\xBF") == "\xF4\x8F\xBF\xBF");      // U+10FFFF itself
  CHECK(valid_utf8("\xE2\x82\xAC\x80x") == "\xE2\x82\xAC\uFFFDx");  // stray continuation
}

TEST_CASE("every single byte and every pair of bytes makes valid JSON") {
  for (int a = 0; a < 256; ++a) {
    read_back(std::string(1, static_cast<char>(a)));
    for (int b = 0; b < 256; b += 3) {
      std::string json;
      append_json_string(json, std::string{static_cast<char>(a), static_cast<char>(b)});
      boost::system::error_code error;
      boost::json::parse(json, error);
      REQUIRE_MESSAGE(!error, a << ' ' << b);
    }
  }
}

TEST_CASE("one line stays one line and moves no cursor") {
  CHECK(one_line("a\nb\r\nc\td") == "a b c d");
  CHECK(one_line("\x1b[2J\x07") == "\uFFFD[2J\uFFFD");
  CHECK(one_line("\xC2\x9B"
                 "31m") == "\uFFFD31m");  // the one-character form of ESC [
  CHECK(one_line("größer 🐘") == "größer 🐘");
}

TEST_CASE("a long value is cut between characters") {
  std::string text(kMaxValueBytes - 1, 'x');
  text += "é and more";
  const std::string cut = valid_utf8(text);
  CHECK(cut == std::string(kMaxValueBytes - 1, 'x') + "…");
  CHECK(valid_utf8(std::string(kMaxValueBytes, 'x')).size() == kMaxValueBytes);
}

TEST_CASE("durations read as people say them") {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  CHECK(readable(Microseconds{400}) == "0 ms");
  CHECK(readable(Microseconds{12'345}) == "12 ms");
  CHECK(readable(Milliseconds{999}) == "999 ms");
  CHECK(readable(Milliseconds{1550}) == "1.5 s");
  CHECK(readable(Milliseconds{59'999}) == "59.9 s");
  CHECK(readable(minutes{2} + seconds{5}) == "2 min 5 s");
  CHECK(readable(hours{25} + minutes{2}) == "25 h 2 min");
}
