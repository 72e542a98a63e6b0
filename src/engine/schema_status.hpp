// The figures about a schema that metrics and status show.
#pragma once
#include "engine/observer.hpp"
#include "migration/plan.hpp"

namespace headway::engine {

[[nodiscard]] SchemaStatus schema_status(const migration::Source& source,
                                         const migration::History& history,
                                         const migration::Reconciliation& reconciliation);

/// "0007", "0007,0009": versions for people.
[[nodiscard]] std::string join(const std::vector<migration::Version>& versions);

}  // namespace headway::engine
