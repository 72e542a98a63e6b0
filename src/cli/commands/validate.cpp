#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/runtime.hpp"
#include "engine/script.hpp"

namespace headway::cli::commands {

int validate(const Invocation& invocation) {
  const LoadedSource loaded = load_source_and_format(invocation.settings);
  const migration::Source& source = loaded.source;
  const formats::FormatInfo& format = formats::format_info(loaded.detection.format);
  std::vector<std::string> warnings = source.warnings();
  for (std::string& warning : engine::validate_scripts(source)) {
    warnings.push_back(std::move(warning));
  }
  print_warnings(invocation, "configuration", invocation.warnings);
  print_warnings(invocation, "source", warnings);
  if (invocation.json()) {
    boost::json::array heads;
    for (const migration::Version& head : source.heads()) heads.emplace_back(head.text());
    print(json_line({{"valid", true},
                     {"format", format.id},
                     {"format_because", loaded.detection.because},
                     {"migrations", source.migrations().size()},
                     {"repeatables", source.repeatables().size()},
                     {"skipped", source.skipped().size()},
                     {"heads", std::move(heads)},
                     {"warnings", strings_json(warnings)}}));
    return 0;
  }
  std::string heads;
  for (const migration::Version& head : source.heads()) {
    heads += fmt::format("{}{}", heads.empty() ? "" : ", ", head.text());
  }
  if (!loaded.detection.because.empty()) {
    print(fmt::format("Format: {} ({}).\n", format.id, loaded.detection.because));
  }
  print(fmt::format("{} is valid: {}, {}, {} {}.\n", source_directory(invocation.settings),
                    count_of(source.migrations().size(), "migration"),
                    count_of(source.repeatables().size(), "repeatable"),
                    source.heads().size() == 1 ? "head" : "heads", heads.empty() ? "none" : heads));
  return 0;
}

}  // namespace headway::cli::commands
