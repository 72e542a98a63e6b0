#include "migration/directives.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "migration/target.hpp"

namespace headway::migration {
namespace {

constexpr std::string_view kMarker = "headway";

/// Blanks within a line.  A no-break space comes along when a directive is pasted from a web page.
std::size_t blank_at(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return 0;
  const char c = text[pos];
  if (c == ' ' || c == '\t' || c == '\f' || c == '\v') return 1;
  return text.substr(pos, 2) == "\xC2\xA0" ? 2 : 0;
}

std::size_t skip_blanks(std::string_view text, std::size_t pos) {
  while (const std::size_t width = blank_at(text, pos)) pos += width;
  return pos;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/// PostgreSQL ends a line comment at either of them.
std::size_t line_end(std::string_view text, std::size_t pos) {
  return std::min(text.find_first_of("\n\r", pos), text.size());
}

/// The offset behind a block comment, which may hold others; the end if it is never closed.
std::size_t skip_block_comment(std::string_view text, std::size_t pos) {
  std::size_t depth = 0;
  while (pos < text.size()) {
    if (text.substr(pos, 2) == "/*") {
      ++depth;
      pos += 2;
    } else if (text.substr(pos, 2) == "*/") {
      pos += 2;
      if (--depth == 0) return pos;
    } else {
      ++pos;
    }
  }
  return pos;
}

/// The offset behind "--", blanks, "headway", blanks, ":" if `text` holds that at `pos`.
std::optional<std::size_t> skip_marker(std::string_view text, std::size_t pos) {
  if (text.substr(pos, 2) != "--") return std::nullopt;
  pos = skip_blanks(text, pos + 2);
  if (text.substr(pos, kMarker.size()) != kMarker) return std::nullopt;
  pos = skip_blanks(text, pos + kMarker.size());
  if (pos >= text.size() || text[pos] != ':') return std::nullopt;
  return pos + 1;
}

Location location_at(std::string_view text, const std::string& file, std::size_t offset) {
  Location where{file, 1, 1};
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++where.line;
      where.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {  // not a continuation byte
      ++where.column;
    }
  }
  return where;
}

struct Token {
  std::string_view key;
  std::optional<std::string_view> value;
  std::size_t key_offset = 0;
  std::size_t value_offset = 0;
};

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  /// All key=value of the leading block, in order.  Afterwards end() is where the block ends.
  std::vector<Token> scan() {
    std::vector<Token> tokens;
    while (pos_ < text_.size()) {
      if (is_space(text_[pos_])) {
        ++pos_;
      } else if (text_.substr(pos_, 2) == "/*") {
        pos_ = skip_block_comment(text_, pos_);
      } else if (text_.substr(pos_, 2) == "--") {
        const std::size_t end = line_end(text_, pos_);
        if (const auto body = skip_marker(text_.substr(0, end), pos_)) {
          scan_line(*body, end, tokens);
        }
        pos_ = end;
      } else {
        break;
      }
    }
    return tokens;
  }

  [[nodiscard]] std::size_t end() const { return pos_; }

  [[nodiscard]] Error error(ErrorId id, std::size_t offset, std::string message) const {
    return Error(id, std::move(message)).at(location_at(text_, file_, offset));
  }

 private:
  void scan_line(std::size_t pos, std::size_t end, std::vector<Token>& tokens) const {
    const std::string_view line = text_.substr(0, end);
    const std::size_t before = tokens.size();
    for (pos = skip_blanks(line, pos); pos < end; pos = skip_blanks(line, pos)) {
      Token token;
      token.key_offset = pos;
      while (pos < end && line[pos] != '=' && blank_at(line, pos) == 0) ++pos;
      token.key = line.substr(token.key_offset, pos - token.key_offset);
      if (const std::size_t equals = skip_blanks(line, pos); equals < end && line[equals] == '=') {
        pos = scan_value(line, skip_blanks(line, equals + 1), token);
      }
      tokens.push_back(token);
    }
    if (tokens.size() == before) {
      throw error(ErrorId::BadDirective, pos_, "this directive line names no directive");
    }
  }

  std::size_t scan_value(std::string_view line, std::size_t pos, Token& token) const {
    token.value_offset = pos;
    if (pos < line.size() && line[pos] == '"') {
      const std::size_t close = line.find('"', pos + 1);
      if (close == std::string_view::npos) {
        throw error(ErrorId::BadDirective, pos,
                    fmt::format("the value of {} lacks its closing quote", token.key));
      }
      token.value = line.substr(pos + 1, close - pos - 1);
      ++token.value_offset;
      pos = close + 1;
      if (pos < line.size() && blank_at(line, pos) == 0) {
        throw error(ErrorId::BadDirective, pos,
                    fmt::format("a blank is missing after the quoted value of {}", token.key));
      }
      return pos;
    }
    while (pos < line.size() && blank_at(line, pos) == 0) ++pos;
    token.value = line.substr(token.value_offset, pos - token.value_offset);
    return pos;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t pos_ = 0;
};

// ---- what the keys mean ----

constexpr unsigned kUp = 1;
constexpr unsigned kDown = 2;
constexpr unsigned kRepeatable = 4;

struct Known {
  std::string_view key;
  unsigned roles;
};

constexpr std::array kKnown{
    Known{"transaction", kUp | kDown | kRepeatable},
    Known{"after", kUp},
    Known{"version", kUp},
    Known{"phase", kUp},
    Known{"lock_timeout", kUp | kDown | kRepeatable},
    Known{"statement_timeout", kUp | kDown | kRepeatable},
    Known{"environments", kUp | kRepeatable},
    Known{"irreversible", kUp},
};

unsigned bit_of(FileRole role) {
  switch (role) {
    case FileRole::Up: return kUp;
    case FileRole::Down: return kDown;
    case FileRole::Repeatable: return kRepeatable;
  }
  return kUp;
}

std::string_view noun_of(FileRole role) {
  switch (role) {
    case FileRole::Up: return "an up file";
    case FileRole::Down: return "a down file";
    case FileRole::Repeatable: return "a repeatable";
  }
  return "this file";
}

std::vector<std::string_view> keys_for(FileRole role) {
  std::vector<std::string_view> keys;
  for (const Known& known : kKnown) {
    if ((known.roles & bit_of(role)) != 0) keys.push_back(known.key);
  }
  return keys;
}

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({substitute, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

std::string unknown_directive(std::string_view key) {
  std::string message = fmt::format("unknown directive \"{}\"", key);
  if (key.size() <= 32) {  // else it is not a slip of the finger
    const auto* const best = std::ranges::min_element(
        kKnown, {}, [key](const Known& known) { return distance(key, known.key); });
    const std::size_t allowed = key.size() < 5 ? 1 : 3;
    if (distance(key, best->key) <= allowed) {
      message += fmt::format("; did you mean \"{}\"?", best->key);
    }
  }
  std::vector<std::string_view> all;
  for (const Known& known : kKnown) all.push_back(known.key);
  return message + fmt::format(" (there are: {})", fmt::join(all, ", "));
}

/// Gives each token its meaning.
class Reader {
 public:
  Reader(const Scanner& scanner, FileRole role) : scanner_(scanner), role_(role) {}

  void take(const Token& token) {
    const auto* const known = std::ranges::find(kKnown, token.key, &Known::key);
    if (known == kKnown.end()) {
      throw scanner_.error(ErrorId::UnknownDirective, token.key_offset,
                           unknown_directive(token.key));
    }
    if ((known->roles & bit_of(role_)) == 0) {
      throw scanner_
          .error(ErrorId::BadDirective, token.key_offset,
                 fmt::format("{} has no effect in {}; it understands {}", token.key, noun_of(role_),
                             fmt::join(keys_for(role_), ", ")))
          .next("Move the directive to the up file, or remove it.");
    }
    if (std::ranges::find(seen_, token.key) != seen_.end()) {
      throw scanner_
          .error(ErrorId::BadDirective, token.key_offset,
                 fmt::format("{} is given twice", token.key))
          .next("Leave one of them.");
    }
    seen_.push_back(token.key);
    assign(token);
  }

  [[nodiscard]] Directives finish() && { return std::move(directives_); }

 private:
  void assign(const Token& token) {
    if (token.key == "irreversible") {
      if (token.value) throw bad(token, "irreversible takes no value");
      directives_.irreversible = true;
      return;
    }
    if (!token.value || token.value->empty()) {
      throw scanner_.error(ErrorId::BadDirective, token.key_offset,
                           fmt::format("{0} needs a value: {0}=...", token.key));
    }
    if (token.key == "transaction") {
      directives_.transaction = transaction(token);
    } else if (token.key == "after") {
      directives_.after = after(token);
    } else if (token.key == "version") {
      directives_.version = version(token);
    } else if (token.key == "phase") {
      directives_.phase = phase(token);
    } else if (token.key == "lock_timeout") {
      directives_.lock_timeout = timeout(token);
    } else if (token.key == "statement_timeout") {
      directives_.statement_timeout = timeout(token);
    } else {
      for (const auto name : list(token)) directives_.environments.emplace_back(name);
    }
  }

  [[nodiscard]] Error bad(const Token& token, std::string message) const {
    return scanner_.error(ErrorId::BadDirective,
                          token.value ? token.value_offset : token.key_offset, std::move(message));
  }

  [[nodiscard]] Transaction transaction(const Token& token) const {
    if (*token.value == "none") return Transaction::None;
    if (*token.value == "each") return Transaction::Each;
    throw bad(token, fmt::format("transaction is none or each, not \"{}\"", *token.value));
  }

  [[nodiscard]] Phase phase(const Token& token) const {
    if (*token.value == "expand") return Phase::Expand;
    if (*token.value == "contract") return Phase::Contract;
    throw bad(token, fmt::format("phase is expand or contract, not \"{}\"", *token.value));
  }

  [[nodiscard]] std::chrono::milliseconds timeout(const Token& token) const {
    const auto value = parse_duration(*token.value);
    if (!value) {
      throw bad(token,
                fmt::format("{} is not a duration; write {}=250ms, 3s, 10m, 1h, or 0 for none",
                            *token.value, token.key));
    }
    if (value->count() > std::numeric_limits<std::int32_t>::max()) {
      throw bad(token, fmt::format("{} is longer than PostgreSQL allows (24 days)", *token.value));
    }
    return *value;
  }

  [[nodiscard]] Version version(const Token& token) const {
    const std::string text(*token.value);
    // A version that reads as another kind of target could never be named on the command line.
    if (text[0] == '+' || text[0] == '-' || parse_target(text).kind != Target::Kind::Version) {
      throw bad(token, fmt::format("\"{}\" can't be a version: as a target it means something else",
                                   text));
    }
    if (text.find(',') != std::string::npos) {
      throw bad(token, "a version can't hold a comma: after= could not name it");
    }
    return Version(text);
  }

  [[nodiscard]] std::vector<std::string_view> list(const Token& token) const {
    std::vector<std::string_view> items;
    std::string_view rest = *token.value;
    for (;;) {
      const std::size_t comma = rest.find(',');
      std::string_view item = rest.substr(0, comma);
      while (blank_at(item, 0) != 0) item.remove_prefix(blank_at(item, 0));
      while (!item.empty() && is_space(item.back())) item.remove_suffix(1);
      if (item.empty()) {
        throw bad(token, fmt::format("{0} has an empty item; write {0}=one,two without blanks, or "
                                     "in double quotes",
                                     token.key));
      }
      if (std::ranges::find(items, item) != items.end()) {
        throw bad(token, fmt::format("{} names {} twice", token.key, item));
      }
      items.push_back(item);
      if (comma == std::string_view::npos) return items;
      rest.remove_prefix(comma + 1);
    }
  }

  [[nodiscard]] std::vector<Version> after(const Token& token) const {
    std::vector<Version> versions;
    for (const auto item : list(token)) {
      Version parent{std::string(item)};
      if (std::ranges::find(versions, parent) != versions.end()) {
        throw bad(token, fmt::format("after names {} twice", item));
      }
      versions.push_back(std::move(parent));
    }
    const bool base = std::ranges::find(versions, Version(std::string(kBase))) != versions.end();
    if (base && versions.size() > 1) {
      throw bad(token, "after=base means that nothing comes before; it can't name others too");
    }
    return versions;
  }

  const Scanner& scanner_;
  FileRole role_;
  std::vector<std::string_view> seen_;
  Directives directives_;
};

}  // namespace

Directives parse_directives(std::string_view text, const std::string& file, FileRole role) {
  Scanner scanner(text, file);
  const std::vector<Token> tokens = scanner.scan();
  Reader reader(scanner, role);
  for (const Token& token : tokens) reader.take(token);
  return std::move(reader).finish();
}

std::optional<Location> late_directive(std::string_view text, const std::string& file) {
  std::optional<std::size_t> end;  // of the leading block: looked for only if it matters
  for (std::size_t hit = text.find(kMarker); hit != std::string_view::npos;
       hit = text.find(kMarker, hit + 1)) {
    const std::size_t line = hit == 0 ? 0 : text.find_last_of("\n\r", hit - 1) + 1;
    const std::size_t begin = skip_blanks(text, line);
    if (begin > hit || !skip_marker(text, begin)) continue;
    if (!end) {
      Scanner scanner(text, file);
      static_cast<void>(scanner.scan());
      end = scanner.end();
    }
    if (begin >= *end) return location_at(text, file, begin);
  }
  return std::nullopt;
}

Location directive_location(std::string_view text, const std::string& file, std::string_view key) {
  Scanner scanner(text, file);
  for (const Token& token : scanner.scan()) {
    if (token.key == key) return location_at(text, file, token.key_offset);
  }
  return {file, 0, 0};
}

bool only_comments(std::string_view text) {
  for (std::size_t pos = 0; pos < text.size();) {
    if (is_space(text[pos]) || text[pos] == ';') {
      ++pos;
    } else if (text.substr(pos, 2) == "/*") {
      pos = skip_block_comment(text, pos);
    } else if (text.substr(pos, 2) == "--") {
      pos = line_end(text, pos);
    } else {
      return false;
    }
  }
  return true;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds{0};
  std::int64_t number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits == 12) return std::nullopt;  // 12 digits of hours still fit in milliseconds
    number = number * 10 + (text[digits] - '0');
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  const std::string_view unit = text.substr(digits);
  if (unit == "ms") return std::chrono::milliseconds{number};
  if (unit == "s") return std::chrono::seconds{number};
  if (unit == "m") return std::chrono::minutes{number};
  if (unit == "h") return std::chrono::hours{number};
  return std::nullopt;
}

}  // namespace headway::migration
