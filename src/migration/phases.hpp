// --phase: a change without downtime has two halves.  Expand migrations run before the new version
// is rolled out, contract ones after it, so both may stand still at different places of one source.
//
// A contract migration needs everything that stands before it.  An expand one needs the expand ones
// before it, and a contract one only if it names it in after=.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "migration/source.hpp"

namespace headway::migration {

enum class Phases { All, Expand, Contract };

[[nodiscard]] bool includes(Phases phases, Phase phase) noexcept;
/// "expand", "contract"
[[nodiscard]] std::string_view phase_name(Phase phase) noexcept;
/// Whether the source has a contract migration: without one nobody need be told of phases.
[[nodiscard]] bool has_contract(const Source& source) noexcept;

/// The migrations of these phases on which none of the same phases builds; for Phases::All the
/// source's heads.
[[nodiscard]] std::vector<Version> heads_of(const Source& source, Phases phases);
/// The same among `wanted`, which holds every migration with its ancestors.
[[nodiscard]] std::vector<Version> heads_among(const Source& source,
                                               const std::vector<const Migration*>& wanted,
                                               Phases phases);

}  // namespace headway::migration
