// Files and history can disagree in six ways:
//
//   pending     a file that was never applied; out of order if one that was applied builds on it
//   ahead       rows without a file behind the last row that has one: a newer image was here
//   missing     rows without a file in front of such a row: somebody removed the file.  A contract
//               migration may have been left pending until a newer image had expanded, so in front
//               of one a row is missing only if its version is the lower one
//   gone        rows anywhere that were taken over without a file, from a tool that goes on
//   edited      a file whose checksum is not the one that was applied
//   unfinished  a row that a non-transactional migration left half-way; its file may be corrected
//               before it is resumed, so it does not count as edited
//
// What `environments=` keeps out of this environment is known all the same: it is never missing,
// never ahead and never pending.  Repeatables have two ways of their own: new text, or text that
// was applied before and then replaced (an older image would put back what a newer one brought).
#include <algorithm>
#include <unordered_map>

#include "migration/plan.hpp"

namespace headway::migration {
namespace {

/// Of versions that are no numbers only the graph knows the order, and it does not know this one.
bool is_lower(const HistoryRow& row, const HistoryRow& known) {
  return row.version.numeric() && known.version.numeric() && row.version < known.version;
}

/// A row that was taken over with its file has a checksum.
bool is_gone(const Source& source, const HistoryRow& row) {
  return source.habits().forgets && row.kind == RowKind::Adopted && row.checksum.empty();
}

void reconcile_rows(const Source& source, const History& history, Reconciliation& result) {
  const auto& rows = history.rows();
  std::vector<bool> known(rows.size());
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const HistoryRow& row = rows[i];
    const Migration* const migration = source.find(row.version);
    known[i] = migration != nullptr || source.is_skipped(row.version);
    if (!known[i]) ++unknown;
    if (row.state != RowState::Applied) {
      result.unfinished.push_back(&row);
    } else if (migration != nullptr && !row.checksum.empty() &&
               row.checksum != migration->up.checksum) {
      result.edited.push_back({migration, &row});
    }
  }
  if (unknown == 0) return;
  // Of the known rows behind an unknown one the last expand one tells, or the contract one with the
  // highest version: both are carried from the end.
  const HistoryRow* expand = nullptr;
  const HistoryRow* contract = nullptr;
  for (std::size_t i = rows.size(); i-- > 0;) {
    const HistoryRow& row = rows[i];
    const Migration* const migration = source.find(row.version);
    if (known[i]) {
      const bool is_contract = migration != nullptr && migration->phase == Phase::Contract;
      const HistoryRow*& seen = is_contract ? contract : expand;
      if (seen == nullptr || (is_contract && seen->version < row.version)) seen = &row;
      continue;
    }
    const bool missing = expand != nullptr || (contract != nullptr && is_lower(row, *contract));
    const bool gone = is_gone(source, row);
    (gone ? result.gone : missing ? result.missing : result.ahead).push_back(&row);
  }
  std::ranges::reverse(result.gone);
  std::ranges::reverse(result.missing);
  std::ranges::reverse(result.ahead);
}

void reconcile_migrations(const Source& source, const History& history, Reconciliation& result) {
  const auto& migrations = source.migrations();
  // Parents stand before their children, so one pass from the end knows of every migration whether
  // an applied one builds on it.
  std::vector<bool> built_upon(migrations.size());
  std::vector<bool> applied(migrations.size());
  for (std::size_t i = migrations.size(); i-- > 0;) {
    applied[i] = history.find(migrations[i].version) != nullptr;
    if (!applied[i] && !built_upon[i]) continue;
    for (const Version& parent : migrations[i].needed()) {
      built_upon[static_cast<std::size_t>(source.find(parent) - migrations.data())] = true;
    }
  }
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (applied[i]) continue;
    result.pending.push_back(&migrations[i]);
    if (built_upon[i]) result.out_of_order.push_back(&migrations[i]);
  }
}

void reconcile_repeatables(const Source& source, const History& history, Reconciliation& result) {
  std::unordered_multimap<std::string_view, const RepeatableRow*> by_name;
  for (const RepeatableRow& row : history.repeatables()) by_name.emplace(row.name, &row);
  for (const Repeatable& repeatable : source.repeatables()) {
    const auto [begin, end] = by_name.equal_range(repeatable.name);
    bool current = false;
    bool superseded = false;
    for (auto at = begin; at != end; ++at) {
      if (at->second->checksum != repeatable.script.checksum) continue;
      (at->second->current ? current : superseded) = true;
    }
    if (current) continue;
    (superseded ? result.repeatables_superseded : result.repeatables_pending)
        .push_back(&repeatable);
  }
}

}  // namespace

bool has_pending(const Reconciliation& state, Phases phases) {
  if (includes(phases, Phase::Expand) && !state.repeatables_pending.empty()) return true;
  return std::ranges::any_of(state.pending, [phases](const Migration* migration) {
    return includes(phases, migration->phase);
  });
}

Reconciliation reconcile(const Source& source, const History& history) {
  Reconciliation result;
  reconcile_rows(source, history, result);
  reconcile_migrations(source, history, result);
  reconcile_repeatables(source, history, result);
  return result;
}

}  // namespace headway::migration
