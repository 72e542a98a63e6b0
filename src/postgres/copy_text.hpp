// The text format of COPY .. TO STDOUT, in which the server answers without planning a query. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace headway::postgres {

/// The columns of one line, as the server sent it; a NULL is empty.
[[nodiscard]] std::vector<std::string> copied_row(std::string_view line);

/// Nothing for what is no integer, or too large.
[[nodiscard]] std::optional<int> copied_integer(std::string_view text);

/// A timestamp with time zone as the server writes it with DateStyle ISO; nothing for one that is
/// no point in time, or not of our era.
[[nodiscard]] std::optional<Timestamp> copied_timestamp(std::string_view text);

}  // namespace headway::postgres
