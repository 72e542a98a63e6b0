#include "cli/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/error_text.hpp"
#include "cli/help.hpp"
#include "cli/identity.hpp"
#include "cli/invocation.hpp"
#include "cli/json.hpp"
#include "cli/resolve.hpp"
#include "telemetry/termination_log.hpp"

namespace headway::cli {
namespace {

/// Everything of text, through signals and short writes.
bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// A descriptor that is closed would be taken by the next socket, and our output go to the server.
void open_standard_descriptors() noexcept {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) (void)::open("/dev/null", O_RDWR);
  }
}

/// What must be known to show an error even where reading the configuration failed.
struct ErrorStyle {
  bool json = false;  ///< on standard output
  bool logs_json = isatty(STDERR_FILENO) == 0;
  Color color = Color::Auto;
  std::string database;
  std::string_view command;
  std::string termination_log;  ///< empty: not this command's to write
};

ErrorStyle guess_style(const std::vector<std::string_view>& words) {
  ErrorStyle style;
  style.termination_log = find_option("termination-log")->default_value;
  const auto variable = [](const char* name) -> std::string_view {
    const char* text = ::getenv(name);
    return text == nullptr ? std::string_view() : text;
  };
  style.json = variable("HEADWAY_OUTPUT") == "json";
  if (const auto path = variable("HEADWAY_TERMINATION_LOG"); !path.empty()) {
    style.termination_log = path;
  }
  if (variable("HEADWAY_LOG_FORMAT") == "json") style.logs_json = true;
  if (variable("HEADWAY_LOG_FORMAT") == "text") style.logs_json = false;
  const Option& termination_log = *find_option("termination-log");
  bool called_beside = false;  // the container's own process: its last words are not ours to write
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Command* command = find_command(words[i]);
    if (command != nullptr && style.command.empty()) {
      style.command = command->name;
      called_beside = !termination_log.commands.contains(command->id);
    }
    const auto value_of = [&](std::string_view name) -> std::string_view {
      if (words[i] == name && i + 1 < words.size()) return words[i + 1];
      if (words[i].substr(0, name.size()) == name && words[i].substr(name.size(), 1) == "=") {
        return words[i].substr(name.size() + 1);
      }
      return {};
    };
    if (const auto output = value_of("--output"); !output.empty()) style.json = output == "json";
    if (const auto format = value_of("--log-format"); !format.empty()) {
      style.logs_json = format == "json";
    }
    if (const auto path = value_of("--termination-log"); !path.empty())
      style.termination_log = path;
    if (const auto color = value_of("--color"); color == "always") style.color = Color::Always;
    if (const auto color = value_of("--color"); color == "never") style.color = Color::Never;
  }
  // `kubectl exec` with a mistyped command is not the container's own process either.
  const bool unknown = style.command.empty() && ::getpid() != 1;
  if (called_beside || unknown) style.termination_log.clear();
  return style;
}

void write_termination_log(const ErrorInfo& error, const ErrorStyle& style) {
  if (style.termination_log.empty()) return;
  telemetry::Termination ending;
  ending.outcome = error.kind() == Kind::Interrupted ? "interrupted" : "failed";
  ending.exit_code = error.exit_code();
  ending.command = style.command;
  ending.database = style.database;
  ending.error = error;
  ending.headway_version = build_info().version;
  telemetry::write_termination_log(style.termination_log, telemetry::termination_line(ending));
}

void hold_back_stop_signals(int how) noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(how, &set, nullptr);
}

int report_error(const ErrorInfo& error, const ErrorStyle& style) {
  write_termination_log(error, style);
  if (style.json) {
    write_all(STDOUT_FILENO, json_line({{"error", error_json(error)}}));
  } else if (style.logs_json) {
    telemetry::log_error({telemetry::LogFormat::Json, telemetry::LogLevel::Error, style.database},
                         error);
  } else {
    const bool on =
        style.color == Color::Always || (style.color == Color::Auto && isatty(STDERR_FILENO) != 0);
    write_all(STDERR_FILENO, error_text(error, Paint(on)));
  }
  return error.exit_code();
}

/// A variable or the configuration file names many databases, and the command would take another
/// one: the one that the rest of the settings happens to name.
void refuse_many(const Command& command, const Settings& settings) {
  const bool connects = find_option("history-schema")->commands.contains(command.id);
  if (settings.targets.empty() || !connects) return;
  if (find_option("targets")->commands.contains(command.id)) return;
  throw Error(ErrorId::BadConfiguration,
              fmt::format("`headway {}` takes one database, and `targets` is set to {}",
                          command.name, settings.targets))
      .next("Run it with HEADWAY_TARGETS empty and --database-url for one of them.");
}

/// Every pod of an Indexed Job would do the same.
void refuse_shards_of_one(const Command& command, const Settings& settings) {
  if (!settings.targets.empty() || !find_option("targets")->commands.contains(command.id)) return;
  if (settings.shard_count == 1 && !settings.shard_index) return;
  throw Error(ErrorId::BadConfiguration,
              "one database can't be shared out: --shard-count and --shard-index go with --targets")
      .next("Name the targets file, or leave the shards away.");
}

int run_command(const std::vector<std::string_view>& words, ErrorStyle& style) {
  const Arguments arguments = parse_arguments(words);
  if (arguments.help) {
    print(arguments.command == nullptr ? help_text() : help_text(*arguments.command));
    return 0;
  }
  if (arguments.command == nullptr && !arguments.version) {
    if (style.logs_json || style.json) throw Error(ErrorId::BadFlag, "no command is named");
    print_error(help_text());
    return kind_info(Kind::Usage).exit_code;
  }
  const Command& chosen = arguments.version ? command_of(CommandId::Version) : *arguments.command;
  const bool ends_container = find_option("termination-log")->commands.contains(chosen.id);
  Variables variables = process_variables();
  Resolved resolved = resolve(arguments, variables);
  refuse_many(chosen, resolved.settings);
  refuse_shards_of_one(chosen, resolved.settings);
  const Invocation invocation{chosen,
                              std::move(resolved.settings),
                              std::move(variables),
                              std::move(resolved.warnings),
                              isatty(STDOUT_FILENO) != 0,
                              isatty(STDERR_FILENO) != 0};
  // Nobody watches where no database is met.
  const bool watches = find_option("shutdown-timeout")->commands.contains(chosen.id);
  if (!watches) hold_back_stop_signals(SIG_UNBLOCK);
  style = {invocation.json(),
           invocation.logs_json(),
           invocation.settings.color,
           invocation.settings.name,
           chosen.name,
           ends_container ? invocation.settings.termination_log : std::string()};
  return chosen.run(invocation);
}

/// The arguments, copied; in argv, which `ps` shows to everybody, URLs are crossed out: they may
/// hold a password.
std::vector<std::string> take_arguments(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto cross_out = [](char* text) { std::memset(text, 'x', std::strlen(text)); };
  for (int i = 1; i < argc; ++i) {
    const std::string& word = words[static_cast<std::size_t>(i - 1)];
    for (const Option& option : all_options()) {
      if (option.value_name != "URL" || !word.starts_with("--")) continue;
      const std::size_t end = 2 + option.name.size();
      if (word.compare(2, option.name.size(), option.name) != 0) continue;
      if (word.size() == end && i + 1 < argc) cross_out(argv[i + 1]);
      if (word.size() > end && word[end] == '=') cross_out(argv[i] + end + 1);
    }
  }
  return words;
}

}  // namespace

void print(std::string_view text) {
  if (write_all(STDOUT_FILENO, text) || errno == EPIPE) return;
  throw Error(ErrorId::Internal,
              fmt::format("can't write to standard output: {}", std::strerror(errno)))
      .next("Look at where the output goes: a full disk, or a closed descriptor.");
}

void print_error(std::string_view text) noexcept { write_all(STDERR_FILENO, text); }

int run(int argc, char** argv) noexcept {
  open_standard_descriptors();
  // A reader that goes away must not kill a run in the middle.
  std::signal(SIGPIPE, SIG_IGN);
  // As PID 1 this process gets the orphans of what is executed beside it; it has no children of its
  // own, so the kernel may forget them as they end.
  std::signal(SIGCHLD, SIG_IGN);
  // PID 1 does not even get a signal that nobody has asked for.  Who watches for them finds what
  // came before; until then they wait.
  hold_back_stop_signals(SIG_BLOCK);
  ErrorStyle style;
  try {
    const std::vector<std::string> arguments = take_arguments(argc, argv);
    const std::vector<std::string_view> words(arguments.begin(), arguments.end());
    style = guess_style(words);
    try {
      return run_command(words, style);
    } catch (...) {
      return report_error(current_error(), style);
    }
  } catch (...) {
    // Even telling of the error failed: memory is gone.
    print_error(style.logs_json
                    ? "{\"level\":\"error\",\"event\":\"error\",\"message\":\"out of memory\","
                      "\"error_id\":\"internal\",\"exit_code\":1}\n"
                    : "error: out of memory [internal]\n");
    return kind_info(Kind::Internal).exit_code;
  }
}

}  // namespace headway::cli
