// A statement that may be shown: constants become $1, $2 ..., comments go, blanks shrink to one.
// What is left holds no value from the user's data, so no password either.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace headway::sql {

/// `limit`: in characters; a longer text ends with an ellipsis.  Never throws on odd input: what
/// can't be understood any more (an open quote) is left out.
[[nodiscard]] std::string normalize(std::string_view statement, std::size_t limit = 200);

/// Replaces by "***" in a server's message what the statement holds as a constant: one of 8
/// characters or more wherever it stands, one of 4 to 7 as a whole word only, a shorter one only
/// where the server quotes it.
[[nodiscard]] std::string redact(std::string_view message, std::string_view statement);

/// The name for PostgreSQL: quoted where it must be.
[[nodiscard]] std::string quote_identifier(std::string_view name);
[[nodiscard]] std::string quote_literal(std::string_view value);

}  // namespace headway::sql
