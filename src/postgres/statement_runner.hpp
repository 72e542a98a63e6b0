// Runs one statement of a migration, whatever it answers: rows one by one and dropped, COPY data in
// both directions, several results.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "engine/script.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// Returns how many rows it touched or returned, if its tag tells.  Throws Error with the place in
/// the file.
std::optional<std::uint64_t> run_statement(Wire& wire, const engine::PreparedStatement& statement,
                                           const std::string& path);

}  // namespace headway::postgres
