#include "migration/phases.hpp"

#include <algorithm>

namespace headway::migration {

bool includes(Phases phases, Phase phase) noexcept {
  switch (phases) {
    case Phases::All: return true;
    case Phases::Expand: return phase == Phase::Expand;
    case Phases::Contract: return phase == Phase::Contract;
  }
  return true;
}

std::string_view phase_name(Phase phase) noexcept {
  return phase == Phase::Expand ? "expand" : "contract";
}

bool has_contract(const Source& source) noexcept {
  return std::ranges::any_of(source.migrations(), [](const Migration& migration) {
    return migration.phase == Phase::Contract;
  });
}

std::vector<Version> heads_of(const Source& source, Phases phases) {
  if (phases == Phases::All) return source.heads();
  std::vector<const Migration*> all;
  all.reserve(source.migrations().size());
  for (const Migration& migration : source.migrations()) all.push_back(&migration);
  return heads_among(source, all, phases);
}

std::vector<Version> heads_among(const Source& source, const std::vector<const Migration*>& wanted,
                                 Phases phases) {
  const Migration* const first = source.migrations().data();
  // Parents stand before their children, so one pass from the end knows who is built upon.
  std::vector<bool> built_upon(source.migrations().size());
  std::vector<Version> heads;
  for (std::size_t i = wanted.size(); i-- > 0;) {
    const Migration& migration = *wanted[i];
    const bool below = built_upon[static_cast<std::size_t>(&migration - first)];
    const bool ours = includes(phases, migration.phase);
    if (ours && !below) heads.push_back(migration.version);
    if (!ours && !below) continue;
    for (const Version& parent : migration.parents) {
      built_upon[static_cast<std::size_t>(source.find(parent) - first)] = true;
    }
  }
  std::ranges::reverse(heads);
  return heads;
}

}  // namespace headway::migration
