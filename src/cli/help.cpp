#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/options.hpp"
#include "cli/text.hpp"

namespace headway::cli {
namespace {

constexpr std::size_t kWidth = 96;
constexpr std::size_t kOptionColumn = 4;

struct GroupTitle {
  OptionGroup group;
  std::string_view title;
};

constexpr std::array kGroups{
    GroupTitle{OptionGroup::Command, "Options of this command"},
    GroupTitle{OptionGroup::Source, "Migrations"},
    GroupTitle{OptionGroup::Database, "Database"},
    GroupTitle{OptionGroup::Targets, "Many targets"},
    GroupTitle{OptionGroup::Running, "Running"},
    GroupTitle{OptionGroup::Metrics, "Metrics"},
    GroupTitle{OptionGroup::General, "General"},
};

/// Breaks at blanks; keeps the line ends that are there.
std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out;
  std::size_t column = 0;
  const auto put = [&](std::string_view word) {
    const std::size_t width = width_of(word);
    if (column != 0 && column + 1 + width > kWidth) {
      out += '\n';
      column = 0;
    }
    if (column == 0) {
      out += margin;
      column = indent;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
  };
  while (!text.empty()) {
    const auto end = text.find_first_of(" \n");
    if (end != 0) put(text.substr(0, end));
    if (end == std::string_view::npos) break;
    if (text[end] == '\n') {
      out += '\n';
      column = 0;
    }
    text.remove_prefix(end + 1);
  }
  return out + '\n';
}

std::string spelling(const Option& option) {
  std::string out = option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name)
                                       : fmt::format("--{}", option.name);
  if (option.kind == OptionKind::Choice && option.value_name.empty()) {
    out += fmt::format("={}", fmt::join(option.choices, "|"));
  } else if (option.takes_value()) {
    out += fmt::format("={}", option.value_name);
  }
  return out;
}

std::string option_text(const Option& option) {
  std::string origin = fmt::format("[{}", variable_of(option));
  const std::string_view shown =
      option.default_value.empty() ? option.default_remark : option.default_value;
  if (!shown.empty()) origin += fmt::format("; default: {}", shown);
  origin += ']';
  return fmt::format("  {}\n{}{}", spelling(option), wrapped(option.help, kOptionColumn + 2),
                     wrapped(origin, kOptionColumn + 2));
}

std::string usage(const Command& command) {
  std::string out = fmt::format("Usage: headway {}", command.name);
  if (command.argument == Argument::Optional) out += fmt::format(" [{}]", command.argument_name);
  if (command.argument == Argument::Required) out += fmt::format(" {}", command.argument_name);
  return out + " [OPTION...]\n";
}

}  // namespace

std::string help_text() {
  std::string out =
      "Usage: headway COMMAND [ARGUMENT] [OPTION...]\n\n"
      "Brings a PostgreSQL schema to its head before an application starts.\n\n"
      "Commands:\n";
  std::size_t width = 0;
  const auto title = [](const Command& c) {
    return c.alias.empty() ? std::string(c.name) : fmt::format("{}, {}", c.name, c.alias);
  };
  for (const Command& c : all_commands()) width = std::max(width, title(c).size());
  for (const Command& c : all_commands()) {
    out += fmt::format("  {:<{}}  {}\n", title(c), width, c.summary);
  }
  out += "\nOptions of every command:\n  -h, --help\n      Show the help of a command.\n";
  for (const Option& option : all_options()) {
    if (option.commands.is_all()) out += option_text(option);
  }
  out +=
      "\nEvery option --x-y is also the variable HEADWAY_X_Y and the key x-y of the configuration "
      "file.\n`headway COMMAND --help` shows the options of a command. HEADWAY_POD (else HOSTNAME) "
      "names this\nprocess in the database; HEADWAY_NAMESPACE groups what is pushed.\n\n"
      "Exit codes:\n"
      "   0  done, or nothing to do          20  a migration failed and was rolled back\n"
      "   1  internal error                  21  a migration is half applied\n"
      "   2  flags, configuration, source    22  checksum or history mismatch\n"
      "  10  database unreachable            23  missing or out-of-order file, ambiguous head\n"
      "  11  lock not obtained               24  authentication or permission\n"
      "  12  gave way to other sessions      25  unsupported server or pooler\n"
      "  13  interrupted                     26  refused by policy\n"
      "                                      30  migrations are pending (check, --exit-code)\n";
  return out;
}

std::string help_text(const Command& command) {
  std::string out = usage(command);
  if (!command.alias.empty()) out += fmt::format("       headway {} ...\n", command.alias);
  out += fmt::format("\n{}\n", command.summary);
  if (!command.description.empty()) out += '\n' + wrapped(command.description, 0);
  for (const GroupTitle& group : kGroups) {
    bool any = false;
    for (const Option& option : all_options()) {
      if (option.group != group.group || !option.commands.contains(command.id)) continue;
      if (!any) out += fmt::format("\n{}:\n", group.title);
      any = true;
      out += option_text(option);
    }
  }
  return out;
}

}  // namespace headway::cli
