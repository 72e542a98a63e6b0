// Where the server's programs are: $HEADWAY_PG_BINDIR, else the newest of Debian's
// /usr/lib/postgresql/<14..18>/bin, else PATH.
#pragma once
#include <string>
#include <string_view>

namespace headway::testing {

/// Empty if there is no server to be had.
[[nodiscard]] std::string postgres_bindir();
/// The path of "initdb", "pg_dump" ...; throws std::runtime_error if it is not there.
[[nodiscard]] std::string postgres_program(std::string_view name);

}  // namespace headway::testing
