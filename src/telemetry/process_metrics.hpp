// The process_* metrics that Prometheus' client libraries share, read from /proc when asked for.
#pragma once
#include <prometheus/metric_family.h>

#include <vector>

namespace headway::telemetry {

/// Leaves out what can't be read.
[[nodiscard]] std::vector<prometheus::MetricFamily> process_metrics();

}  // namespace headway::telemetry
