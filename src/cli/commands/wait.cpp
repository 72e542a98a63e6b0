#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/commands/execute.hpp"
#include "cli/commands/many.hpp"
#include "cli/error_text.hpp"
#include "cli/json.hpp"

namespace headway::cli::commands {
namespace {

/// An application's own image may hold no migrations: a version can be waited for without.
migration::Source source_for(const Settings& settings, const migration::Target& target) {
  const bool named = target.kind == migration::Target::Kind::Version;
  if (named && settings.migrations.empty() && !has_default_source()) return {};
  return load_source(settings);
}

}  // namespace

int wait(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  if (!settings.targets.empty()) {
    return wait_many(invocation, [&settings](const migration::Target& wanted) {
      return source_for(settings, wanted);
    });
  }
  const migration::Target target = migration::parse_target(settings.wait_target);
  Runtime runtime(invocation, Runtime::Access::Wait);
  engine::RunReport report;
  try {
    const migration::Source source = source_for(settings, target);
    const engine::WaitReport waited =
        engine::wait(runtime.context(), source, {target, settings.wait_timeout});
    report.current = waited.current;
    report.target = waited.target;
    report.duration = waited.waited;
  } catch (...) {
    report.error = current_error();
    if (!softened(invocation, Leniency::Allowed, report)) throw;
    runtime.warn("degraded",
                 fmt::format("{}; the environment {} is lenient: the exit code is 0 instead of {}",
                             report.error->message, settings.environment, report.exit_code()));
  }
  runtime.write_termination_log(report, 0);
  if (invocation.json()) {
    print(json_line({{"database", settings.name},
                     {"at_target", !report.error},
                     {"degraded", report.error.has_value()},
                     {"current", report.current},
                     {"target", report.target},
                     {"waited_seconds", static_cast<double>(report.duration.count()) / 1e3}}));
  } else if (!report.error) {
    print(fmt::format("The schema is at {}: it has all of {}; waited {}.\n", report.current,
                      report.target, format_duration(report.duration)));
  }
  return 0;
}

}  // namespace headway::cli::commands
