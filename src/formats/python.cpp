#include "formats/python.hpp"

#include <algorithm>

#include "formats/text.hpp"

namespace headway::formats {
namespace {

using Texts = std::vector<std::string>;

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

bool is_one_of(std::string_view text, std::string_view characters) {
  return !text.empty() && characters.find(text[0]) != std::string_view::npos;
}

/// Goes through the values at the right of an assignment.
class Values {
 public:
  explicit Values(std::string_view text) : text_(text) {}

  /// The next one; nothing if it is something else.
  std::optional<Texts> next() {
    skip();
    if (text_.starts_with("None") && (text_.size() == 4 || !in_name(text_[4]))) {
      text_.remove_prefix(4);
      return Texts{};
    }
    if (!is_one_of(text_, "([{")) {
      auto one = quoted();
      if (!one) return std::nullopt;
      return Texts{*std::move(one)};
    }
    text_.remove_prefix(1);
    Texts out;
    for (;;) {
      skip();
      if (is_one_of(text_, ")]}")) {
        text_.remove_prefix(1);
        return out;
      }
      auto one = quoted();
      if (!one) return std::nullopt;
      out.push_back(*std::move(one));
      comma();
    }
  }

  bool comma() {
    skip();
    if (!text_.starts_with(',')) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// Whether the statement is at its end.
  [[nodiscard]] bool ended() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r"), text_.size()));
    return text_.empty() || is_one_of(text_, "\n#;");
  }

  [[nodiscard]] bool begins_text() const { return is_one_of(text_.substr(prefix()), "\"'"); }
  void skip() {
    for (;;) {
      text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n\\"), text_.size()));
      if (!text_.starts_with('#')) return;
      text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
    }
  }

 private:
  /// The u of u'text' and the r of r'text'.
  [[nodiscard]] std::size_t prefix() const { return is_one_of(text_, "uUrR") ? 1 : 0; }

  /// Texts that follow each other are one.
  std::optional<std::string> quoted() {
    if (!begins_text()) return std::nullopt;
    std::string out;
    do {
      text_.remove_prefix(prefix());
      const std::string_view three = text_.substr(0, 3);
      const bool tripled = three == "\"\"\"" || three == "'''";
      const std::string_view quote = text_.substr(0, tripled ? 3 : 1);
      const std::size_t end = text_.find(quote, quote.size());
      if (end == std::string_view::npos) return std::nullopt;
      out += text_.substr(quote.size(), end - quote.size());
      text_.remove_prefix(end + quote.size());
      text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size()));
    } while (begins_text());
    return out;
  }

  std::string_view text_;
};

/// The names in front of one "=", and how far it reaches; nothing if it is no assignment.
struct Targets {
  std::vector<std::string_view> names;
  std::size_t end = 0;
};

/// Where a type's annotation ends: at the "=" behind it.
std::size_t behind_annotation(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    if (is_one_of(rest, "([{")) ++depth;
    if (is_one_of(rest, ")]}")) --depth;
    if (depth == 0 && is_one_of(rest, "=\n")) break;
  }
  return at;
}

std::optional<Targets> targets(std::string_view text, std::size_t at) {
  Targets out;
  const auto skip = [&] { at = std::min(text.find_first_not_of(" \t", at), text.size()); };
  for (;;) {
    skip();
    const std::size_t begin = at;
    while (at < text.size() && in_name(text[at])) ++at;
    if (at == begin || is_digit(text[begin])) return std::nullopt;
    out.names.push_back(text.substr(begin, at - begin));
    skip();
    if (at >= text.size() || text[at] != ',') break;
    ++at;
  }
  if (at < text.size() && text[at] == ':') at = behind_annotation(text, at + 1);
  if (at >= text.size() || text[at] != '=' || text.substr(at).starts_with("==")) {
    return std::nullopt;
  }
  out.end = at + 1;
  return out;
}

/// Tells the lines in which statements begin from those within a text of three quotes.
class Statements {
 public:
  /// Whether the line begins outside; asked line by line.
  bool begins_with(std::string_view line) {
    const bool outside = open_.empty();
    while (!line.empty()) {
      if (open_.empty()) {
        line.remove_prefix(std::min(line.find_first_of("\"'#"), line.size()));
        if (line.empty() || line[0] == '#') break;
        const bool tripled = line.starts_with("\"\"\"") || line.starts_with("'''");
        open_ = line.substr(0, tripled ? 3 : 1);
        line.remove_prefix(open_.size());
      }
      const std::size_t end = end_of_text(line);
      if (end == std::string_view::npos) break;
      line.remove_prefix(end + open_.size());
      open_ = {};
    }
    if (open_.size() == 1) open_ = {};  // ends with its line
    return outside;
  }

 private:
  [[nodiscard]] std::size_t end_of_text(std::string_view line) const {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\\') {
        ++i;
      } else if (line.substr(i).starts_with(open_)) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  std::string_view open_;
};

/// The `index`th of `count` values that are assigned to as many names.
std::optional<Texts> value_at(Values values, std::size_t index, std::size_t count) {
  for (std::size_t i = 0; i < index; ++i) {
    if (!values.next() || !values.comma()) return std::nullopt;
  }
  auto out = values.next();
  if (!out || count > 1) return out;
  // "a", "b" without brackets are a tuple too.
  while (!values.ended()) {
    if (!values.comma() || out->empty()) return std::nullopt;
    if (values.ended()) break;
    auto more = values.next();
    if (!more || more->size() != 1) return std::nullopt;
    out->push_back(std::move(more->front()));
  }
  return out;
}

}  // namespace

std::optional<PythonConstant> python_constant(std::string_view module, std::string_view name) {
  std::optional<PythonConstant> out;
  Statements statements;
  each_line(module, [&](const Line& line) {
    const bool begins = statements.begins_with(line.text);
    if (!begins || line.text.empty() || !in_name(line.text[0])) return;
    const std::string_view text = module.substr(line.offset);
    std::optional<std::size_t> index;
    std::size_t count = 1;
    std::size_t value = 0;
    for (auto found = targets(text, 0); found; found = targets(text, found->end)) {
      const auto here = std::ranges::find(found->names, name);
      if (here != found->names.end()) {
        index = static_cast<std::size_t>(here - found->names.begin());
        count = found->names.size();
      }
      value = found->end;
    }
    if (index)
      out = PythonConstant{line.number, value_at(Values(text.substr(value)), *index, count)};
  });
  return out;
}

std::string python_summary(std::string_view module) {
  Values values(module);
  values.skip();
  const auto text = values.begins_text() ? values.next() : std::nullopt;
  if (!text) return {};
  const std::string_view words = trim(text->front());
  return std::string(trim(words.substr(0, words.find('\n'))));
}

}  // namespace headway::formats
