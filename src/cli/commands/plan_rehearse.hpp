// `plan --execute --on-live-database`: what is pending, run where it is to run, and rolled back.
#pragma once
#include "cli/dry_run.hpp"
#include "cli/invocation.hpp"
#include "migration/source.hpp"
#include "migration/target.hpp"

namespace headway::cli::commands {

/// Throws Error Unconfirmed and Pooler, before anything is connected to.
void refuse_rehearsal(const Settings& settings);

/// What a migration does wrong, and what it had to give way to, is in the result; throws Error for
/// what keeps it from being tried.
[[nodiscard]] DryRun rehearse_on_live_database(const Invocation& invocation,
                                               const migration::Source& source,
                                               const migration::Target& target);

}  // namespace headway::cli::commands
