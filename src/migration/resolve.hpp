// A version or the beginning of one, as written on the command line, becomes the version meant.
#pragma once
#include <string>
#include <vector>

#include "migration/history.hpp"
#include "migration/phases.hpp"
#include "migration/source.hpp"

namespace headway::migration {

enum class Scope {
  Source,            ///< upgrade: what there are files of, and exactly named, what was applied
  SourceAndHistory,  ///< downgrade, stamp: also the beginning of what only the history knows
};

/// An exact match counts before beginnings.  Throws Error UnknownVersion or AmbiguousVersion.
[[nodiscard]] Version resolve_version(const std::string& text, const Source& source,
                                      const History& history, Scope scope);

/// The only head of these phases, nothing if they have no migration.  Throws Error AmbiguousHead.
[[nodiscard]] std::vector<Version> single_head(const Source& source, Phases phases = Phases::All);

}  // namespace headway::migration
