#include "formats/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "formats/text.hpp"

namespace headway::formats {
namespace {

constexpr int kDeepest = 16;  // templates within templates
constexpr std::string_view kBlanks = " \t\r\n";

/// Words and quoted texts; "|" is a word.  Nothing if a quote has no end.
std::optional<std::vector<std::string_view>> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!(text = trim(text)).empty()) {
    std::size_t end = 0;
    if (text[0] == '"' || text[0] == '`') {
      end = text.find(text[0], 1);
      if (end == std::string_view::npos) return std::nullopt;
      ++end;
    } else if (text[0] == '|') {
      end = 1;
    } else {
      end = std::min(text.find_first_of(" \t\r\n|\"`"), text.size());
    }
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

/// A quoted text without an escape.
std::optional<std::string> literal(std::string_view word) {
  if (word.size() < 2 || (word[0] != '"' && word[0] != '`')) return std::nullopt;
  const std::string_view inner = word.substr(1, word.size() - 2);
  if (word[0] == '"' && inner.find('\\') != std::string_view::npos) return std::nullopt;
  return std::string(inner);
}

}  // namespace

std::string Templates::filled(std::string_view text) const { return filled(text, Everything(), 0); }

std::string Templates::filled(std::string_view text, const Dot& dot, int depth) const {
  if (depth > kDeepest) throw UnknownAction{"templates that call each other"};
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = text.find("{{", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) throw UnknownAction{"an action without an end"};
    out += text.substr(at, begin - at);
    std::string_view action = text.substr(begin + 2, end - begin - 2);
    at = end + 2;
    if (action.starts_with("- ")) {
      action.remove_prefix(1);
      const std::size_t last = out.find_last_not_of(kBlanks);
      out.resize(last == std::string::npos ? 0 : last + 1);
    }
    if (action.ends_with(" -")) {
      action.remove_suffix(1);
      at = std::min(text.find_first_not_of(kBlanks, at), text.size());
    }
    out += value_of(trim(action), dot, depth);
  }
  out += text.substr(at);
  return out;
}

std::string Templates::value_of(std::string_view action, const Dot& dot, int depth) const {
  static constexpr std::string_view kTemplate = "template";
  if (action.starts_with("/*") && action.ends_with("*/")) return {};
  if (action.starts_with(kTemplate)) {
    if (auto text = part(action.substr(kTemplate.size()), dot, depth)) return *std::move(text);
  } else if (const auto value = pipeline(action, dot); value && *value) {
    return **value;
  }
  throw UnknownAction{fmt::format("the action {{{{{}}}}}", action)};
}

std::optional<std::string> Templates::part(std::string_view text, const Dot& dot, int depth) const {
  const auto words = words_of(text);
  if (!words || words->empty() || words->size() > 2) return std::nullopt;
  const auto name = literal((*words)[0]);
  const auto found = name ? parts_.find(*name) : parts_.end();
  if (found == parts_.end()) return std::nullopt;
  if (words->size() == 1) return filled(found->second, std::monostate(), depth + 1);
  if ((*words)[1] == ".") return filled(found->second, dot, depth + 1);
  const auto handed = operand((*words)[1], dot);
  if (!handed || !*handed) return std::nullopt;
  return filled(found->second, **handed, depth + 1);
}

/// The outer optional is nothing for what is not known here.
std::optional<Templates::Value> Templates::operand(std::string_view word, const Dot& dot) const {
  if (auto text = literal(word)) return Value(*std::move(text));
  if (word == ".") {
    if (const auto* text = std::get_if<std::string>(&dot)) return Value(*text);
    return std::nullopt;
  }
  if (!word.starts_with('.') || !std::holds_alternative<Everything>(dot)) return std::nullopt;
  const auto value = values_.find(word.substr(1));
  return value == values_.end() ? Value() : Value(value->second);
}

std::optional<Templates::Value> Templates::pipeline(std::string_view text, const Dot& dot) const {
  const auto words = words_of(text);
  if (!words) return std::nullopt;
  std::optional<Value> piped;
  for (auto begin = words->begin();;) {
    const auto end = std::find(begin, words->end(), "|");
    if (begin == end) return std::nullopt;
    const std::string_view function = *begin;
    std::vector<Value> values;
    const bool called = function == "env" || function == "default";
    for (auto word = called ? std::next(begin) : begin; word != end; ++word) {
      auto value = operand(*word, dot);
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
    }
    if (piped) values.push_back(*std::exchange(piped, std::nullopt));
    if (function == "env" && values.size() == 1 && values[0]) {
      piped = Value((variable_ ? variable_(*values[0]) : std::nullopt).value_or(std::string()));
    } else if (function == "default" && values.size() == 2) {
      const bool empty = !values[1] || values[1]->empty();
      piped = values[empty ? 0 : 1];
    } else if (!called && values.size() == 1) {
      piped = values[0];
    } else {
      return std::nullopt;
    }
    if (end == words->end()) return piped;
    begin = std::next(end);
  }
}

}  // namespace headway::formats
