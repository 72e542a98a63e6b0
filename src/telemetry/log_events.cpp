#include "telemetry/log_events.hpp"

#include <array>

namespace headway::telemetry {
namespace {

constexpr std::array kEvents{
    LogEvent{"run_started", "info", "command", "A command that changes a database begins."},
    LogEvent{"connect_failed", "warning", "attempt retry_in_seconds ERROR",
             "An attempt to connect failed, and another one follows."},
    LogEvent{"connected", "info (debug)", "server_version server_database user backend_pid pooler",
             "The server answered; at debug while the lock is polled."},
    LogEvent{"lock_waiting", "info (debug)", "waited_seconds holder holder_pid holder_client",
             "Another process migrates; at info every five seconds."},
    LogEvent{"not_yet", "info (debug)", "reason waited_seconds",
             "`wait` looked, and goes on waiting; at info when the reason changes, and every 30 "
             "seconds."},
    LogEvent{"lock_acquired", "info", "waited_seconds", "This process migrates."},
    LogEvent{"lock_released", "debug", "", "The next one may."},
    LogEvent{"schema_status", "debug", "current target applied pending",
             "Figures about the schema, whenever they are newly known."},
    LogEvent{"planned", "info", "steps current target", "What is to be done; `steps` 0: nothing."},
    LogEvent{"migration_started", "info", "STEP statements file", "A step begins."},
    LogEvent{"statement_started", "debug", "STEP statement_number file line column statement",
             "A statement of it begins."},
    LogEvent{"waiting_for_sessions", "warning",
             "waited_seconds sessions pid application session_state query",
             "A statement has waited five seconds for other sessions; again every ten seconds."},
    LogEvent{"blocking_sessions", "warning",
             "waited_seconds sessions pid application session_state query",
             "Other sessions have waited five seconds for the migration; again every ten seconds."},
    LogEvent{"progress", "info", "command_name phase percent",
             "How far a long command or a batch has come; every ten seconds."},
    LogEvent{"batch_finished", "info", "STEP statement_number ranges rows touched duration_seconds",
             "A batch has come to the end of its table: how many ranges of keys there were, how "
             "many rows in them, and how many its statement touched; `duration_seconds` of this "
             "run."},
    LogEvent{"migration_applied", "info", "STEP duration_seconds", "It is applied and committed."},
    LogEvent{"migration_reverted", "info", "STEP duration_seconds", "It is taken back."},
    LogEvent{"repeatable_applied", "info", "STEP duration_seconds", "A repeatable ran."},
    LogEvent{"migration_stamped", "info", "STEP duration_seconds",
             "Its row was made; nothing ran."},
    LogEvent{"migration_adopted", "info", "STEP duration_seconds",
             "Another tool has applied it; its row was made, and nothing ran."},
    LogEvent{"migration_unstamped", "info", "STEP duration_seconds",
             "Its row was removed; nothing ran."},
    LogEvent{"migration_failed", "error", "STEP duration_seconds ERROR why next exit_code",
             "A step failed."},
    LogEvent{"retrying", "warning", "reason version attempt retry_in_seconds ERROR",
             "It gave way or lost its connection, and is tried again; `reason` as in "
             "`headway_retries_total`."},
    LogEvent{"warning", "warning", "warning_id", "Nothing failed, but somebody should know."},
    LogEvent{"recovered", "info", "", "What the watch of `serve` warned of is over."},
    LogEvent{"state_changed", "debug", "state", "As the metric `headway_state`."},
    LogEvent{"run_finished", "info (error)",
             "command exit_code current target applied pending duration_seconds lock_wait_seconds "
             "version ERROR why next",
             "The end. `exit_code` as in the README, before an environment softens it; from "
             "`version` on only if it failed."},
    LogEvent{"targets_finished", "info (error)",
             "command exit_code targets ok failed not_started steps duration_seconds",
             "The end of a run over many targets; each that failed has lines of its own."},
    LogEvent{"error", "error", "version ERROR why next exit_code",
             "A command without a run failed, or one failed before its run began."},
};

}  // namespace

std::span<const LogEvent> log_events() noexcept { return kEvents; }

}  // namespace headway::telemetry
