// Runs one statement of a migration, whatever it answers: rows one by one and dropped, COPY data in
// both directions, several results.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "engine/script.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// How a text reaches the server: as a query that may hold several commands, or as one to be
/// prepared, which the server refuses (42601) if it finds more than one command in it.
enum class Protocol { Simple, OneCommand };

/// Returns how many rows it touched or returned, if its tag tells.  Throws Error with the place in
/// the file.
std::optional<std::uint64_t> run_statement(Wire& wire, const engine::PreparedStatement& statement,
                                           const std::string& path, Protocol protocol);

}  // namespace headway::postgres
