// The tables of the pages that are made from the code, so that no page says what isn't so.
//
//   tables NAME         prints the table: errors, commands, options or events
//   tables NAME FILE    fails if FILE does not hold exactly that table
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/error_id.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "telemetry/log_events.hpp"

namespace {

using headway::cli::Argument;
using headway::cli::Command;
using headway::cli::Option;
using headway::cli::OptionKind;

/// A bar would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string errors() {
  std::string out = "| id | code | why it matters | next step |\n|---|---|---|---|\n";
  for (const headway::ErrorIdInfo& info : headway::all_error_ids()) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", info.text,
                       headway::kind_info(info.kind).exit_code, cell(info.why), cell(info.next));
  }
  return out;
}

std::string commands() {
  std::string out = "| command | what it does |\n|---|---|\n";
  for (const Command& command : headway::cli::all_commands()) {
    std::string spelling(command.name);
    if (command.argument == Argument::Optional)
      spelling += fmt::format(" [{}]", command.argument_name);
    if (command.argument == Argument::Required)
      spelling += fmt::format(" {}", command.argument_name);
    const std::string alias = command.alias.empty() ? "" : fmt::format(", `{}`", command.alias);
    out += fmt::format("| `{}`{} | {} |\n", spelling, alias, cell(command.summary));
  }
  return out;
}

std::string options() {
  std::string out = "| option | default | |\n|---|---|---|\n";
  for (const Option& option : headway::cli::all_options()) {
    std::string spelling = option.letter != 0 ? fmt::format("-{}, --{}", option.letter, option.name)
                                              : fmt::format("--{}", option.name);
    if (option.kind == OptionKind::Choice) {
      spelling += fmt::format("={}", fmt::join(option.choices, "\\|"));
    } else if (option.takes_value()) {
      spelling += fmt::format("={}", option.value_name);
    }
    const std::string_view shown =
        option.default_value.empty() ? option.default_remark : option.default_value;
    out += fmt::format("| `{}` | {} | {} |\n", spelling, cell(shown), cell(option.help));
  }
  return out;
}

/// "a STEP b" as "`a`, STEP, `b`".
std::string field_names(std::string_view fields) {
  std::string out;
  while (!fields.empty()) {
    const std::size_t end = std::min(fields.find(' '), fields.size());
    const std::string_view field = fields.substr(0, end);
    if (!out.empty()) out += ", ";
    out += field == "STEP" || field == "ERROR" ? std::string(field) : fmt::format("`{}`", field);
    fields.remove_prefix(std::min(end + 1, fields.size()));
  }
  return out;
}

std::string events() {
  namespace telemetry = headway::telemetry;
  std::string out = "| event | level | fields | meaning |\n|---|---|---|---|\n";
  const auto group = [&out](std::string_view name, std::string_view fields,
                            std::string_view meaning) {
    out += fmt::format("| {} | | {} | {} |\n", name, field_names(fields), meaning);
  };
  group("every line", telemetry::kCommonFields, "`run_id` only within a run");
  group("STEP", telemetry::kStepFields, "`step` counts from 1; a repeatable has no `version`");
  group("ERROR", telemetry::kErrorFields, "what is known of it; `statement` normalised");
  for (const telemetry::LogEvent& event : telemetry::log_events()) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", event.name, event.level,
                       field_names(event.fields), cell(event.meaning));
  }
  return out;
}

/// The lines of `page` from the table's heading on that begin with a bar.
std::string table_in(std::string_view page, std::string_view heading) {
  const std::size_t begin = page.find(heading);
  if (begin == std::string_view::npos) return {};
  std::size_t end = begin;
  while (end < page.size() && page[end] == '|') {
    const std::size_t line_end = page.find('\n', end);
    end = line_end == std::string_view::npos ? page.size() : line_end + 1;
  }
  return std::string(page.substr(begin, end - begin));
}

std::string table(std::string_view name) {
  if (name == "errors") return errors();
  if (name == "commands") return commands();
  if (name == "options") return options();
  if (name == "events") return events();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string expected = argc < 2 ? "" : table(argv[1]);
  if (expected.empty()) {
    fmt::print(stderr, "usage: tables errors|commands|options|events [FILE]\n");
    return 2;
  }
  if (argc < 3) {
    fmt::print("{}", expected);
    return 0;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (table_in(page, expected.substr(0, expected.find('\n') + 1)) == expected) return 0;
  fmt::print(stderr, "{}: the table of {} should be:\n{}", argv[2], argv[1], expected);
  return 1;
}
