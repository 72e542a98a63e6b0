#include "engine/schema_status.hpp"
#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

namespace {

constexpr Milliseconds kLongestAttempt{10'000};

}  // namespace

SchemaStatus watch(Context& context, const migration::Source& source) {
  const Stopping stopping(context.stop);
  try {
    const auto connection = context.connector.connect(stopping.token(), kLongestAttempt);
    const HistorySnapshot snapshot = connection->read_history();
    require_repeatables(snapshot, source);
    context.observer.database_up(true);
    const migration::Reconciliation state = migration::reconcile(source, snapshot.history);
    context.observer.history_read(source, snapshot.history, state);
    SchemaStatus schema =
        schema_status(source, snapshot.history, state, context.settings.policy.phases,
                      at_work(*connection, state));
    context.observer.schema_status(schema);
    const bool at_target = schema.pending == 0 && !schema.dirty && schema.checksum_mismatches == 0;
    if (at_target) context.observer.state_changed(State::Done);  // whatever became of our own run
    return schema;
  } catch (const Error&) {
    context.observer.database_up(false);
    throw;
  }
}

}  // namespace headway::engine
