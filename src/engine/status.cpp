#include "engine/connecting.hpp"
#include "engine/schema_status.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

std::unique_ptr<StatusReport> status(Context& context, const migration::Source& source) {
  const Stopping stopping(context.stop);
  const auto connection = connect(context, stopping, Needs::Reading);
  auto report = std::make_unique<StatusReport>();
  report->server = connection->server();
  report->snapshot = connection->read_history();
  if (report->snapshot.exists) report->last_error = connection->last_failure();
  report->reconciliation = migration::reconcile(source, report->snapshot.history);
  report->schema = schema_status(source, report->snapshot.history, report->reconciliation,
                                 at_work(*connection, report->reconciliation));
  context.observer.schema_status(report->schema);
  return report;
}

}  // namespace headway::engine
