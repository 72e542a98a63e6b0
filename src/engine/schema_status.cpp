#include "engine/schema_status.hpp"

#include <algorithm>

namespace headway::engine {

SchemaStatus schema_status(const migration::Source& source, const migration::History& history,
                           const migration::Reconciliation& reconciliation,
                           migration::Phases phases, AtWork at_work) {
  SchemaStatus status;
  status.current_version = history.last().text();
  const std::vector<migration::Version> heads = heads_of(source, phases);
  status.target_version = heads.empty() ? std::string(migration::kBase) : join(heads);
  status.applied = history.rows().size() - reconciliation.unfinished.size();
  for (const migration::Migration* migration : reconciliation.pending) {
    if (includes(phases, migration->phase)) ++status.pending;
  }
  // An upgrade would not run them where the database is ahead.
  const bool expands = includes(phases, migration::Phase::Expand);
  if (expands && !reconciliation.is_ahead())
    status.pending += reconciliation.repeatables_pending.size();
  status.checksum_mismatches = reconciliation.edited.size();
  for (const migration::HistoryRow* row : reconciliation.unfinished) {
    const bool running = row->state == migration::RowState::Running;
    if (!running || at_work == AtWork::Nobody) status.dirty = true;
  }
  status.ahead = reconciliation.is_ahead();
  return status;
}

AtWork at_work(Connection& connection, const migration::Reconciliation& reconciliation) {
  const bool running = std::ranges::any_of(reconciliation.unfinished, [](const auto* row) {
    return row->state == migration::RowState::Running;
  });
  if (!running) return AtWork::Nobody;
  // A standby does not know the primary's locks: what looks healthy there may not be, but a false
  // alarm on every replica is worse.
  if (connection.server().in_recovery) return AtWork::Somebody;
  return connection.lock_holder() ? AtWork::Somebody : AtWork::Nobody;
}

void require_repeatables(const HistorySnapshot& snapshot, const migration::Source& source) {
  if (snapshot.repeatables_denied && !source.repeatables().empty()) {
    throw Error(*snapshot.repeatables_denied);
  }
}

std::string join(const std::vector<migration::Version>& versions) {
  std::string text;
  for (const migration::Version& version : versions) {
    if (!text.empty()) text += ',';
    text += version.text();
  }
  return text;
}

}  // namespace headway::engine
