// What a database still lacks of a target, for who waits and must not judge: files that were edited
// or are gone, and a database that is ahead, are no reason to wait.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "migration/plan.hpp"

namespace headway::migration {

/// As "42_create_metrics" and by name, ready to print.
struct Lacking {
  std::vector<std::string> migrations;   ///< not applied, or not wholly; source order
  std::vector<std::string> repeatables;  ///< when the target is a head
  [[nodiscard]] bool empty() const noexcept { return migrations.empty() && repeatables.empty(); }
};

/// What a target of `wait` means in a source, resolved once.
class WaitTarget {
 public:
  /// Throws Error BadTarget for what has no meaning without a starting point (base, +2, -1),
  /// AmbiguousHead, UnknownVersion, AmbiguousVersion.  A source without a migration knows no
  /// version, so any may be named: it stands for an application without files.  The source outlives
  /// this.
  /// Only migrations of these phases are waited for, and repeatables belong to expand.
  WaitTarget(const Source& source, const Target& target, Phases phases = Phases::All);

  /// With Order::Skip what an upgrade would leave out is not lacking.
  [[nodiscard]] Lacking lacking(const History& history, Order order) const;
  /// "20261122093000", "0007,0009"
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  const Source& source_;
  std::vector<const Migration*> wanted_;  ///< in source order
  std::optional<Version> foreign_;        ///< the source does not know it
  bool at_head_ = false;
  std::string text_;
};

}  // namespace headway::migration
