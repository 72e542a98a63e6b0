#include "engine/connecting.hpp"
#include "engine/locking.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

bool init(Context& context) {
  const Stopping stopping(context.stop);
  Session session(context.observer);
  session.use(connect(context, stopping, Needs::Writing));
  Milliseconds waited{};
  acquire_lock(context, stopping, session, nullptr, waited);
  const HistorySnapshot before = session.connection().read_history();
  // Also where nothing is missing: it grants to --history-readers and checks the owner.
  session.connection().ensure_tables();
  return !(before.exists && before.complete);
}

}  // namespace headway::engine
