// What upgrade, downgrade, redo and stamp have in common: load, run, publish, tell.
#pragma once
#include <functional>

#include "cli/invocation.hpp"
#include "engine/use_cases.hpp"

namespace headway::cli::commands {

using UseCase = std::function<engine::RunReport(engine::Context&, const migration::Source&)>;

/// Whether a failed run may count as done in a lenient environment.
enum class Leniency { Never, Allowed };

[[nodiscard]] int execute(const Invocation& invocation, Leniency leniency, const UseCase& use_case);

}  // namespace headway::cli::commands
