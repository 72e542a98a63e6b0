#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/runtime.hpp"

namespace headway::cli::commands {

int init(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (settings.sql) {
    const std::string script = postgres::init_sql(settings.history_schema, settings.history_table,
                                                  settings.history_readers);
    print(invocation.json() ? json_line({{"sql", script}}) : script);
    return 0;
  }
  Runtime runtime(invocation, Runtime::Access::Write);
  const bool made = engine::init(runtime.context());
  const std::string table = fmt::format("{}.{}", settings.history_schema, settings.history_table);
  if (invocation.json()) {
    print(json_line({{"created", made}, {"table", table}}));
  } else {
    print(made ? fmt::format("Made {} and what belongs to it.\n", table)
               : fmt::format("{} and what belongs to it are there.\n", table));
  }
  return 0;
}

}  // namespace headway::cli::commands
