#include "migration/directives.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "migration/batch.hpp"
#include "migration/directive_scanner.hpp"
#include "migration/target.hpp"

namespace headway::migration {
namespace {

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
  all.emplace_back("batch");
  return message + fmt::format(" (there are: {})", fmt::join(all, ", "));
}

/// Gives each token its meaning.
class Reader {
 public:
  Reader(const DirectiveScanner& scanner, FileRole role) : scanner_(scanner), role_(role) {}

  void take(const DirectiveToken& token) {
    if (is_batch_key(token.key)) {
      throw scanner_
          .error(ErrorId::BadDirective, token.key_offset,
                 fmt::format("{} belongs to a batch, and no batch= is on its line", token.key))
          .next(
              "Write it all on one line: -- headway: batch=TABLE key=COLUMN size=1000 pause=50ms");
    }
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

  /// The line of a batch, whose words are read with its statement.
  void take_batch(const DirectiveToken& token) {
    if (role_ != FileRole::Up) throw batch_without_history(scanner_.location(token.key_offset));
    if (!batch_) batch_ = token;
  }

  [[nodiscard]] Directives finish() && {
    if (!batch_) return std::move(directives_);
    if (std::ranges::find(seen_, "transaction") != seen_.end() &&
        directives_.transaction == Transaction::Each) {
      throw scanner_
          .error(ErrorId::BadDirective, batch_->key_offset,
                 "a batch runs in transactions of its own, and transaction=each asks for one")
          .next("Remove transaction=each.");
    }
    directives_.transaction = Transaction::None;
    return std::move(directives_);
  }

 private:
  void assign(const DirectiveToken& token) {
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

  [[nodiscard]] Error bad(const DirectiveToken& token, std::string message) const {
    return scanner_.error(ErrorId::BadDirective,
                          token.value ? token.value_offset : token.key_offset, std::move(message));
  }

  [[nodiscard]] Transaction transaction(const DirectiveToken& token) const {
    if (*token.value == "none") return Transaction::None;
    if (*token.value == "each") return Transaction::Each;
    throw bad(token, fmt::format("transaction is none or each, not \"{}\"", *token.value));
  }

  [[nodiscard]] Phase phase(const DirectiveToken& token) const {
    if (*token.value == "expand") return Phase::Expand;
    if (*token.value == "contract") return Phase::Contract;
    throw bad(token, fmt::format("phase is expand or contract, not \"{}\"", *token.value));
  }

  [[nodiscard]] std::chrono::milliseconds timeout(const DirectiveToken& token) const {
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

  [[nodiscard]] Version version(const DirectiveToken& token) const {
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

  [[nodiscard]] std::vector<std::string_view> list(const DirectiveToken& token) const {
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

  [[nodiscard]] std::vector<Version> after(const DirectiveToken& token) const {
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

  const DirectiveScanner& scanner_;
  FileRole role_;
  std::vector<std::string_view> seen_;
  std::optional<DirectiveToken> batch_;
  Directives directives_;
};

}  // namespace

Directives parse_directives(std::string_view text, const std::string& file, FileRole role) {
  DirectiveScanner scanner(text, file);
  const std::vector<DirectiveToken> tokens = scanner.scan();
  Reader reader(scanner, role);
  for (std::size_t i = 0; i < tokens.size();) {
    std::size_t next = i;
    while (next < tokens.size() && tokens[next].line == tokens[i].line) ++next;
    if (is_batch_line({tokens.data() + i, next - i})) {
      reader.take_batch(tokens[i]);
      i = next;
    }
    for (; i < next; ++i) reader.take(tokens[i]);
  }
  return std::move(reader).finish();
}

namespace {

/// Those have a place of their own, and whoever runs the statements judges them.
bool is_batch_line_at(std::string_view text, const std::string& file, std::size_t line) {
  try {
    DirectiveScanner scanner(text.substr(0, line_end(text, line)), file, line);
    return is_batch_line(scanner.scan());
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::optional<Location> late_directive(std::string_view text, const std::string& file) {
  std::optional<std::size_t> end;  // of the leading block: looked for only if it matters
  for (auto line = find_directive_line(text, 0); line;
       line = find_directive_line(text, line_end(text, *line))) {
    if (!end) {
      DirectiveScanner scanner(text, file);
      static_cast<void>(scanner.scan());
      end = scanner.end();
    }
    if (*line >= *end && !is_batch_line_at(text, file, *line))
      return location_at(text, file, *line);
  }
  return std::nullopt;
}

Location directive_location(std::string_view text, const std::string& file, std::string_view key) {
  DirectiveScanner scanner(text, file);
  for (const DirectiveToken& token : scanner.scan()) {
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
