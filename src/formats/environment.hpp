// Variables in a text, as goose replaces them between ENVSUB ON and OFF.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headway::formats {

using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// $NAME, ${NAME}, ${NAME:-default} (unset or empty), ${NAME-default} (unset); $$ and \$ are a
/// dollar sign.  What is not set is empty.
[[nodiscard]] std::string with_variables(std::string_view text, const Variables& variable);

}  // namespace headway::formats
