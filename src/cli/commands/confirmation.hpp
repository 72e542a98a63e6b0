// Strict environments are asked twice before anything is taken back.
#pragma once
#include <functional>
#include <string_view>

#include "cli/invocation.hpp"
#include "migration/plan.hpp"

namespace headway::cli::commands {

/// Makes the plan of what would be taken back.
using WayBack = std::function<migration::Plan(const migration::Source&, const migration::History&)>;

/// Throws Error Unconfirmed if this environment wants --yes and has not got it.  `what` completes
/// the sentence "... needs --yes".  A database that answers soon is looked at, so that the error
/// lists what would go; what forbids the way back whatever is confirmed is thrown instead.
void require_confirmation(const Invocation& invocation, std::string_view what,
                          const WayBack& way_back);

}  // namespace headway::cli::commands
