// Directive lines key by key, out of a text's comments.  What the keys mean stands elsewhere.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace headway::migration {

/// One key=value, or a key alone.
struct DirectiveToken {
  std::string_view key;
  std::optional<std::string_view> value;
  std::size_t key_offset = 0;
  std::size_t value_offset = 0;
  std::size_t line = 0;  ///< where its comment begins
};

class DirectiveScanner {
 public:
  /// Both outlive this.
  DirectiveScanner(std::string_view text, const std::string& file, std::size_t begin = 0)
      : text_(text), file_(file), pos_(begin) {}

  /// All key=value of the block of comments that begins here, in order; afterwards end() is where
  /// the block ends, at the first character that is neither white space nor part of a comment.
  /// Throws Error BadDirective.
  std::vector<DirectiveToken> scan();
  [[nodiscard]] std::size_t end() const noexcept { return pos_; }

  [[nodiscard]] Location location(std::size_t offset) const;
  [[nodiscard]] Error error(ErrorId id, std::size_t offset, std::string message) const;

 private:
  void scan_line(std::size_t pos, std::size_t end, std::vector<DirectiveToken>& tokens) const;
  std::size_t scan_value(std::string_view line, std::size_t pos, DirectiveToken& token) const;

  std::string_view text_;
  const std::string& file_;
  std::size_t pos_;
};

/// The keys of a batch's line; the others are the whole file's.
[[nodiscard]] bool is_batch_key(std::string_view key) noexcept;
/// Whether the tokens, those of one line, are a batch's.
[[nodiscard]] bool is_batch_line(std::span<const DirectiveToken> line) noexcept;

/// The offset of the next line behind `from` whose first words make it look like a directive, that
/// of its first character that is no blank; nothing if there is none.
[[nodiscard]] std::optional<std::size_t> find_directive_line(std::string_view text,
                                                             std::size_t from);

[[nodiscard]] Location location_at(std::string_view text, const std::string& file,
                                   std::size_t offset);

// ---- the characters between ----

/// Blanks within a line.  A no-break space comes along when a directive is pasted from a web page.
[[nodiscard]] std::size_t blank_at(std::string_view text, std::size_t pos);
[[nodiscard]] bool is_space(char c);
/// PostgreSQL ends a line comment at either of them.
[[nodiscard]] std::size_t line_end(std::string_view text, std::size_t pos);
/// The offset behind a block comment, which may hold others; the end if it is never closed.
[[nodiscard]] std::size_t skip_block_comment(std::string_view text, std::size_t pos);

}  // namespace headway::migration
