#include "cli/options.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>

#include "migration/directives.hpp"

namespace headway::cli {
namespace {

template <auto Member>
void set_flag(Settings& settings, const Value& value) {
  settings.*Member = value.text == "true";
}

template <auto Member>
void set_text(Settings& settings, const Value& value) {
  settings.*Member = std::string(value.text);
}

template <auto Member>
void set_duration(Settings& settings, const Value& value) {
  const auto duration = migration::parse_duration(value.text);
  if (!duration) throw bad_value(value, "a duration such as 500ms, 90s, 5m, 1h or 0");
  settings.*Member = *duration;
}

/// Enum stands for the member's type, whose enumerators have the order of the choices.
template <auto Member, typename Enum>
void set_choice(Settings& settings, const Value& value) {
  for (std::size_t i = 0; i < value.option.choices.size(); ++i) {
    if (value.option.choices[i] == value.text) {
      settings.*Member = static_cast<Enum>(i);
      return;
    }
  }
  throw bad_value(value, fmt::format("one of {}", fmt::join(value.option.choices, ", ")));
}

template <auto Member>
void add_item(Settings& settings, const Value& value) {
  auto& list = settings.*Member;
  if (value.first) list.clear();
  if (!value.text.empty()) list.emplace_back(value.text);
}

/// One setting with two names.  `strict=false` takes back a `strict=true` of a lower layer; it does
/// not mean lenient.
template <bool Strict>
void set_mode(Settings& settings, const Value& value) {
  if (value.text == "true") {
    settings.strict = Strict;
  } else if (settings.strict == Strict) {
    settings.strict.reset();
  }
}

/// Of one of `std::size_t` or std::optional<std::size_t>.
template <auto Member, std::size_t Least, std::size_t Most>
void set_number(Settings& settings, const Value& value) {
  std::size_t number = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (value.text.empty() || error != std::errc{} || stop != end || number < Least ||
      number > Most) {
    throw bad_value(value, fmt::format("a number from {} to {}", Least, Most));
  }
  settings.*Member = number;
}

void set_database_url(Settings& settings, const Value& value) {
  settings.database_url = std::string(value.text);
  settings.database_url_source = value.origin.name;
}

void add_setting(Settings& settings, const Value& value) {
  const auto equals = value.text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw bad_value(value, "NAME=VALUE, such as work_mem=256MB");
  }
  add_item<&Settings::set>(settings, value);
}

void set_format(Settings& settings, const Value& value) {
  settings.format.reset();
  if (value.text == "auto") return;
  for (const formats::FormatInfo& info : formats::kFormats) {
    if (info.id == value.text) settings.format = info.format;
  }
  if (!settings.format) {
    throw bad_value(value, fmt::format("one of {}", fmt::join(value.option.choices, ", ")));
  }
}

void add_placeholder(Settings& settings, const Value& value) {
  if (value.first) settings.placeholders.clear();
  const auto equals = value.text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw bad_value(value, "NAME=VALUE, such as schema=shop");
  }
  settings.placeholders[std::string(value.text.substr(0, equals))] =
      std::string(value.text.substr(equals + 1));
}

void set_environment(Settings& settings, const Value& value) {
  if (value.text.empty()) throw bad_value(value, "a name such as production");
  settings.environment = std::string(value.text);
}

void set_name(Settings& settings, const Value& value) {
  if (value.text.empty()) throw bad_value(value, "a name");
  settings.name = std::string(value.text);
}

using Id = CommandId;
constexpr CommandSet kAll = CommandSet::all();
constexpr CommandSet kEnds{Id::Upgrade, Id::Downgrade, Id::Redo, Id::Stamp, Id::Adopt};
constexpr CommandSet kAdopting{Id::Upgrade, Id::Serve, Id::Adopt,   Id::Plan,
                               Id::Status,  Id::Check, Id::Current, Id::History};
constexpr CommandSet kExecutes{Id::Upgrade, Id::Downgrade, Id::Redo, Id::Serve};
constexpr CommandSet kRuns = kEnds | CommandSet{Id::Serve};
constexpr CommandSet kWrites = kRuns | CommandSet{Id::Init, Id::Repair};
/// What runs statements of migrations, if only for a trial.
constexpr CommandSet kTries = kWrites | CommandSet{Id::Plan};
constexpr CommandSet kReads{Id::Current, Id::History, Id::Status, Id::Plan, Id::Check};
constexpr CommandSet kConnects = kWrites | kReads;
constexpr CommandSet kDatabase = kConnects | CommandSet{Id::Wait};
constexpr CommandSet kSource =
    kRuns | kReads | CommandSet{Id::Heads, Id::Revision, Id::Validate, Id::Repair, Id::Wait};
constexpr CommandSet kPlans{Id::Upgrade, Id::Plan, Id::Check, Id::Status, Id::Serve};
/// What --targets does for many; the others would do too much, or show too little.
constexpr CommandSet kMany{Id::Upgrade, Id::Downgrade, Id::Status, Id::Plan, Id::Check, Id::Wait};
/// What runs as a container's main process, and is not called beside one.
constexpr CommandSet kContainer = kWrites | CommandSet{Id::Wait};

constexpr std::array<std::string_view, 2> kOutputs{"text", "json"};
constexpr std::array<std::string_view, 3> kColors{"auto", "always", "never"};
constexpr std::array<std::string_view, 2> kLogFormats{"json", "text"};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 3> kPoolers{"refuse", "session", "transaction"};
constexpr std::array<std::string_view, 2> kTransactions{"each", "all"};
constexpr std::array<std::string_view, 4> kOrders{"auto", "strict", "skip", "any"};
constexpr auto kFormatChoices = [] {
  std::array<std::string_view, formats::kFormats.size() + 1> ids{"auto"};
  for (std::size_t i = 0; i < formats::kFormats.size(); ++i) ids[i + 1] = formats::kFormats[i].id;
  return ids;
}();
constexpr std::array<std::string_view, 3> kPhases{"all", "expand", "contract"};
constexpr std::array<std::string_view, 3> kAdopts{"auto", "require", "never"};
constexpr std::array<std::string_view, 2> kIfAhead{"ok", "fail"};
constexpr std::array<std::string_view, 2> kOnFailure{"exit", "serve"};

constexpr Option flag(std::string_view name, std::string_view help, OptionGroup group,
                      CommandSet commands, void (*apply)(Settings&, const Value&)) {
  return {name, 0, OptionKind::Flag, "", "", "", help, group, commands, {}, 0, apply};
}

constexpr Option text(std::string_view name, std::string_view value_name,
                      std::string_view default_value, std::string_view default_remark,
                      std::string_view help, OptionGroup group, CommandSet commands,
                      void (*apply)(Settings&, const Value&)) {
  return {name,
          0,
          OptionKind::Text,
          value_name,
          default_value,
          default_remark,
          help,
          group,
          commands,
          {},
          0,
          apply};
}

constexpr Option duration(std::string_view name, std::string_view default_value,
                          std::string_view default_remark, std::string_view help, OptionGroup group,
                          CommandSet commands, void (*apply)(Settings&, const Value&)) {
  return {name,
          0,
          OptionKind::Duration,
          "DURATION",
          default_value,
          default_remark,
          help,
          group,
          commands,
          {},
          0,
          apply};
}

constexpr Option choice(std::string_view name, std::span<const std::string_view> choices,
                        std::string_view default_value, std::string_view default_remark,
                        std::string_view help, OptionGroup group, CommandSet commands,
                        void (*apply)(Settings&, const Value&)) {
  return {name,
          0,
          OptionKind::Choice,
          "",
          default_value,
          default_remark,
          help,
          group,
          commands,
          choices,
          0,
          apply};
}

/// Its choices are too many for a line.
constexpr Option format_option(std::string_view name) {
  Option option = choice(
      name, kFormatChoices, "auto", "",
      "The tool whose directory it is: headway, golang-migrate, goose, dbmate, flyway, sqlx, "
      "atlas, tern, prisma, diesel, refinery, sql-migrate; auto finds out by names and "
      "marks, and refuses to guess between two.",
      OptionGroup::Source, kSource, set_format);
  option.value_name = "TOOL";
  return option;
}

constexpr Option list(std::string_view name, std::string_view value_name, char separator,
                      std::string_view help, OptionGroup group, CommandSet commands,
                      void (*apply)(Settings&, const Value&)) {
  return {name, 0,     OptionKind::List, value_name, "",        "",
          help, group, commands,         {},         separator, apply};
}

constexpr Option with_letter(Option option, char letter) {
  option.letter = letter;
  return option;
}

using Group = OptionGroup;

constexpr std::array kOptions{
    // ---- of single commands ----
    flag("dry-run", "Show the plan and change nothing, as `headway plan` does.", Group::Command,
         CommandSet{Id::Upgrade, Id::Adopt}, set_flag<&Settings::dry_run>),
    flag("sql", "Print the SQL that would run.", Group::Command,
         CommandSet{Id::Upgrade, Id::Plan, Id::Init}, set_flag<&Settings::sql>),
    flag("execute",
         "Run what is pending in a scratch database of the same server, and show what each "
         "statement locked, rewrote and read there.",
         Group::Command, CommandSet{Id::Plan}, set_flag<&Settings::execute>),
    text("scratch-url", "URL", "", "a new one, dropped again",
         "With --execute: run it in this database, which has to be empty, and leave it there.",
         Group::Command, CommandSet{Id::Plan}, set_text<&Settings::scratch_url>),
    flag("on-live-database",
         "With --execute: run it in the live database instead, in one transaction that is rolled "
         "back.",
         Group::Command, CommandSet{Id::Plan}, set_flag<&Settings::on_live_database>),
    duration("max-lock-hold", "1s", "",
             "With --on-live-database: for how long at most it may hold locks that others need.",
             Group::Command, CommandSet{Id::Plan}, set_duration<&Settings::max_lock_hold>),
    flag("exit-code", "Exit with 30 when migrations are pending.", Group::Command,
         CommandSet{Id::Upgrade, Id::Plan, Id::Status}, set_flag<&Settings::exit_code>),
    flag("last-run", "Take back what the last run applied, instead of naming a TARGET.",
         Group::Command, CommandSet{Id::Downgrade}, set_flag<&Settings::last_run>),
    flag(
        "yes",
        "Confirm: strict environments take nothing back and rehearse nothing on the live database, "
        "and `repair` changes nothing, without it.",
        Group::Command, CommandSet{Id::Downgrade, Id::Redo, Id::Repair, Id::Plan},
        set_flag<&Settings::yes>),
    flag("verbose", "Show checksums, runs and who applied what, too.", Group::Command,
         CommandSet{Id::History}, set_flag<&Settings::verbose>),
    with_letter(text("message", "TEXT", "", "", "What the migration does; becomes its name.",
                     Group::Command, CommandSet{Id::Revision}, set_text<&Settings::message>),
                'm'),
    text("rev-id", "VERSION", "", "the time in UTC", "The version to give it.", Group::Command,
         CommandSet{Id::Revision}, set_text<&Settings::rev_id>),
    flag("sequential", "Number it after the last one instead of by the time.", Group::Command,
         CommandSet{Id::Revision}, set_flag<&Settings::sequential>),
    flag("no-down", "Make no file for the way back.", Group::Command,
         CommandSet{Id::Revision, Id::Import}, set_flag<&Settings::no_down>),
    text("alembic", "COMMAND", "alembic", "",
         "How alembic is started in this project: words for a shell.", Group::Command,
         CommandSet{Id::Import}, set_text<&Settings::alembic>),
    text("done", "VERSION", "", "",
         "Declare that the half-applied migration VERSION is wholly there.", Group::Command,
         CommandSet{Id::Repair}, set_text<&Settings::done>),
    text("undone", "VERSION", "", "",
         "Declare that nothing of the half-applied migration VERSION is there.", Group::Command,
         CommandSet{Id::Repair}, set_text<&Settings::undone>),
    text(
        "statement-done", "VERSION", "", "",
        "Declare that of the half-applied migration VERSION the statement that may or may not have "
        "taken effect is there; the next upgrade goes on behind it.",
        Group::Command, CommandSet{Id::Repair}, set_text<&Settings::statement_done>),
    text("statement-undone", "VERSION", "", "",
         "Declare that nothing of that statement is there; the next upgrade runs it.",
         Group::Command, CommandSet{Id::Repair}, set_text<&Settings::statement_undone>),

    text("target", "TARGET", "head", "", "What to wait for: head, heads, or a version.",
         Group::Command, CommandSet{Id::Wait}, set_text<&Settings::wait_target>),
    duration("timeout", "15m", "", "How long to wait.", Group::Command, CommandSet{Id::Wait},
             set_duration<&Settings::wait_timeout>),
    duration("watch-interval", "60s", "",
             "How often to look at the history after the upgrade; 0: never.", Group::Command,
             CommandSet{Id::Serve}, set_duration<&Settings::watch_interval>),
    choice("on-failure", kOnFailure, "exit", "",
           "After an upgrade that failed: exit, so that the container is started again, or stay "
           "and serve the failure.",
           Group::Command, CommandSet{Id::Serve}, set_choice<&Settings::on_failure, OnFailure>),
    duration("failure-hold", "60s", "",
             "How long to serve a failure before exiting; two scrapes of /metrics end it earlier.",
             Group::Command, CommandSet{Id::Serve}, set_duration<&Settings::failure_hold>),

    // ---- source ----
    text("migrations", "DIR", "", "/migrations if it exists, else migrations",
         "The directory that holds the migrations.", Group::Source,
         kSource | CommandSet{Id::Import}, set_text<&Settings::migrations>),
    format_option("format"),
    list("placeholder", "NAME=VALUE", ';',
         "A value for a placeholder of Flyway or tern; may be given again.", Group::Source, kSource,
         add_placeholder),
    flag("no-placeholders", "Leave Flyway's ${name} as it is written.", Group::Source, kSource,
         set_flag<&Settings::no_placeholders>),
    flag("skip-foreign-code",
         "Let migrations that only their own tool can run stand until they are reached, and do not "
         "miss those that it has run.",
         Group::Source, kSource | CommandSet{Id::Import}, set_flag<&Settings::skip_foreign_code>),
    choice("adopt", kAdopts, "auto", "",
           "What to do with the history of another tool, where Headway's is empty: take it over, "
           "insist that there is one, or migrate from the beginning.",
           Group::Source, kAdopting, set_choice<&Settings::adopt, engine::AdoptSettings::Mode>),
    text("foreign-table", "TABLE", "", "the one that the tool has unless told otherwise",
         "The other tool's history: SCHEMA.TABLE, or TABLE.", Group::Source,
         kAdopting | kRuns | CommandSet{Id::Repair}, set_text<&Settings::foreign_table>),
    flag("mirror-history",
         "Tell the other tool's table, too, of what is done, in the same transaction, so that you "
         "can go back to the tool.",
         Group::Source, kRuns | CommandSet{Id::Repair}, set_flag<&Settings::mirror_history>),
    flag("allow-empty", "Accept a source without a migration.", Group::Source, kSource,
         set_flag<&Settings::allow_empty>),
    choice("order", kOrders, "auto", "",
           "What to do with a pending migration that belongs before an applied one: refuse, leave "
           "it out, or apply it late; auto refuses, but in a directory of dbmate, sqlx, "
           "sql-migrate, Diesel or Prisma, which apply it late.",
           Group::Source, kPlans | CommandSet{Id::Wait},
           set_choice<&Settings::order, migration::Order>),
    choice(
        "phase", kPhases, "all", "",
        "Which migrations to look at: those that run before the new version is rolled out, those "
        "that run after it, or all.",
        Group::Source, kPlans | CommandSet{Id::Wait},
        set_choice<&Settings::phases, migration::Phases>),
    choice("if-ahead", kIfAhead, "ok", "",
           "What to do when the database has migrations that this source does not know yet.",
           Group::Source, kPlans, set_choice<&Settings::if_ahead, migration::IfAhead>),

    // ---- database ----
    text("database-url", "URL", "",
         "HIVE_DATABASE_URL, DATABASE_URL, then libpq's PGHOST and the like",
         "Where the database is. On the command line a password shows in `ps`: prefer the variable "
         "or a file.",
         Group::Database, kDatabase, set_database_url),
    text("database-url-file", "FILE", "", "",
         "A file that holds the URL, such as a mounted Secret.", Group::Database, kDatabase,
         set_text<&Settings::database_url_file>),
    text("database-dir", "DIR", "", "",
         "A mounted Secret with one file per part (CloudNativePG, Zalando, Crunchy or plain keys).",
         Group::Database, kDatabase, set_text<&Settings::database_dir>),
    text("history-schema", "SCHEMA", "headway", "", "The schema of Headway's own tables.",
         Group::Database, kDatabase, set_text<&Settings::history_schema>),
    text("history-table", "TABLE", "history", "", "The table of what has been applied.",
         Group::Database, kDatabase, set_text<&Settings::history_table>),
    list("history-readers", "ROLE,...", ',', "Roles that may read Headway's tables.",
         Group::Database, kWrites, add_item<&Settings::history_readers>),
    choice("pooler", kPoolers, "refuse", "",
           "What to do behind a connection pooler; `session` and `transaction` are your word about "
           "its mode.",
           Group::Database, kDatabase, set_choice<&Settings::pooler, postgres::PoolerMode>),
    text("role", "ROLE", "", "", "SET ROLE to this one for the session.", Group::Database,
         kDatabase, set_text<&Settings::role>),
    list("search-path", "SCHEMA,...", ',', "The session's search path.", Group::Database, kDatabase,
         add_item<&Settings::search_path>),
    list("set", "NAME=VALUE", ';', "A setting of the session; may be repeated.", Group::Database,
         kDatabase, add_setting),
    duration("connect-timeout", "5m", "", "How long to try to reach the database.", Group::Database,
             kConnects, set_duration<&Settings::connect_timeout>),
    duration("auth-retry", "90s", "",
             "How long to try again when the server refuses the credentials or lacks the database.",
             Group::Database, kDatabase, set_duration<&Settings::auth_retry>),
    duration("statement-timeout", "", "none", "How long one statement of a migration may run.",
             Group::Database, kTries, set_duration<&Settings::statement_timeout>),

    // ---- many databases ----
    text("targets", "FILE", "", "",
         "Do it for the many databases or tenants' schemas that this file names, each with a lock "
         "and a history of its own.",
         Group::Targets, kMany, set_text<&Settings::targets>),
    text("concurrency", "N", "4", "", "How many targets to work on at the same time.",
         Group::Targets, kMany, set_number<&Settings::concurrency, 1, 256>),
    text("max-failures", "N", "0", "",
         "Begin no other target once N have failed; 0: always go on with the others.",
         Group::Targets, kMany, set_number<&Settings::max_failures, 0, 1'000'000>),
    text("shard-count", "N", "1", "",
         "Among how many processes the targets are divided, by their names.", Group::Targets, kMany,
         set_number<&Settings::shard_count, 1, 100'000>),
    text("shard-index", "N", "", "JOB_COMPLETION_INDEX, which an Indexed Job sets",
         "Which of them this one is, from 0.", Group::Targets, kMany,
         set_number<&Settings::shard_index, 0, 99'999>),

    // ---- running ----
    duration("lock-wait", "10m", "", "How long to wait for another process that migrates.",
             Group::Running, kWrites, set_duration<&Settings::lock_wait>),
    duration("lock-timeout", "2s", "",
             "How long one statement may wait for a table's lock before it gives way.",
             Group::Running, kTries, set_duration<&Settings::lock_timeout>),
    duration("max-blocked-wait", "", "the lock timeout",
             "How long a transaction that holds locks others need may wait for further ones in all "
             "before it gives way.",
             Group::Running, kExecutes, set_duration<&Settings::max_blocked_wait>),
    duration("abort-if-blocking", "", "never",
             "Give way, and try again, when others have waited that long for a migration.",
             Group::Running, kExecutes, set_duration<&Settings::abort_if_blocking>),
    duration("max-replica-lag", "", "any",
             "Let a batch wait while a replica is further behind than that.", Group::Running,
             kExecutes, set_duration<&Settings::max_replica_lag>),
    duration("shutdown-timeout", "20s", "", "How long stopping may take after a signal.",
             Group::Running, kDatabase, set_duration<&Settings::shutdown_timeout>),
    duration("drain", "0", "", "How long a running migration may go on after a signal.",
             Group::Running, kWrites, set_duration<&Settings::drain>),
    choice("transaction", kTransactions, "each", "",
           "One transaction per migration, or one around all.", Group::Running, kExecutes,
           set_choice<&Settings::transaction, engine::Transactions>),

    // ---- metrics ----
    text("name", "NAME", "default", "",
         "The database's logical name: the label `database` of metrics and logs.", Group::Metrics,
         kDatabase, set_name),
    flag("metrics-per-target",
         "With --targets: a few series for each target as well, not only sums.", Group::Metrics,
         CommandSet{Id::Upgrade, Id::Downgrade}, set_flag<&Settings::metrics_per_target>),
    text("metrics-file", "FILE", "", "", "Write the metrics there at the end (textfile collector).",
         Group::Metrics, kRuns, set_text<&Settings::metrics_file>),
    text("pushgateway-url", "URL", "", "",
         "Push the outcome there at the end, if the run changed something or failed.",
         Group::Metrics, kRuns, set_text<&Settings::pushgateway_url>),
    text("http", "ADDRESS", "", "off; :9490 for `serve` and `probe`",
         "Where metrics and status are served over HTTP while running, such as :9490.",
         Group::Metrics, kRuns | CommandSet{Id::Probe}, set_text<&Settings::http>),
    duration("linger", "0", "",
             "How long to go on serving --http after a run that changed something or failed; two "
             "scrapes of /metrics end it earlier.",
             Group::Metrics, kEnds, set_duration<&Settings::linger>),
    text("termination-log", "FILE", "/dev/termination-log", "",
         "If this file exists, the outcome is written there as one line of JSON.", Group::Metrics,
         kContainer, set_text<&Settings::termination_log>),

    // ---- general ----
    text("config", "FILE", "", "", "A TOML file with options by their names.", Group::General, kAll,
         set_text<&Settings::config>),
    text("environment", "NAME", "production", "",
         "Where this runs; development, dev, local and test are lenient, all others strict.",
         Group::General, kAll, set_environment),
    flag("strict", "Fail as in production, whatever the environment.", Group::General, kAll,
         set_mode<true>),
    flag("lenient",
         "Warn where `upgrade`, `serve` and `wait` would fail, whatever the environment.",
         Group::General, kAll, set_mode<false>),
    choice("output", kOutputs, "text", "", "What is written to standard output.", Group::General,
           kAll, set_choice<&Settings::output, Output>),
    choice("color", kColors, "auto", "", "Colours; auto: on a terminal.", Group::General, kAll,
           set_choice<&Settings::color, Color>),
    choice("log-format", kLogFormats, "", "text on a terminal, else json",
           "The form of the log on standard error.", Group::General, kAll,
           set_choice<&Settings::log_format, telemetry::LogFormat>),
    choice("log-level", kLogLevels, "", "info; warning where the database is only read",
           "How much is logged.", Group::General, kAll,
           set_choice<&Settings::log_level, telemetry::LogLevel>),
    flag("log-literals",
         "Show the values in statements and the server's DETAIL, which may hold user data.",
         Group::General, kAll, set_flag<&Settings::log_literals>),
    flag("no-progress", "No live progress on a terminal.", Group::General, kAll,
         set_flag<&Settings::no_progress>),
};

}  // namespace

std::span<const Option> all_options() noexcept { return kOptions; }

const Option* find_option(std::string_view name) noexcept {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

const Option* find_option(char letter) noexcept {
  for (const Option& option : kOptions) {
    if (option.letter != 0 && option.letter == letter) return &option;
  }
  return nullptr;
}

std::string variable_of(const Option& option) {
  std::string out = "HEADWAY_";
  for (const char c : option.name) {
    out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return out;
}

Error bad_value(const Value& value, std::string_view expected) {
  const bool flag = value.origin.layer == Origin::Layer::Flag;
  // A URL may hold a password, so its text is never repeated.
  const bool secret = value.option.value_name == "URL";
  return Error(flag ? ErrorId::BadFlag : ErrorId::BadConfiguration,
               secret
                   ? fmt::format("{} is not {}", value.origin.name, expected)
                   : fmt::format("{}: \"{}\" is not {}", value.origin.name, value.text, expected))
      .at(value.origin.where);
}

}  // namespace headway::cli
