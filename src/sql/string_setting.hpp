// Finds out whether a statement takes standard_conforming_strings away, without which a backslash
// in '..' escapes, and everything behind it would be cut in other places than the server cuts it.
#pragma once
#include <string_view>

#include "sql/scanner.hpp"

namespace headway::sql {

/// Whether `token`, of a statement or of the body of a DO, may name the setting.  Cheap: for nearly
/// all tokens their length answers it.
[[nodiscard]] bool may_name_string_setting(const Token& token, std::string_view text) noexcept;

/// SET, RESET or set_config() with anything but a literal "on", also in the body of a DO.  What is
/// set for a role, a database or a function does not concern this session.
[[nodiscard]] bool changes_string_setting(std::string_view statement);

}  // namespace headway::sql
