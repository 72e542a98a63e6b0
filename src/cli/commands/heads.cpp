#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"
#include "cli/runtime.hpp"
#include "migration/phases.hpp"

namespace headway::cli::commands {
namespace {

boost::json::array list_of(const migration::Source& source,
                           const std::vector<migration::Version>& heads) {
  boost::json::array list;
  for (const migration::Version& head : heads) {
    const migration::Migration& one = *source.find(head);
    list.push_back(boost::json::object{
        {"version", head.text()}, {"name", one.name}, {"phase", phase_name(one.phase).data()}});
  }
  return list;
}

std::string lines_of(const migration::Source& source, const std::vector<migration::Version>& heads,
                     std::string_view remark) {
  std::string text;
  for (const migration::Version& head : heads) {
    text += fmt::format("{}{}\n", title_of(head.text(), source.find(head)->name), remark);
  }
  return text;
}

}  // namespace

int heads(const Invocation& invocation) {
  const migration::Source source = load_source(invocation.settings);
  print_warnings(invocation, "configuration", invocation.warnings);
  print_warnings(invocation, "source", source.warnings());
  using migration::Phases;
  const std::vector<migration::Version> contract = heads_of(source, Phases::Contract);
  if (invocation.json()) {
    print(json_line({{"heads", list_of(source, source.heads())},
                     {"expand", list_of(source, heads_of(source, Phases::Expand))},
                     {"contract", list_of(source, contract)}}));
    return 0;
  }
  if (contract.empty()) {
    print(lines_of(source, source.heads(), ""));
  } else {
    print(lines_of(source, heads_of(source, Phases::Expand), " (expand)") +
          lines_of(source, contract, " (contract)"));
  }
  return 0;
}

}  // namespace headway::cli::commands
