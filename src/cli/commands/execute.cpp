#include "cli/commands/execute.hpp"

#include <fmt/format.h>

#include "cli/error_text.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"
#include "cli/runtime.hpp"

namespace headway::cli::commands {
namespace {

/// Lenient environments let the application start on what there is, but neither a mistake in the
/// configuration nor an interruption looks like success (design, section 6).
bool softened(const Invocation& invocation, Leniency leniency, const engine::RunReport& report) {
  if (leniency == Leniency::Never || invocation.settings.is_strict() || !report.error) return false;
  const int code = report.exit_code();
  return code != kind_info(Kind::Usage).exit_code && code != kind_info(Kind::Interrupted).exit_code;
}

}  // namespace

int execute(const Invocation& invocation, Leniency leniency, const UseCase& use_case) {
  Runtime runtime(invocation, Runtime::Access::Write);
  migration::Source source;  // the report points into it
  engine::RunReport report;
  runtime.connect_ahead();
  try {
    source = load_source(invocation.settings);
    for (const std::string& warning : source.warnings()) runtime.warn("source", warning);
    report = use_case(runtime.context(), source);
  } catch (...) {
    report = runtime.failed_before_start(current_error());
  }
  runtime.publish(report);

  const bool soft = softened(invocation, leniency, report);
  const int exit_code = soft ? 0 : report.exit_code();
  if (invocation.json()) {
    boost::json::object document = run_json(report, invocation.settings.name);
    document["exit_code"] = exit_code;
    document["degraded"] = soft;
    print(json_line(document));
  } else {
    print(run_text(report, invocation.out_paint()));
    if (report.error && !runtime.logs()) {
      print_error(error_text(*report.error, invocation.err_paint(), soft ? "warning" : "error"));
    }
  }
  if (soft) {
    runtime.warn("degraded",
                 fmt::format("the environment {} is lenient: the exit code is 0 instead of {}",
                             invocation.settings.environment, report.exit_code()));
  }
  return exit_code;
}

}  // namespace headway::cli::commands
