#include "migration/batch.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <vector>

#include "migration/directive_scanner.hpp"
#include "migration/directives.hpp"

namespace headway::migration {
namespace {

constexpr std::string_view kEntry = "batch:";
constexpr std::size_t kLargestSize = 1'000'000;

/// How many names a dot apart `text` is, each quoted or not; 0: it is none.
std::size_t count_names(std::string_view text) {
  const auto letter = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte | 0x20U) - 'a' < 26U || c == '_' || byte >= 0x80;
  };
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || c == '$'; };
  std::size_t names = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (names > 0 && text[at++] != '.') return 0;
    const std::size_t begin = at;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && (text[at] != '"' || text.substr(at, 2) == "\"\"");) {
        at += text[at] == '"' ? 2 : 1;
      }
      if (at >= text.size() || at == begin + 1) return 0;
      ++at;
    } else {
      while (at < text.size() && (letter(text[at]) || (at > begin && digit(text[at])))) ++at;
      if (at == begin) return 0;
    }
    ++names;
  }
  return text.ends_with('.') ? 0 : names;
}

class Reader {
 public:
  void take(const DirectiveScanner& scanner, const DirectiveToken& token) {
    const auto bad = [&](std::size_t offset, std::string message) {
      return scanner.error(ErrorId::BadDirective, offset, std::move(message));
    };
    if (!is_batch_key(token.key)) {
      throw bad(token.key_offset,
                fmt::format("{} can't stand on the line of a batch, which holds batch, key, size "
                            "and pause",
                            token.key))
          .next("Give it a directive line of its own, at the top of the file.");
    }
    if (!token.value || token.value->empty()) {
      throw bad(token.key_offset, fmt::format("{0} needs a value: {0}=...", token.key));
    }
    for (const std::string_view key : seen_) {
      if (key == token.key) throw bad(token.key_offset, fmt::format("{} is given twice", key));
    }
    seen_.push_back(token.key);
    const std::string_view value = *token.value;
    const auto bad_value = [&](std::string_view expected) {
      return bad(token.value_offset, fmt::format("{}={} is not {}", token.key, value, expected));
    };
    const Location value_at = scanner.location(token.value_offset);
    if (token.key == "batch") {
      const std::size_t names = count_names(value);
      if (names == 0 || names > 2) throw bad_value("a table's name, as SQL has it");
      batch_.table = value;
      batch_.table_at = value_at;
    } else if (token.key == "key") {
      if (count_names(value) != 1) throw bad_value("one column's name, as SQL has it");
      batch_.key = value;
      batch_.key_at = value_at;
    } else if (token.key == "size") {
      const auto [stop, error] =
          std::from_chars(value.data(), value.data() + value.size(), batch_.size);
      if (error != std::errc{} || stop != value.data() + value.size() || batch_.size == 0 ||
          batch_.size > kLargestSize) {
        throw bad_value(fmt::format("a number of rows from 1 to {}", kLargestSize));
      }
    } else {
      const auto pause = parse_duration(value);
      if (!pause) throw bad_value("a duration such as 50ms, 2s or 0");
      batch_.pause = *pause;
    }
  }

  [[nodiscard]] Batch finish(const DirectiveScanner& scanner, std::size_t line) && {
    if (batch_.key.empty()) {
      throw scanner.error(ErrorId::BadDirective, line,
                          fmt::format("batch={0} needs the column that its ranges are cut by: "
                                      "batch={0} key=...",
                                      batch_.table));
    }
    return std::move(batch_);
  }

 private:
  std::vector<std::string_view> seen_;
  Batch batch_;
};

}  // namespace

std::optional<Batch> batch_directive(std::string_view text, const std::string& file,
                                     std::size_t begin, std::size_t end) {
  const std::string_view before = text.substr(0, end);
  std::optional<Batch> found;
  for (std::size_t at = begin; at < end;) {
    DirectiveScanner scanner(before, file, at);
    const std::vector<DirectiveToken> tokens = scanner.scan();
    for (std::size_t i = 0; i < tokens.size();) {
      const std::size_t line = tokens[i].line;
      std::size_t next = i;
      while (next < tokens.size() && tokens[next].line == line) ++next;
      if (is_batch_line({tokens.data() + i, next - i})) {
        if (found) {
          throw scanner
              .error(ErrorId::BadDirective, line,
                     "this statement has two batch directives above it")
              .next("Leave one of them; each batch is one statement.");
        }
        Reader reader;
        for (; i < next; ++i) reader.take(scanner, tokens[i]);
        found = std::move(reader).finish(scanner, line);
      }
      i = next;
    }
    at = scanner.end() + 1;  // a semicolon
  }
  return found;
}

Error batch_without_history(Location where) {
  return Error(ErrorId::BadDirective,
               "a batch can't stand here: only an up file has a row in the history that remembers "
               "how far it has come")
      .at(std::move(where))
      .next("Make it an up file of its own.");
}

std::string journal_entry(const BatchProgress& progress) {
  std::string key;
  for (const char c : progress.last_key)
    key += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return fmt::format("{}{}:{}:{}:{}:{}", kEntry, progress.statement, progress.ranges, progress.rows,
                     progress.touched, key);
}

std::optional<BatchProgress> batch_progress(std::string_view journal_entry) {
  if (!journal_entry.starts_with(kEntry)) return std::nullopt;
  std::array<std::string_view, 5> parts;
  std::string_view rest = journal_entry.substr(kEntry.size());
  for (std::string_view& part : parts) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    part = rest.substr(0, colon);
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  BatchProgress out;
  const auto number = [](std::string_view text, auto& value, int base) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc{} && stop == text.data() + text.size();
  };
  out.statement = parts[0];
  bool understood = number(parts[1], out.ranges, 10) && number(parts[2], out.rows, 10) &&
                    number(parts[3], out.touched, 10) && parts[4].size() % 2 == 0;
  for (std::size_t i = 0; understood && i < parts[4].size(); i += 2) {
    unsigned byte = 0;
    understood = number(parts[4].substr(i, 2), byte, 16);
    out.last_key += static_cast<char>(byte);
  }
  if (understood && rest.empty()) return out;
  throw Error(ErrorId::HistoryCorrupt,
              fmt::format("the journal holds \"{}\", which is not how far a batch has come",
                          journal_entry));
}

std::string words(const BatchProgress& progress) {
  std::string out =
      fmt::format("{} range{} of keys", progress.ranges, progress.ranges == 1 ? "" : "s");
  if (progress.ranges == 0) return out;
  return out + fmt::format(" with {} row{}, up to the key {}", progress.rows,
                           progress.rows == 1 ? "" : "s", progress.last_key);
}

}  // namespace headway::migration
