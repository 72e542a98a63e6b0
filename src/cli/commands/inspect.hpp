// What the commands that only read have in common.
#pragma once
#include <memory>

#include "cli/runtime.hpp"

namespace headway::cli::commands {

/// A source and a database's report on it; kept together because the report points into the source.
struct Inspection {
  migration::Source source;
  std::unique_ptr<engine::StatusReport> report;
};

/// Throws Error.
[[nodiscard]] std::unique_ptr<Inspection> inspect(const Invocation& invocation);

/// 30 if --exit-code was given and something is pending, else 0.
[[nodiscard]] int pending_exit_code(const Settings& settings, bool pending);

}  // namespace headway::cli::commands
