// What can be told about a statement from its words alone, without a catalogue and without a parser
// that knows only one server version.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace headway::sql {

enum class Control {
  None,
  Begin,           ///< BEGIN, START TRANSACTION
  Commit,          ///< COMMIT, END
  Rollback,        ///< ROLLBACK, ABORT
  Chain,           ///< COMMIT/ROLLBACK AND CHAIN
  Prepared,        ///< PREPARE TRANSACTION, COMMIT/ROLLBACK PREPARED
  Savepoint,       ///< SAVEPOINT, RELEASE, ROLLBACK TO: harmless inside a migration's transaction
  SetTransaction,  ///< SET [LOCAL] TRANSACTION modes; not SET TRANSACTION SNAPSHOT
};

struct Facts {
  std::string command;  ///< upper-case words that name the kind: "CREATE INDEX CONCURRENTLY"
  Control control = Control::None;
  /// Begin and SetTransaction: the modes as written ("ISOLATION LEVEL SERIALIZABLE, READ ONLY").
  std::string transaction_modes;
  /// PostgreSQL refuses it in a transaction block; a clause says why: "it commits after each
  /// table".
  std::optional<std::string> needs_no_transaction;
  bool copy_from_stdin = false;
  bool copy_to_stdout = false;
  /// Leaves something behind in the session: SET (not LOCAL), RESET, SET ROLE, PREPARE, LISTEN,
  /// temporary objects (not ON COMMIT DROP), WITH HOLD cursors, LOAD, taking or giving back
  /// session-level advisory locks, set_config(.., false) ...; in the body of a DO as well.  What a
  /// called function does can't be seen.
  bool changes_session = false;
};

[[nodiscard]] Facts facts_of(std::string_view statement);

}  // namespace headway::sql
