// Which statements must not be run in a transaction that is to leave nothing behind.  Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace headway::sql {

/// Why a rollback might not undo the statement, to follow "it"; nothing: it does, as far as its
/// words tell.  What a called function or a trigger does can't be seen.  In doubt it is refused: a
/// name of the kind counts also in quotes and in the body of a function.
[[nodiscard]] std::optional<std::string> outlives_rollback(std::string_view statement);

}  // namespace headway::sql
