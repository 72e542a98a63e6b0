// What a migration has set in its session, where its own tool would leave it set for those behind
// it.  Headway's own files each begin in a fresh session, and so do tern's.
#pragma once
#include <string_view>
#include <vector>

#include "engine/connection.hpp"
#include "engine/observer.hpp"
#include "engine/script.hpp"
#include "formats/session_kept.hpp"

namespace headway::engine {

class KeptSettings {
 public:
  using Values = std::vector<SessionSetting>;

  /// `observer` outlives this.
  KeptSettings(Observer& observer, std::string_view layout)
      : observer_(observer), layout_(layout), kept_(formats::session_kept(layout)) {}

  /// Behind a migration, before the session is reset for the next one.  An empty search path is
  /// never kept: with it a name without a schema is an error, or found nowhere.
  void note(Connection& connection, const PreparedScript& script);
  /// For a connection that has not had them yet, or not these.
  void hand_to(Connection& connection, Values values);
  [[nodiscard]] const Values& values() const noexcept { return values_; }

 private:
  Observer& observer_;
  std::string layout_;
  formats::SessionKept kept_;
  Values values_;
};

}  // namespace headway::engine
