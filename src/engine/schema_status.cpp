#include "engine/schema_status.hpp"

namespace headway::engine {

SchemaStatus schema_status(const migration::Source& source, const migration::History& history,
                           const migration::Reconciliation& reconciliation) {
  SchemaStatus status;
  status.current_version = history.last().text();
  status.target_version =
      source.heads().empty() ? std::string(migration::kBase) : join(source.heads());
  status.applied = history.rows().size() - reconciliation.unfinished.size();
  status.pending = reconciliation.pending.size();
  status.checksum_mismatches = reconciliation.edited.size();
  status.dirty = !reconciliation.unfinished.empty();
  status.ahead = reconciliation.is_ahead();
  return status;
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
