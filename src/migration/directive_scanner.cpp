#include "migration/directive_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headway::migration {
namespace {

constexpr std::string_view kMarker = "headway";

std::size_t skip_blanks(std::string_view text, std::size_t pos) {
  while (const std::size_t width = blank_at(text, pos)) pos += width;
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

}  // namespace

std::size_t blank_at(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return 0;
  const char c = text[pos];
  if (c == ' ' || c == '\t' || c == '\f' || c == '\v') return 1;
  return text.substr(pos, 2) == "\xC2\xA0" ? 2 : 0;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

std::size_t line_end(std::string_view text, std::size_t pos) {
  return std::min(text.find_first_of("\n\r", pos), text.size());
}

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

std::vector<DirectiveToken> DirectiveScanner::scan() {
  std::vector<DirectiveToken> tokens;
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

Location DirectiveScanner::location(std::size_t offset) const {
  return location_at(text_, file_, offset);
}

Error DirectiveScanner::error(ErrorId id, std::size_t offset, std::string message) const {
  return Error(id, std::move(message)).at(location(offset));
}

void DirectiveScanner::scan_line(std::size_t pos, std::size_t end,
                                 std::vector<DirectiveToken>& tokens) const {
  const std::string_view line = text_.substr(0, end);
  const std::size_t before = tokens.size();
  for (pos = skip_blanks(line, pos); pos < end; pos = skip_blanks(line, pos)) {
    DirectiveToken token;
    token.key_offset = pos;
    token.line = pos_;
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

std::size_t DirectiveScanner::scan_value(std::string_view line, std::size_t pos,
                                         DirectiveToken& token) const {
  token.value_offset = pos;
  if (token.key == "batch" || token.key == "key") {  // names as SQL has them, quoted or not
    for (bool quoted = false; pos < line.size() && (quoted || blank_at(line, pos) == 0); ++pos) {
      if (line[pos] == '"') quoted = !quoted;
    }
    token.value = line.substr(token.value_offset, pos - token.value_offset);
    return pos;
  }
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

bool is_batch_key(std::string_view key) noexcept {
  return key == "batch" || key == "key" || key == "size" || key == "pause";
}

bool is_batch_line(std::span<const DirectiveToken> line) noexcept {
  return std::ranges::any_of(line,
                             [](const DirectiveToken& token) { return token.key == "batch"; });
}

std::optional<std::size_t> find_directive_line(std::string_view text, std::size_t from) {
  for (std::size_t hit = text.find(kMarker, from); hit != std::string_view::npos;
       hit = text.find(kMarker, hit + 1)) {
    const std::size_t line = hit == 0 ? 0 : text.find_last_of("\n\r", hit - 1) + 1;
    const std::size_t begin = skip_blanks(text, line);
    if (begin <= hit && skip_marker(text, begin)) return begin;
  }
  return std::nullopt;
}

}  // namespace headway::migration
