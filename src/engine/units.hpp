// How the statements of a `transaction=none` file are run, so that as few as possible are ever in
// doubt: one that can run in a transaction shares one with its journal entry, and then it happened
// exactly if the journal says so.  Pure.
#pragma once
#include <cstddef>
#include <vector>

#include "engine/script.hpp"

namespace headway::engine {

struct Unit {
  enum class Mode {
    Atomic,  ///< in a transaction of ours, together with its journal entry
    Group,   ///< belongs to a BEGIN .. COMMIT of the file
    Batch,   ///< in many such transactions, one for each range of keys
    Alone,   ///< outside any transaction; its journal entry follows
  };
  enum class Journal { After, Before, None };
  enum class Boundary { None, Begin, Commit, Rollback };
  Mode mode = Mode::Atomic;
  Journal journal = Journal::After;
  /// Of a transaction of the file.
  Boundary boundary = Boundary::None;
  /// The file has a transaction open before this statement.
  bool in_transaction = false;
  /// Alone only: if the process dies here, nobody knows whether it took effect.
  bool doubtful = false;
};

/// One unit per statement.  Throws Error TransactionControl for a BEGIN that is never closed.
[[nodiscard]] std::vector<Unit> units_of(const PreparedScript& script);

}  // namespace headway::engine
