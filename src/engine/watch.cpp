#include "engine/schema_status.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

SchemaStatus watch(Context& context, const migration::Source& source) {
  const Stopping stopping(context.stop);
  try {
    const auto connection = context.connector.connect(stopping.token());
    const HistorySnapshot snapshot = connection->read_history();
    context.observer.database_up(true);
    const migration::Reconciliation state = migration::reconcile(source, snapshot.history);
    context.observer.history_read(source, snapshot.history, state);
    SchemaStatus schema =
        schema_status(source, snapshot.history, state, at_work(*connection, state));
    context.observer.schema_status(schema);
    return schema;
  } catch (const Error&) {
    context.observer.database_up(false);
    throw;
  }
}

}  // namespace headway::engine
