// What the commands do with --targets.
#pragma once
#include <functional>

#include "cli/invocation.hpp"
#include "migration/source.hpp"
#include "migration/target.hpp"

namespace headway::cli::commands {

int upgrade_many(const Invocation& invocation);
int downgrade_many(const Invocation& invocation);
int status_many(const Invocation& invocation);
int plan_many(const Invocation& invocation);
int check_many(const Invocation& invocation);
/// `source_for`: reads the source that the target needs.
int wait_many(const Invocation& invocation,
              const std::function<migration::Source(const migration::Target&)>& source_for);

}  // namespace headway::cli::commands
