#include "migration/target.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/error.hpp"

namespace headway::migration {

Target parse_target(std::string_view text) {
  if (text.empty()) throw Error(ErrorId::BadTarget, "the target is empty");
  if (text == "head") return {Target::Kind::Head, 0, {}};
  if (text == "heads") return {Target::Kind::Heads, 0, {}};
  if (text == "base") return {Target::Kind::Base, 0, {}};
  if (text[0] != '+' && text[0] != '-') return {Target::Kind::Version, 0, std::string(text)};

  const std::string_view digits = text.substr(1);
  int steps = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), steps);
  const bool number = failure == std::errc() && end == digits.data() + digits.size();
  if (!number || steps <= 0) {  // from_chars takes a second sign
    throw Error(
        ErrorId::BadTarget,
        fmt::format("\"{}\" is not a target: {} is followed by a number from 1 up", text, text[0]));
  }
  return {Target::Kind::Relative, text[0] == '+' ? steps : -steps, {}};
}

}  // namespace headway::migration
