// What goes on around the session that migrates: whom it waits for, who waits for it, how far a
// long command has come.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace headway::engine {

/// Another session, as far as our role may see it; what it may not see is empty.
struct SessionSeen {
  int pid = 0;
  std::string application_name;
  std::string state;  ///< "active", "idle in transaction" ...
  std::string query;  ///< normalised, shortened
  std::optional<Milliseconds> transaction_age;
  Milliseconds waited{};  ///< for us; of those that we wait for: zero
  /// An autovacuum that prevents wraparound, which gives way to nobody.
  bool prevents_wraparound = false;

  /// `process 4711 (myapp), idle in transaction for 12 min, last with SELECT $1`.
  [[nodiscard]] std::string text() const;
};

/// As one of PostgreSQL's progress views tells it.
struct CommandProgress {
  std::string command;          ///< "CREATE INDEX CONCURRENTLY"
  std::string phase;            ///< "building index: scanning table"
  std::optional<double> ratio;  ///< of the phase, 0 to 1

  [[nodiscard]] std::string text() const;
};

struct Activity {
  std::vector<SessionSeen> blocking;  ///< we wait for them
  std::vector<SessionSeen> blocked;   ///< they wait for us
  Milliseconds waited{};              ///< for `blocking`
  /// We hold a lock that keeps others from reading or writing.
  bool holds_blocking_lock = false;
  std::optional<CommandProgress> progress;

  [[nodiscard]] bool empty() const noexcept {
    return blocking.empty() && blocked.empty() && !progress;
  }
  [[nodiscard]] Milliseconds longest_blocked() const noexcept;
};

/// "3 sessions, among them process 4711 (myapp), ..."
[[nodiscard]] std::string text_of(const std::vector<SessionSeen>& sessions);

}  // namespace headway::engine
