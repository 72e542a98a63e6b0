// UTF-8 as PostgreSQL accepts it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once
#include <cstddef>
#include <string_view>

namespace headway::sql {

/// The offset of the first byte that a text for PostgreSQL must not hold, a NUL or one that is not
/// UTF-8; npos if there is none.
[[nodiscard]] std::size_t find_bad_byte(std::string_view text) noexcept;

/// Whether `text`, which find_bad_byte() finds bad, may be a character that goes on behind it.
[[nodiscard]] bool is_character_begun(std::string_view text) noexcept;

[[nodiscard]] constexpr bool is_continuation_byte(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace headway::sql
