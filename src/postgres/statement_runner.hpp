// Runs one statement of a migration, whatever it answers: rows one by one and dropped, COPY data in
// both directions, several results.
#pragma once
#include <string>

#include "engine/script.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// Throws Error with the place in the file.
void run_statement(Wire& wire, const engine::PreparedStatement& statement, const std::string& path);

}  // namespace headway::postgres
