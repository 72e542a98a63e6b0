#include "cli/command.hpp"

#include <array>

#include "cli/commands/commands.hpp"

namespace headway::cli {
namespace {

constexpr std::array kCommands{
    Command{CommandId::Upgrade, "upgrade", "up", Argument::Optional, "TARGET",
            "Bring the database to TARGET (default: head).",
            "Applies what is pending, each migration once however many processes try at the same "
            "time. When there is nothing to do it takes no lock and changes nothing.\n\n"
            "TARGET is head (the default), heads, a version, the beginning of one, or +N.",
            commands::upgrade},
    Command{CommandId::Downgrade, "downgrade", "down", Argument::Optional, "TARGET",
            "Take migrations back until TARGET is the last one.",
            "Runs the ways back, the newest first. `downgrade head` takes back what this source "
            "does not know, with the SQL that was stored when it was applied; `--last-run` takes "
            "back what the last run applied. Strict environments want --yes.\n\n"
            "TARGET is base, -N, head, a version, or the beginning of one.",
            commands::downgrade},
    Command{CommandId::Redo, "redo", "", Argument::None, "",
            "Take the last migration back and apply it again.",
            "For developing a migration. Strict environments want --yes.", commands::redo},
    Command{CommandId::Current, "current", "", Argument::None, "",
            "Show the version that the database is at.", "", commands::current},
    Command{CommandId::Heads, "heads", "", Argument::None, "", "Show the heads of the source.",
            "A head is a migration that no other one follows. Needs no database.", commands::heads},
    Command{CommandId::History, "history", "", Argument::None, "",
            "Show all migrations, applied and pending, in their order.", "", commands::history},
    Command{CommandId::Status, "status", "", Argument::None, "",
            "Show whether the database is up to date, and what is pending and applied.", "",
            commands::status},
    Command{
        CommandId::Plan, "plan", "", Argument::Optional, "TARGET",
        "Show what `upgrade TARGET` would do.",
        "Steps and the locks that are expected, without running anything. With --execute the "
        "pending migrations run, in a scratch database: a new one on the same server, without "
        "the data of the live one, in which the applied migrations are run again first. It "
        "needs CREATEDB, and is dropped at the end. With --on-live-database as well they run in "
        "the live one, as far as one transaction can hold them, and that is rolled back: for "
        "as long as it may, --max-lock-hold, it keeps others waiting. Strict environments want "
        "--yes.\n\n"
        "TARGET is head, heads, base, +N or -N steps from here, a version, or the beginning of "
        "one.",
        commands::plan},
    Command{CommandId::Stamp, "stamp", "", Argument::Required, "TARGET",
            "Record TARGET as the state of the database without running anything.",
            "For a database that got its schema in another way. "
            "TARGET is head, heads, base, a "
            "version, or the beginning of one.",
            commands::stamp},
    Command{
        CommandId::Adopt, "adopt", "", Argument::None, "", "Take over another tool's history.",
        "What golang-migrate, goose, dbmate, Flyway, sqlx, Atlas, tern, Prisma, Diesel, refinery "
        "or sql-migrate has applied enters Headway's history, in one transaction and under both "
        "tools' locks; files are compared with the checksums that the tool has kept. Its table "
        "stays as it is. `upgrade` does the same at its first run; with --dry-run nothing is "
        "changed.",
        commands::adopt},
    Command{CommandId::Import, "import", "", Argument::Required, "TOOL",
            "Turn an Alembic project into SQL files.",
            "TOOL is alembic. Asks the project's own `alembic` revision by revision, without a "
            "database, what it would run, and writes a file for each into the directory of "
            "--migrations, with the revision's id, message and parents. Files of an earlier import "
            "stay as they are. Adoption takes over the table alembic_version afterwards. Of other "
            "tools the files are read as they are.",
            commands::import_from},
    Command{CommandId::Revision, "revision", "", Argument::None, "",
            "Make the files of a new migration.", "Never overwrites a file. Needs no database.",
            commands::revision},
    Command{CommandId::Validate, "validate", "", Argument::None, "",
            "Check the source without a database.",
            "Reads every file, its directives and statements, and the graph they make.",
            commands::validate},
    Command{CommandId::Check, "check", "", Argument::None, "",
            "Exit with 0 only if the database is at head and agrees with the source.",
            "Exits with 30 when migrations are pending, and with the code of the error when source "
            "and history disagree. Changes nothing.",
            commands::check},
    Command{CommandId::Init, "init", "", Argument::None, "",
            "Make Headway's own tables, or print how.",
            "`upgrade` makes them by itself where it may; with --sql a DBA gets the script to read "
            "and run.",
            commands::init},
    Command{CommandId::Repair, "repair", "", Argument::None, "",
            "Settle what stands in the way of an upgrade.",
            "Takes over the checksums of files that were edited after they had been applied, and "
            "records your word on half-applied migrations. Says what it would do; does it with "
            "--yes.",
            commands::repair},
    Command{CommandId::Wait, "wait", "", Argument::None, "",
            "Wait until the database is at, or ahead of, the head of this source.",
            "For applications whose migrations run elsewhere. It only reads, needs no more than "
            "SELECT on the history, takes no lock, and connects anew for each look. Without files, "
            "as in an application's own image, name the version: --target=VERSION. Exits with 14 "
            "when the time is over.",
            commands::wait},
    Command{CommandId::Serve, "serve", "", Argument::Optional, "TARGET",
            "Upgrade, then stay and serve metrics, probes and a status page.",
            "For a native sidecar: an init container with restartPolicy Always, whose startupProbe "
            "asks /startupz. After the upgrade it looks at the history from time to time and "
            "reports what is pending, ahead or half applied. SIGTERM then ends it with 0.\n\n"
            "Serves /metrics, /healthz, /startupz, /readyz, /status and a page for people at /.\n\n"
            "TARGET as for `upgrade`; what lies beyond it counts as pending.",
            commands::serve},
    Command{CommandId::Probe, "probe", "", Argument::Required, "startup|live|ready",
            "Ask a running `headway serve`, for an exec probe.",
            "Exits with 0 if it answers 200 at /startupz, /healthz or /readyz, else with 1. For "
            "images without a shell; an httpGet probe does the same.",
            commands::probe},
    Command{CommandId::Completion, "completion", "", Argument::Required, "SHELL",
            "Print the completion script for bash, zsh or fish.",
            "bash: source <(headway completion bash)\n"
            "zsh:  source <(headway completion zsh)\n"
            "fish: headway completion fish | source",
            commands::completion},
    Command{CommandId::Version, "version", "", Argument::None, "", "Show Headway's version.", "",
            commands::version},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kCommands.size(); ++i) {
    if (static_cast<std::size_t>(kCommands[i].id) != i) return false;
  }
  return kCommands.size() == static_cast<std::size_t>(CommandId::Version) + 1;
}
static_assert(in_enum_order(), "the table holds every command, in the order of the enum");

}  // namespace

std::span<const Command> all_commands() noexcept { return kCommands; }

const Command* find_command(std::string_view name) noexcept {
  for (const Command& command : kCommands) {
    if (command.name == name || (!command.alias.empty() && command.alias == name)) return &command;
  }
  return nullptr;
}

const Command& command_of(CommandId id) noexcept { return kCommands[static_cast<std::size_t>(id)]; }

}  // namespace headway::cli
