// Executes steps that can't be one transaction (`transaction=none`), so that after any end, also of
// the process, the next run knows how far they came: the row says `running` or `failed`, and its
// journal holds a hash for every finished statement.
#pragma once
#include "engine/executor.hpp"

namespace headway::engine {

/// Apply, Resume, Revert or Repeat.  REQUIRES: work.script.  Throws Error:
/// - HalfApplied: what was done can't be told; the row stays as it is;
/// - ConnectionLost, OutcomeUnknown: the next plan goes on from the journal;
/// - others: a statement failed cleanly; the row is `failed`, the event is written.
Microseconds execute_stepwise(Workplace& place, const Work& work);

}  // namespace headway::engine
