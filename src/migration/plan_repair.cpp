#include "migration/plan.hpp"

namespace headway::migration {

Repair plan_repair(const Source& source, const History& history) {
  const Reconciliation state = reconcile(source, history);
  Repair repair;
  for (const auto& edited : state.edited) {
    repair.rechecks.push_back({edited.row, edited.migration->up.checksum});
  }
  repair.half_applied = state.unfinished;
  return repair;
}

}  // namespace headway::migration
