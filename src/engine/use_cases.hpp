// What Headway can do to a database, each as one function over ports.
//
// upgrade, downgrade, redo and stamp never throw for what a database or a plan refuses: it is in
// RunReport::error together with what was done before it.  All others throw Error.
#pragma once
#include <memory>
#include <random>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "engine/connection.hpp"
#include "engine/observer.hpp"
#include "engine/report.hpp"
#include "migration/lacking.hpp"
#include "migration/plan.hpp"
#include "migration/source.hpp"

namespace headway::engine {

enum class Transactions { Each, All };  ///< --transaction

/// What to do with another tool's history beside an empty one of our own.
struct AdoptSettings {
  enum class Mode { Auto, Require, Never } mode = Mode::Auto;  ///< --adopt
  std::string table;       ///< "schema.table" or "table"; empty: the one that fits
  bool only_near = false;  ///< what lies out of the search path, which was given, is others'
  /// What is done is told in the other tool's table as well.
  bool mirror = false;
};

struct Settings {
  Milliseconds connect_timeout{std::chrono::minutes{5}};
  Milliseconds auth_retry{std::chrono::seconds{90}};
  Milliseconds lock_wait{std::chrono::minutes{10}};
  Milliseconds shutdown_timeout{std::chrono::seconds{20}};
  std::optional<Milliseconds> statement_timeout;
  std::optional<Milliseconds> lock_timeout;
  /// For how long a transaction may wait in all while it holds locks that others need.
  std::optional<Milliseconds> max_blocked_wait;
  /// Give way when others have waited for us for that long.
  std::optional<Milliseconds> abort_if_blocking;
  /// A batch waits while a replica is further behind.
  std::optional<Milliseconds> max_replica_lag;
  Milliseconds look_around{1000};  ///< how often; zero: never
  Transactions transactions = Transactions::Each;
  bool ahead = true;  ///< migrations may be sent before the answers to those in front of them
  migration::Policy policy;
  AdoptSettings adopt;
  std::string command;  ///< for the report and events
  std::string run_id;   ///< uuid
};

/// Two stages of stopping.  `soon`: start nothing new (a running migration may finish).  `now`:
/// cancel the running statement, roll back, release, report Interrupted.
struct Stop {
  std::stop_token soon;
  std::stop_token now;
};

/// Collaborators; all outlive the call.
struct Context {
  Connector& connector;
  Observer& observer;
  Clock& clock;
  std::mt19937_64& random;  ///< jitter only
  Stop stop;
  Settings settings;
};

[[nodiscard]] RunReport upgrade(Context&, const migration::Source&, const migration::Target&);

/// Runs in an empty database the files of what `applied` says was applied elsewhere, in its order,
/// and the repeatables whose text is still the one that was applied.  Throws Error HalfApplied and
/// MissingFile for what can't be made again.
[[nodiscard]] RunReport rebuild(Context&, const migration::Source&,
                                const migration::History& applied);

/// What became of a plan that was run in one transaction of the live database, which was rolled
/// back.
struct RehearsalReport {
  struct NotRun {
    std::string label;   ///< the version, or a repeatable's name
    std::string path;    ///< of its file
    std::string reason;  ///< "it runs outside a transaction"
  };
  std::string database;
  std::vector<std::string> run;  ///< labels of the steps that ran to their end, in order
  std::vector<NotRun> not_run;   ///< not even begun, and the first of them perhaps not to the end
  std::optional<ErrorInfo> error;
};
/// How long a rehearsal waits for a lock: so much less than it may hold any that it can tell
/// waiting from holding.
[[nodiscard]] Milliseconds rehearsal_lock_timeout(std::optional<Milliseconds> lock_timeout,
                                                  Milliseconds max_lock_hold);
/// Runs the steps of an upgrade in one transaction that is always rolled back, up to the first step
/// that can't be held in one, or of which a rollback might leave something.  Takes the migration
/// lock, but does not wait for it; never tries anything again.  Gives up (LockHold) when it has
/// held locks that others need for `max_lock_hold`.  REQUIRES: a connector made for rehearsals.
/// Throws Error for what keeps it from beginning.
[[nodiscard]] RehearsalReport rehearse(Context&, const migration::Source&, const migration::Target&,
                                       Milliseconds max_lock_hold);

struct DowngradeRequest {
  std::optional<migration::Target> target;  ///< nothing: --last-run
};
[[nodiscard]] RunReport downgrade(Context&, const migration::Source&, const DowngradeRequest&);
[[nodiscard]] RunReport redo(Context&, const migration::Source&);
/// Takes over another tool's history.
[[nodiscard]] RunReport adopt(Context&, const migration::Source&);
[[nodiscard]] RunReport stamp(Context&, const migration::Source&, const migration::Target&);

/// Everything `status`, `current`, `history`, `plan` and `check` show; read-only, takes no lock.
struct StatusReport {
  ServerInfo server;
  HistorySnapshot snapshot;
  migration::Reconciliation reconciliation;  ///< points into `snapshot` and the source
  std::optional<EventRow> last_error;  ///< of the last run that failed, if none has succeeded since
  SchemaStatus schema;
  /// Not empty: the history is still another tool's ("Flyway, public.flyway_schema_history"), and
  /// `snapshot` shows it as it would be taken over.
  std::string adoptable;
};
[[nodiscard]] std::unique_ptr<StatusReport> status(Context&, const migration::Source&);

struct WaitRequest {
  migration::Target target;
  Milliseconds timeout{std::chrono::minutes{15}};
};
struct WaitReport {
  std::string current;  ///< "base" if none
  std::string target;
  Milliseconds waited{};
};
/// Looks again and again, each time on a connection of its own, until the database has all that
/// the target asks for.  Only reads, takes no lock.  What is not there yet, out of reach or not yet
/// granted is waited for; throws WaitTimeout, saying what was seen last, and at once what no wait
/// cures.
[[nodiscard]] WaitReport wait(Context&, const migration::Source&, const WaitRequest&);
/// What somebody else is about to change: the migrator makes the tables and grants the rights, a
/// server comes back.
[[nodiscard]] bool may_change(const ErrorInfo& error);
/// Why a database is not at its target yet, for people.
[[nodiscard]] std::string reason_of(const migration::Lacking& lacking,
                                    const HistorySnapshot& snapshot);

/// One look, as a sidecar takes it from time to time, on a connection of its own; the observer
/// hears of it, too.  Throws Error.
[[nodiscard]] SchemaStatus watch(Context&, const migration::Source&);

/// Makes the tables.  Returns false if everything was there.
bool init(Context&);

struct RepairRequest {
  bool apply = false;  ///< false: say only
  /// The user's word on a half-applied migration, or on the statement behind its finished ones.
  enum class HalfApplied { Ask, Done, Undone, StatementDone, StatementUndone };
  HalfApplied half_applied = HalfApplied::Ask;
  std::string version;  ///< which half-applied one, if several
};
struct RepairReport {
  std::vector<std::string> actions;    ///< sentences, in order
  std::vector<std::string> undecided;  ///< versions that are half applied and need the user's word
  bool applied = false;
};
[[nodiscard]] RepairReport repair(Context&, const migration::Source&, const RepairRequest&);

}  // namespace headway::engine
