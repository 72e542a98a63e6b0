#include <fmt/format.h>

#include "engine/adoption.hpp"
#include "engine/connecting.hpp"
#include "engine/schema_status.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

namespace {

/// Not everybody who may read the history may read the events, and the answer does not depend on
/// it.
std::optional<EventRow> last_failure(Connection& connection) {
  try {
    return connection.last_failure();
  } catch (const Error& error) {
    if (error.id() != ErrorId::PermissionDenied) throw;
    return std::nullopt;
  }
}

}  // namespace

std::unique_ptr<StatusReport> status(Context& context, const migration::Source& source) {
  const Stopping stopping(context.stop);
  const auto connection = connect(context, stopping, Needs::Reading);
  auto report = std::make_unique<StatusReport>();
  report->server = connection->server();
  report->snapshot = connection->read_history();
  require_repeatables(report->snapshot, source);
  if (report->snapshot.exists) report->last_error = last_failure(*connection);
  if (report->snapshot.history.empty()) {
    if (auto found = find_adoptable(*connection, source, context.settings.adopt)) {
      report->snapshot.history = std::move(found->history);
      report->adoptable = fmt::format("{}, {}", formats::format_info(found->table.format).title,
                                      found->table.table.text());
    }
  }
  report->reconciliation = migration::reconcile(source, report->snapshot.history);
  report->schema =
      schema_status(source, report->snapshot.history, report->reconciliation,
                    context.settings.policy.phases, at_work(*connection, report->reconciliation));
  context.observer.schema_status(report->schema);
  return report;
}

}  // namespace headway::engine
