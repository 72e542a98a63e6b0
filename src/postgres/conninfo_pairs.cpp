#include "postgres/conninfo_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace headway::postgres {
namespace {

constexpr std::string_view kSpace = " \t\n\r\f\v";

class PairsParser {
 public:
  PairsParser(std::string_view text, std::string_view source) : rest_(text), source_(source) {}

  std::vector<Parameter> parse() {
    std::vector<Parameter> out;
    for (skip_space(); !rest_.empty(); skip_space()) {
      const std::string place = fmt::format("keyword {}", out.size() + 1);
      Parameter parameter;
      parameter.name = take_name();
      skip_space();
      if (!rest_.starts_with('=')) {
        refuse(fmt::format("{} lacks its '='; put values that hold spaces between ' and '", place));
      }
      rest_.remove_prefix(1);
      skip_space();
      if (rest_.starts_with('\'')) {
        parameter.value = take_quoted(place);
      } else {
        parameter.value = take_plain();
        parameter.bare_equals = parameter.value.find('=') != std::string::npos;
      }
      out.push_back(std::move(parameter));
    }
    return out;
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const { refuse_url(source_, what); }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string take_name() {
    const auto end = std::min(rest_.find_first_of(" \t\n\r\f\v="), rest_.size());
    std::string name(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return name;
  }

  std::string take_plain() {
    std::string out;
    while (!rest_.empty() && kSpace.find(rest_.front()) == std::string_view::npos) {
      char c = take();
      if (c == '\\' && !rest_.empty()) c = take();
      out += c;
    }
    return out;
  }

  std::string take_quoted(const std::string& place) {
    take();
    std::string out;
    for (;;) {
      if (rest_.empty()) refuse(fmt::format("the value of {} lacks its closing quote", place));
      char c = take();
      if (c == '\'') return out;
      if (c == '\\' && !rest_.empty()) c = take();
      out += c;
    }
  }

  std::string_view rest_;
  std::string_view source_;
};

}  // namespace

std::vector<Parameter> parse_pairs(std::string_view text, std::string_view source) {
  return PairsParser(text, source).parse();
}

}  // namespace headway::postgres
