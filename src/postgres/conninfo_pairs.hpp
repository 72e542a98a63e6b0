// libpq's "key=value key='other value'" form.
#pragma once
#include <string_view>
#include <vector>

#include "postgres/conninfo_parameters.hpp"

namespace headway::postgres {

/// Throws Error BadDatabaseUrl.
[[nodiscard]] std::vector<Parameter> parse_pairs(std::string_view text, std::string_view source);

}  // namespace headway::postgres
