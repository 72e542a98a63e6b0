// What a constant stands for: the text between its quotes with doubled quotes and escapes undone.
#pragma once
#include <string>
#include <string_view>

namespace headway::sql {

/// `token`: a String or Dollar token as written.  An escape that makes no sense stays as it is.
[[nodiscard]] std::string decode_string(std::string_view token);

/// The text between a Dollar token's tags.
[[nodiscard]] std::string_view dollar_body(std::string_view token) noexcept;

}  // namespace headway::sql
