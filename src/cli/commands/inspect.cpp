#include "cli/commands/inspect.hpp"

#include <fmt/format.h>

namespace headway::cli::commands {

std::unique_ptr<Inspection> inspect(const Invocation& invocation) {
  auto inspection = std::make_unique<Inspection>();
  Runtime runtime(invocation, Runtime::Access::Read);
  runtime.connect_ahead();
  inspection->source = load_source(invocation.settings);
  for (const std::string& warning : inspection->source.warnings()) runtime.warn("source", warning);
  inspection->report = engine::status(runtime.context(), inspection->source);
  if (!inspection->report->adoptable.empty()) {
    runtime.warn("adopt", fmt::format("this is the history of another tool ({}); the first upgrade "
                                      "takes it over",
                                      inspection->report->adoptable));
  }
  return inspection;
}

int pending_exit_code(const Settings& settings, bool pending) {
  return settings.exit_code && pending ? kind_info(Kind::Pending).exit_code : 0;
}

}  // namespace headway::cli::commands
