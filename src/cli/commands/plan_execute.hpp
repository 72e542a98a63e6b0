// `plan --execute`: what is pending, run for a trial.
#pragma once
#include "cli/commands/inspect.hpp"
#include "cli/dry_run.hpp"
#include "migration/plan.hpp"

namespace headway::cli::commands {

/// Runs a plan that is not empty by the runner that `upgrade` has, in a scratch database.  What a
/// migration does wrong is in the result; throws Error for what keeps it from being tried.
[[nodiscard]] DryRun execute_in_scratch(const Invocation& invocation, const Inspection& inspection,
                                        const migration::Target& target);

}  // namespace headway::cli::commands
