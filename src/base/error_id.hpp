// Every failure a user can meet, by its stable id.  One table, error_id.cpp, holds for each id its
// text, its kind, why it matters and what to do next; the page in src/README.md is checked against
// it. Ids are part of the interface: they are never renamed or reused.
#pragma once
#include <span>
#include <string_view>

namespace headway {

enum class Kind {
  Internal,         // 1
  Usage,            // 2   flags, configuration
  BadSource,        // 2   the migrations as files
  Unreachable,      // 10
  InDoubt,          // 10  the connection went away at COMMIT and the outcome could not be learnt
  LockBusy,         // 11
  LockTimeout,      // 12  lock_timeout, deadlock, serialization after all retries
  Interrupted,      // 13
  WaitTimeout,      // 14
  MigrationFailed,  // 20
  HalfApplied,      // 21
  Mismatch,         // 22  checksum or history
  Order,            // 23  missing, out of order, ambiguous head, ahead
  Access,           // 24
  Unsupported,      // 25
  Policy,           // 26
  Pending,          // 30
};

enum class ErrorId {
  Internal,
  // 2: flags and configuration
  BadFlag,
  BadConfiguration,
  NoDatabase,
  BadDatabaseUrl,
  NoUser,
  BadTarget,
  UnknownVersion,
  AmbiguousVersion,
  // 2: source
  SourceMissing,
  SourceEmpty,
  SourceUnreadable,
  BadFileName,
  DuplicateVersion,
  DuplicateName,
  OrphanDown,
  BothWays,
  UnknownDirective,
  BadDirective,
  UnknownParent,
  Cycle,
  NulByte,
  NotUtf8,
  MetaCommand,
  UnterminatedQuote,
  UnterminatedComment,
  UnterminatedCopy,
  UnbalancedParenthesis,
  UnterminatedBody,
  NonstandardStrings,
  NeedsNoTransaction,
  TransactionControl,
  BadBatch,
  UnknownFormat,
  ForeignFormat,
  ForeignCode,
  UnknownPlaceholder,
  // 10
  Unreachable,
  OutcomeUnknown,
  ConnectionLost,
  ReadOnly,
  // 11, 12, 13, 14
  LockBusy,
  LockTimeout,
  LockHold,
  Deadlock,
  Serialization,
  Interrupted,
  WaitTimeout,
  // 20, 21
  MigrationFailed,
  PartlyApplied,
  HalfApplied,
  ForeignDirty,
  BatchKey,
  BatchOverrun,
  // 22
  ChecksumMismatch,
  HistoryCorrupt,
  ForeignHistory,
  StalePlan,
  // 23
  MissingFile,
  OutOfOrder,
  PhaseOrder,
  AmbiguousHead,
  DatabaseAhead,
  Diverged,
  // 24
  AuthenticationFailed,
  NoSuchDatabase,
  UntrustedServer,
  TlsUnavailable,
  PermissionDenied,
  // 25
  UnsupportedServer,
  UnsupportedLayout,
  Pooler,
  PoolerNeedsSession,
  ReplicationRole,
  // 26
  Irreversible,
  Unconfirmed,
  UnsafeHistory,
  NothingToAdopt,
  // 30
  Pending,
};

struct ErrorIdInfo {
  ErrorId id;
  std::string_view text;  ///< "checksum-mismatch"
  Kind kind;
  std::string_view why;   ///< one sentence: why it matters
  std::string_view next;  ///< one sentence: what to do
};

[[nodiscard]] const ErrorIdInfo& error_id_info(ErrorId id) noexcept;
/// All ids in the order of the enum.
[[nodiscard]] std::span<const ErrorIdInfo> all_error_ids() noexcept;

}  // namespace headway
