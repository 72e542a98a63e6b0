#include "cli/completion.hpp"

#include <fmt/format.h>

#include <vector>

#include "cli/options.hpp"

namespace headway::cli {
namespace {

std::vector<std::string_view> argument_words(const Command& command) {
  if (command.argument_name == "TARGET") return {"head", "heads", "base"};
  if (command.argument_name == "SHELL") return {"bash", "zsh", "fish"};
  return {};
}

bool is_file(const Option& option) { return option.value_name == "FILE"; }
bool is_directory(const Option& option) { return option.value_name == "DIR"; }

/// In single quotes, for all three shells.
std::string quoted(std::string_view text, std::string_view quote_inside) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += quote_inside;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string bash_script() {
  std::string out =
      "# bash completion for headway\n"
      "_headway() {\n"
      "  local cur prev word command=\n"
      "  COMPREPLY=()\n"
      "  cur=${COMP_WORDS[COMP_CWORD]}\n"
      "  prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  # Bash cuts --name=value into three words.\n"
      "  if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then "
      "prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      "  case $prev in\n";
  for (const Option& option : all_options()) {
    if (!option.takes_value()) continue;
    std::string names = fmt::format("--{}", option.name);
    if (option.letter != 0) names += fmt::format("|-{}", option.letter);
    std::string action = "return";
    if (option.kind == OptionKind::Choice) {
      action = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return",
                           fmt::join(option.choices, " "));
    } else if (is_directory(option)) {
      action = "COMPREPLY=($(compgen -d -- \"$cur\")); return";
    } else if (is_file(option)) {
      action = "COMPREPLY=($(compgen -f -- \"$cur\")); return";
    }
    out += fmt::format("    {}) {} ;;\n", names, action);
  }
  out +=
      "  esac\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in\n";
  for (const Command& c : all_commands()) {
    out += fmt::format("      {}{}{}) command={}; break ;;\n", c.name, c.alias.empty() ? "" : "|",
                       c.alias, c.name);
  }
  out += "    esac\n  done\n  local words=\n  case $command in\n";
  std::string names;
  for (const Command& c : all_commands()) names += fmt::format("{} ", c.name);
  out += fmt::format("    '') words='{}--help --version' ;;\n", names);
  for (const Command& c : all_commands()) {
    std::string words;
    for (const std::string_view word : argument_words(c)) words += fmt::format("{} ", word);
    for (const Option& option : all_options()) {
      if (option.commands.contains(c.id)) words += fmt::format("--{} ", option.name);
    }
    out += fmt::format("    {}) words='{}--help' ;;\n", c.name, words);
  }
  out +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "}\n"
      "complete -F _headway headway\n";
  return out;
}

std::string zsh_script() {
  // In a description of _arguments, brackets and colons have a meaning.
  const auto description = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  };
  const auto quote = [](const std::string& text) { return quoted(text, "'\\''"); };
  std::string out =
      "#compdef headway\n"
      "_headway() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& c : all_commands()) {
    out += fmt::format("    {}\n", quote(fmt::format("{}:{}", c.name, description(c.summary))));
  }
  out +=
      "  )\n"
      "  local command=${${(M)words[2,CURRENT-1]:#[a-z]*}[1]}\n"
      "  case $command in\n";
  for (const Command& c : all_commands()) {
    out += fmt::format("    {}{}{})\n      _arguments -s", c.name, c.alias.empty() ? "" : "|",
                       c.alias);
    for (const Option& option : all_options()) {
      if (!option.commands.contains(c.id)) continue;
      std::string spec =
          fmt::format("{}--{}{}[{}]", option.kind == OptionKind::List ? "*" : "", option.name,
                      option.takes_value() ? "=" : "", description(option.help));
      if (option.kind == OptionKind::Choice) {
        spec += fmt::format(":value:({})", fmt::join(option.choices, " "));
      } else if (is_directory(option)) {
        spec += ":directory:_files -/";
      } else if (is_file(option)) {
        spec += ":file:_files";
      } else if (option.takes_value()) {
        spec += fmt::format(":{}: ", description(option.value_name));
      }
      out += fmt::format(" \\\n        {}", quote(spec));
    }
    out += " \\\n        '--help[Show the help of this command.]' \\\n        '1:command:'";
    const auto words = argument_words(c);
    if (!words.empty()) {
      out += fmt::format(" \\\n        '2:{}:({})'", c.argument_name, fmt::join(words, " "));
    }
    out += "\n      ;;\n";
  }
  out +=
      "    *) _describe command commands ;;\n"
      "  esac\n"
      "}\n"
      "compdef _headway headway\n";
  return out;
}

std::string fish_script() {
  const auto quote = [](std::string_view text) {
    std::string escaped;
    for (const char c : text) {
      if (c == '\\') escaped += '\\';
      escaped += c;
    }
    return quoted(escaped, "\\'");
  };
  std::string out = "# fish completion for headway\ncomplete -c headway -f\n";
  for (const Command& c : all_commands()) {
    out += fmt::format("complete -c headway -n __fish_use_subcommand -a {} -d {}\n", c.name,
                       quote(c.summary));
  }
  for (const Command& c : all_commands()) {
    const auto words = argument_words(c);
    if (words.empty()) continue;
    out += fmt::format("complete -c headway -n '__fish_seen_subcommand_from {} {}' -a '{}'\n",
                       c.name, c.alias, fmt::join(words, " "));
  }
  for (const Option& option : all_options()) {
    std::string where;
    if (!option.commands.is_all()) {
      std::string names;
      for (const Command& c : all_commands()) {
        if (!option.commands.contains(c.id)) continue;
        names += fmt::format(" {}", c.name);
        if (!c.alias.empty()) names += fmt::format(" {}", c.alias);
      }
      where = fmt::format(" -n '__fish_seen_subcommand_from{}'", names);
    }
    std::string value;
    if (option.kind == OptionKind::Choice) {
      value = fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
    } else if (is_directory(option) || is_file(option)) {
      value = " -r -F";
    } else if (option.takes_value()) {
      value = " -x";
    }
    const std::string letter =
        option.letter == 0 ? std::string() : fmt::format(" -s {}", option.letter);
    out += fmt::format("complete -c headway{} -l {}{}{} -d {}\n", where, option.name, letter, value,
                       quote(option.help));
  }
  out += "complete -c headway -l help -s h -d 'Show help.'\n";
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  throw Error(ErrorId::BadFlag, fmt::format("there is no completion for \"{}\"", shell))
      .next("Name one of bash, zsh and fish.");
}

}  // namespace headway::cli
