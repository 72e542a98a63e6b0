#include "migration/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "migration/wording.hpp"

namespace headway::migration {

Version resolve_version(const std::string& text, const Source& source, const History& history,
                        Scope scope) {
  const Version exact(text);
  if (const Migration* const migration = source.find(exact)) return migration->version;
  if (const HistoryRow* const row = history.find(exact)) return row->version;

  std::vector<std::string> candidates;
  for (const Migration& migration : source.migrations()) {
    if (migration.version.text().starts_with(text)) candidates.push_back(migration.version.text());
  }
  if (scope == Scope::SourceAndHistory) {
    for (const HistoryRow& row : history.rows()) {
      const bool new_here = source.find(row.version) == nullptr;
      if (new_here && row.version.text().starts_with(text)) {
        candidates.push_back(row.version.text());
      }
    }
  }
  if (candidates.size() == 1) return Version(candidates.front());
  if (candidates.size() > 1) {
    throw Error(ErrorId::AmbiguousVersion,
                fmt::format("{} is the beginning of {} versions: {}", text, candidates.size(),
                            join(candidates, ", ")));
  }
  if (source.is_skipped(exact)) {
    throw Error(ErrorId::UnknownVersion,
                fmt::format("version {} is not meant for this environment", text))
        .version(text)
        .next("Look at environments= in its file, and at --environment.");
  }
  throw Error(ErrorId::UnknownVersion, fmt::format("there is no version {}", text)).version(text);
}

std::vector<Version> single_head(const Source& source, Phases phases) {
  std::vector<Version> heads = heads_of(source, phases);
  if (heads.size() <= 1) return heads;
  std::vector<std::string> names;
  for (const Version& head : heads) names.push_back(describe(*source.find(head)));
  throw Error(ErrorId::AmbiguousHead,
              fmt::format("there are {} heads: {}", names.size(), join(names)));
}

}  // namespace headway::migration
