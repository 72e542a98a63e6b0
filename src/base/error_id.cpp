#include "base/error_id.hpp"

#include <array>

namespace headway {
namespace {

constexpr std::array kIds{
    ErrorIdInfo{ErrorId::Internal, "internal", Kind::Internal,
                "This is a defect in Headway, not in your migrations.",
                "Run it again; if it stays, report it with this output."},
    ErrorIdInfo{ErrorId::BadFlag, "bad-flag", Kind::Usage,
                "Headway does nothing when it is not sure what was meant.",
                "See `headway --help` or `headway COMMAND --help`."},
    ErrorIdInfo{ErrorId::BadConfiguration, "bad-configuration", Kind::Usage,
                "Headway does nothing when it is not sure what was meant.",
                "Correct the setting that the message names."},
    ErrorIdInfo{ErrorId::NoDatabase, "no-database", Kind::Usage,
                "Without a database there is nothing to migrate.",
                "Set HEADWAY_DATABASE_URL, or one of the other places that the message lists."},
    ErrorIdInfo{ErrorId::BadDatabaseUrl, "bad-database-url", Kind::Usage,
                "Headway refuses a connection setting that it would have to guess or ignore.",
                "Write the URL as postgresql://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETER=VALUE, "
                "with special characters percent-encoded."},
    ErrorIdInfo{
        ErrorId::NoUser, "no-user", Kind::Usage,
        "Guessing a user name from the operating system connects as somebody else in a container.",
        "Name the user in the URL, in PGUSER or in the mounted Secret."},
    ErrorIdInfo{ErrorId::BadTarget, "bad-target", Kind::Usage,
                "Headway does nothing when it is not sure what was meant.",
                "A target is head, heads, base, +N, -N, a version, or the beginning of one."},
    ErrorIdInfo{ErrorId::UnknownVersion, "unknown-version", Kind::Usage,
                "A target that neither the source nor the history knows can't be reached.",
                "`headway history` lists the versions there are."},
    ErrorIdInfo{ErrorId::AmbiguousVersion, "ambiguous-version", Kind::Usage,
                "Several versions begin like that, and Headway does not choose.",
                "Write more of the version."},
    ErrorIdInfo{ErrorId::SourceMissing, "source-missing", Kind::BadSource,
                "A mount that failed must never look like \"nothing to do\".",
                "Check --migrations and the volume behind it."},
    ErrorIdInfo{ErrorId::SourceEmpty, "source-empty", Kind::BadSource,
                "A mount that failed must never look like \"nothing to do\".",
                "Check --migrations and the volume behind it, or pass --allow-empty if the source "
                "is meant to be empty."},
    ErrorIdInfo{ErrorId::SourceUnreadable, "source-unreadable", Kind::BadSource,
                "A migration that can't be read might be one that is needed.",
                "Check the file's permissions and the volume behind it."},
    ErrorIdInfo{ErrorId::BadFileName, "bad-file-name", Kind::BadSource,
                "A file whose name is not understood would be left out silently.",
                "Name it <digits>_<name>.sql, <digits>_<name>.down.sql or R__<name>.sql, or move "
                "it out of the source; if the files are another tool's, say whose with --format."},
    ErrorIdInfo{ErrorId::DuplicateVersion, "duplicate-version", Kind::BadSource,
                "Two migrations with one version can't both be recorded.",
                "Give one of them a version of its own."},
    ErrorIdInfo{ErrorId::DuplicateName, "duplicate-name", Kind::BadSource,
                "Two repeatables with one name can't both be recorded.", "Rename one of them."},
    ErrorIdInfo{ErrorId::OrphanDown, "orphan-down", Kind::BadSource,
                "A way back without a way forth belongs to a file that is missing or was renamed.",
                "Bring back the up file, or remove the down file."},
    ErrorIdInfo{ErrorId::BothWays, "both-ways", Kind::BadSource,
                "Here a file that is not a .down.sql is the way forth as a whole: it would undo at "
                "once what it has just done.",
                "Move what follows that line to a .down.sql file and remove the line."},
    ErrorIdInfo{ErrorId::UnknownDirective, "unknown-directive", Kind::BadSource,
                "A misspelt directive would silently change how the file is run.",
                "Correct its spelling; the message lists the directives there are."},
    ErrorIdInfo{ErrorId::BadDirective, "bad-directive", Kind::BadSource,
                "A directive with a value that is not understood would silently change how the "
                "file is run.",
                "Correct the value."},
    ErrorIdInfo{ErrorId::UnknownParent, "unknown-parent", Kind::BadSource,
                "A migration can't follow one that does not exist.",
                "Correct after=, or bring the named migration back."},
    ErrorIdInfo{ErrorId::Cycle, "cycle", Kind::BadSource,
                "Migrations that wait for each other can never run.",
                "Remove one of the after= directives that the message names."},
    ErrorIdInfo{ErrorId::NulByte, "nul-byte", Kind::BadSource,
                "PostgreSQL ends a text at a NUL byte, so the rest would be lost.",
                "Save the file as UTF-8 without NUL bytes."},
    ErrorIdInfo{ErrorId::NotUtf8, "not-utf8", Kind::BadSource,
                "Headway sends UTF-8; other encodings would be stored wrong.",
                "Save the file as UTF-8."},
    ErrorIdInfo{
        ErrorId::MetaCommand, "meta-command", Kind::BadSource,
        "Commands that begin with a backslash belong to psql; the server does not know them.",
        "Write it in SQL, or remove the line."},
    ErrorIdInfo{ErrorId::UnterminatedQuote, "unterminated-quote", Kind::BadSource,
                "Everything after the opening quote would be taken for text.", "Close the quote."},
    ErrorIdInfo{ErrorId::UnterminatedComment, "unterminated-comment", Kind::BadSource,
                "Everything after the opening would be taken for a comment.",
                "Close the comment; comments nest in PostgreSQL."},
    ErrorIdInfo{ErrorId::UnterminatedCopy, "unterminated-copy", Kind::BadSource,
                "Everything after COPY would be taken for data.",
                "End the data with a line that holds only \\."},
    ErrorIdInfo{ErrorId::UnbalancedParenthesis, "unbalanced-parenthesis", Kind::BadSource,
                "Where a statement ends can't be told.", "Balance the parentheses."},
    ErrorIdInfo{ErrorId::UnterminatedBody, "unterminated-body", Kind::BadSource,
                "Where a function's body ends can't be told.", "Close BEGIN ATOMIC with END."},
    ErrorIdInfo{
        ErrorId::NonstandardStrings, "nonstandard-strings", Kind::BadSource,
        "Where it is off, \\' does not end a quoted text, and the file would be cut in other "
        "places than the server cuts it.",
        "Write the text as E'..' or with '' for the quote, or remove the setting."},
    ErrorIdInfo{
        ErrorId::NeedsNoTransaction, "needs-no-transaction", Kind::BadSource,
        "PostgreSQL refuses this statement inside a transaction block.",
        "Begin the file with `-- headway: transaction=none`, best after moving the statement to a "
        "file of its own."},
    ErrorIdInfo{
        ErrorId::TransactionControl, "transaction-control", Kind::BadSource,
        "Headway runs each migration in a transaction of its own, so that a failure leaves "
        "nothing behind.",
        "Remove the statement, wrap the whole file in one BEGIN and COMMIT, or begin the "
        "file with: -- headway: transaction=none.  If the files are another tool's, say whose "
        "with --format: it may take this."},
    ErrorIdInfo{ErrorId::BadBatch, "bad-batch", Kind::BadSource,
                "A batch is run once for each range of keys: what is not held to its range would "
                "be done again and again.",
                "Write one UPDATE, DELETE, MERGE or INSERT .. SELECT with the condition KEY "
                "BETWEEN :batch_first AND :batch_last."},
    ErrorIdInfo{ErrorId::UnknownFormat, "unknown-format", Kind::BadSource,
                "A directory that is read as another tool's would be run in another order or in "
                "other pieces.",
                "Say which tool's it is with --format."},
    ErrorIdInfo{ErrorId::ForeignFormat, "foreign-format", Kind::BadSource,
                "What this tool runs is not SQL files that another one could run as they are.",
                "Turn the project into SQL files, or mark what is applied with `headway stamp`."},
    ErrorIdInfo{
        ErrorId::ForeignCode, "foreign-code", Kind::BadSource,
        "Code can be run only by the tool that it was written for.",
        "Write it in SQL; or pass --skip-foreign-code, let its own tool run it, and mark it "
        "as applied with `headway stamp`."},
    ErrorIdInfo{ErrorId::UnknownPlaceholder, "unknown-placeholder", Kind::BadSource,
                "A placeholder without a value would reach the server as it is written.",
                "Give its value with --placeholder=NAME=VALUE."},
    ErrorIdInfo{
        ErrorId::Unreachable, "unreachable", Kind::Unreachable,
        "Nothing was changed: the database could not be reached within --connect-timeout.",
        "Check that the server is up and the network lets the pod through; the next run goes on."},
    ErrorIdInfo{
        ErrorId::OutcomeUnknown, "outcome-unknown", Kind::InDoubt,
        "The connection broke during COMMIT, and the server could not be asked whether it took "
        "effect.",
        "Run it again: the next run reads the history first and goes on from what it finds."},
    ErrorIdInfo{ErrorId::ConnectionLost, "connection-lost", Kind::Unreachable,
                "What was not committed is rolled back by the server.",
                "Run it again; the next run goes on."},
    ErrorIdInfo{ErrorId::ReadOnly, "read-only", Kind::Unreachable,
                "A standby, or a server set to read-only, can't be migrated.",
                "Connect to the primary, or wait until the failover is over."},
    ErrorIdInfo{ErrorId::LockBusy, "lock-busy", Kind::LockBusy,
                "Another process migrates this database; nothing was changed by this one.",
                "Wait for the holder that the message names, or raise --lock-wait."},
    ErrorIdInfo{ErrorId::LockTimeout, "lock-timeout", Kind::LockTimeout,
                "The migration gave way to other sessions and was rolled back.",
                "Run it again at a quieter time, or end the session that holds the lock."},
    ErrorIdInfo{
        ErrorId::LockHold, "lock-hold", Kind::LockTimeout,
        "The rehearsal had held locks that others need for as long as it may, and was "
        "rolled back.",
        "Rehearse at a quieter time, raise --max-lock-hold, or run `headway plan --execute` "
        "in a scratch database."},
    ErrorIdInfo{ErrorId::Deadlock, "deadlock", Kind::LockTimeout,
                "The server ended a deadlock at this migration's expense; it was rolled back.",
                "Run it again; if it stays, make the migration lock its tables in the order the "
                "application does."},
    ErrorIdInfo{ErrorId::Serialization, "serialization", Kind::LockTimeout,
                "The server could not serialize this transaction; it was rolled back.",
                "Run it again."},
    ErrorIdInfo{ErrorId::Interrupted, "interrupted", Kind::Interrupted,
                "A signal asked Headway to stop; the state is consistent.",
                "Run it again; the next run goes on."},
    ErrorIdInfo{ErrorId::WaitTimeout, "wait-timeout", Kind::WaitTimeout,
                "The schema did not reach its target in time.",
                "Look at the process that migrates, or raise --timeout."},
    ErrorIdInfo{ErrorId::MigrationFailed, "migration-failed", Kind::MigrationFailed,
                "The migration was rolled back; those before it stay applied.",
                "Correct the migration and run it again."},
    ErrorIdInfo{ErrorId::PartlyApplied, "partly-applied", Kind::MigrationFailed,
                "It runs outside a transaction: the statements before the failed one stay, and the "
                "history remembers them.",
                "Correct the statement (those before it must stay as they are) and run it again."},
    ErrorIdInfo{ErrorId::HalfApplied, "half-applied", Kind::HalfApplied,
                "A migration that runs outside a transaction stopped half-way, and what its last "
                "statement did can't be told.",
                "Look at the database, then tell Headway with `headway repair`."},
    ErrorIdInfo{ErrorId::ForeignDirty, "foreign-dirty", Kind::HalfApplied,
                "The other tool has stopped half-way, and only its user can tell what is there.",
                "Bring the database into the state before or behind that migration, correct the "
                "other tool's table with its own command, and run it again."},
    ErrorIdInfo{ErrorId::BatchKey, "batch-key", Kind::MigrationFailed,
                "Ranges of a key that is not unique, NOT NULL and indexed would lose rows, take "
                "them twice or read the whole table for each.",
                "Name the primary key, or a NOT NULL column with a unique index over it alone."},
    ErrorIdInfo{ErrorId::BatchOverrun, "batch-overrun", Kind::MigrationFailed,
                "The statement is not held to its range of keys: run for each, it would do the "
                "same again and again.",
                "Put KEY BETWEEN :batch_first AND :batch_last into the condition that chooses "
                "its rows; the range was rolled back."},
    ErrorIdInfo{ErrorId::ChecksumMismatch, "checksum-mismatch", Kind::Mismatch,
                "The file is not what was applied, so this schema and a fresh one would differ.",
                "Restore the file and put the change into a new migration; if the change means "
                "nothing, run `headway repair`."},
    ErrorIdInfo{ErrorId::HistoryCorrupt, "history-corrupt", Kind::Mismatch,
                "The history is not one chain of rows, so what was applied can't be told.",
                "Restore the history table from a backup; somebody changed it by hand."},
    ErrorIdInfo{
        ErrorId::ForeignHistory, "foreign-history", Kind::Mismatch,
        "What another tool has applied can't be told from its table, and running it again "
        "would break the schema.",
        "Name the table with --foreign-table, mark what is applied with `headway stamp`, or "
        "pass --adopt=never if this database is to be migrated from the beginning."},
    ErrorIdInfo{
        ErrorId::StalePlan, "stale-plan", Kind::Mismatch,
        "Another process changed the history after this one had read it; this one did nothing.",
        "Run it again; it plans on what it finds then."},
    ErrorIdInfo{ErrorId::MissingFile, "missing-file", Kind::Order,
                "A migration that is applied here has no file, so a fresh schema would differ from "
                "this one.",
                "Bring the file back."},
    ErrorIdInfo{
        ErrorId::OutOfOrder, "out-of-order", Kind::Order,
        "A migration that belongs before one that is applied has not been run.",
        "Give it a version above the last applied one, or choose --order=skip or --order=any."},
    ErrorIdInfo{
        ErrorId::PhaseOrder, "phase-order", Kind::Order,
        "Expand and contract migrations are applied by runs of their own, and this one needs "
        "what the other phase has not applied.",
        "Run `headway upgrade` with the other --phase first."},
    ErrorIdInfo{ErrorId::AmbiguousHead, "ambiguous-head", Kind::Order,
                "Several migrations have no successor, so `head` does not name one.",
                "Name one, use `heads`, or add a merge migration with after=."},
    ErrorIdInfo{
        ErrorId::DatabaseAhead, "database-ahead", Kind::Order,
        "The database has migrations that this source does not know: a newer image was here.",
        "Deploy the newer image, or take the schema back with `headway downgrade head`."},
    ErrorIdInfo{ErrorId::Diverged, "diverged", Kind::Order,
                "The database has migrations that this source does not know, and this source has "
                "some that the database lacks.",
                "Bring both lines together in one source, or choose --order=any."},
    ErrorIdInfo{ErrorId::AuthenticationFailed, "authentication-failed", Kind::Access,
                "The server does not accept these credentials.",
                "Check user and password; a rotated Secret takes up to 90 seconds to reach a pod."},
    ErrorIdInfo{ErrorId::NoSuchDatabase, "no-such-database", Kind::Access,
                "The server has no database of this name.",
                "Create the database, or correct its name."},
    ErrorIdInfo{
        ErrorId::UntrustedServer, "untrusted-server", Kind::Access,
        "What answers could be somebody else, who would learn the password and could change "
        "every statement.",
        "Check sslrootcert and the server's certificate; a rotated Secret takes up to 90 "
        "seconds to reach a pod."},
    ErrorIdInfo{ErrorId::TlsUnavailable, "tls-unavailable", Kind::Access,
                "sslmode asks for an encrypted connection, and none can be made.",
                "Turn TLS on in the server, or choose another sslmode."},
    ErrorIdInfo{ErrorId::PermissionDenied, "permission-denied", Kind::Access,
                "The role lacks a right that it needs.",
                "Run the GRANTs that the message lists as the owner."},
    ErrorIdInfo{ErrorId::UnsupportedServer, "unsupported-server", Kind::Unsupported,
                "Headway relies on what PostgreSQL 14 and newer provide.", "Upgrade the server."},
    ErrorIdInfo{ErrorId::UnsupportedLayout, "unsupported-layout", Kind::Unsupported,
                "The history was written by a Headway of a newer major version.",
                "Use that version, or a newer one."},
    ErrorIdInfo{ErrorId::Pooler, "pooler", Kind::Unsupported,
                "Behind a pooler a session lock may stay with a server connection that others use.",
                "Connect to PostgreSQL directly; if it must be the pooler, choose --pooler=session "
                "or --pooler=transaction."},
    ErrorIdInfo{ErrorId::PoolerNeedsSession, "pooler-needs-session", Kind::Unsupported,
                "With --pooler=transaction nothing may outlive a transaction.",
                "Connect to PostgreSQL directly to run this migration."},
    ErrorIdInfo{
        ErrorId::ReplicationRole, "replication-role", Kind::Unsupported,
        "With session_replication_role other than origin, triggers and foreign keys do not fire.",
        "Reset it for this role: ALTER ROLE ... RESET session_replication_role."},
    ErrorIdInfo{ErrorId::Irreversible, "irreversible", Kind::Policy,
                "There is no way back from this migration.",
                "Write a migration that goes forward to what you want."},
    ErrorIdInfo{ErrorId::Unconfirmed, "unconfirmed", Kind::Policy,
                "In production nothing is taken back, or rehearsed, without being asked for twice.",
                "Pass --yes if you mean it."},
    ErrorIdInfo{ErrorId::UnsafeHistory, "unsafe-history", Kind::Policy,
                "Somebody else could change what Headway believes, or runs, through this table.",
                "Correct the owner or the grants as the message says."},
    ErrorIdInfo{
        ErrorId::NothingToAdopt, "nothing-to-adopt", Kind::Policy,
        "A database that was migrated by another tool would be migrated from the beginning.",
        "Check that it is the right database, and name the table with --foreign-table; for "
        "a new database pass --adopt=auto."},
    ErrorIdInfo{ErrorId::Pending, "pending", Kind::Pending, "The schema is behind its source.",
                "Run `headway upgrade`."},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kIds.size(); ++i) {
    if (static_cast<std::size_t>(kIds[i].id) != i) return false;
  }
  return kIds.size() == static_cast<std::size_t>(ErrorId::Pending) + 1;
}
static_assert(in_enum_order(), "the table holds every id, in the order of the enum");

}  // namespace

const ErrorIdInfo& error_id_info(ErrorId id) noexcept { return kIds[static_cast<std::size_t>(id)]; }

std::span<const ErrorIdInfo> all_error_ids() noexcept { return kIds; }

}  // namespace headway
