// What a run over many targets prints.
#pragma once
#include <boost/json/object.hpp>
#include <string>

#include "cli/fleet.hpp"
#include "cli/text.hpp"

namespace headway::cli {

enum class FleetView {
  Run,     ///< what was done
  Check,   ///< who is not as it should be
  Plan,    ///< what would be done
  Status,  ///< where each stands
};

/// Those that failed with what happened, and the counts; before that, for Plan and Status, a line
/// for each target.
[[nodiscard]] std::string fleet_text(const FleetReport& report, FleetView view, const Paint& paint);
[[nodiscard]] boost::json::object fleet_json(const FleetReport& report);
/// "30 targets: 29 ok, 1 failed"
[[nodiscard]] std::string fleet_counts(const FleetReport& report);

}  // namespace headway::cli
