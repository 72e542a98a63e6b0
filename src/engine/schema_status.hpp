// The figures about a schema that metrics and status show.
#pragma once
#include "engine/observer.hpp"
#include "migration/plan.hpp"

namespace headway::engine {

/// Whether somebody is at work on the migrations that the history calls running.
enum class AtWork { Somebody, Nobody };

/// Pending is what an upgrade of these phases would run.  A running migration that nobody is at
/// work on is a half-applied one.
[[nodiscard]] SchemaStatus schema_status(const migration::Source& source,
                                         const migration::History& history,
                                         const migration::Reconciliation& reconciliation,
                                         migration::Phases phases, AtWork at_work);

/// Asks the server where the history leaves it open.
[[nodiscard]] AtWork at_work(Connection& connection,
                             const migration::Reconciliation& reconciliation);

/// Throws PermissionDenied if the source has repeatables and it can't be told which were applied.
void require_repeatables(const HistorySnapshot& snapshot, const migration::Source& source);

/// "0007", "0007,0009": versions for people.
[[nodiscard]] std::string join(const std::vector<migration::Version>& versions);

}  // namespace headway::engine
