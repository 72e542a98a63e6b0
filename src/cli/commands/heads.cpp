#include <boost/json/array.hpp>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"
#include "cli/runtime.hpp"

namespace headway::cli::commands {

int heads(const Invocation& invocation) {
  const migration::Source source = load_source(invocation.settings);
  print_warnings(invocation, "configuration", invocation.warnings);
  print_warnings(invocation, "source", source.warnings());
  boost::json::array list;
  std::string text;
  for (const migration::Version& head : source.heads()) {
    const std::string& name = source.find(head)->name;
    list.push_back(boost::json::object{{"version", head.text()}, {"name", name}});
    text += title_of(head.text(), name) + '\n';
  }
  print(invocation.json() ? json_line({{"heads", std::move(list)}}) : text);
  return 0;
}

}  // namespace headway::cli::commands
