// How far replicas are behind, by our own notes of when the primary had written how much: what a
// replica lacks of a note is as old as the note at least.  The lag that the server reports stands
// still while a replica has stopped replaying, and is only taken where it is longer.  Pure.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace headway::engine {

/// As pg_stat_replication shows it; positions are bytes of the log.
struct Replication {
  struct Replica {
    std::string name;
    std::uint64_t replayed = 0;
    std::optional<Milliseconds> reported = std::nullopt;
  };
  std::uint64_t written = 0;
  std::vector<Replica> replicas;
  bool hidden = false;  ///< there are some that our role may not see
};

class ReplicaLag {
 public:
  struct Behind {
    std::string name;
    Milliseconds lag{};
  };
  /// The replica that is furthest behind; nothing if none is behind at all.
  [[nodiscard]] std::optional<Behind> saw(Clock::Steady now, const Replication& replication);

 private:
  struct Note {
    Clock::Steady at;
    std::uint64_t written = 0;
  };
  std::deque<Note> notes_;  // ascending, and none that every replica has replayed
};

}  // namespace headway::engine
