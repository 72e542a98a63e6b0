#include "cli/commands/execute.hpp"

#include <fmt/format.h>

#include "cli/error_text.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"
#include "cli/runtime.hpp"

namespace headway::cli::commands {
bool softened(const Invocation& invocation, Leniency leniency, const engine::RunReport& report) {
  if (leniency == Leniency::Never || invocation.settings.is_strict() || !report.error) return false;
  const int code = report.exit_code();
  return code != kind_info(Kind::Usage).exit_code && code != kind_info(Kind::Interrupted).exit_code;
}

Outcome run_use_case(Runtime& runtime, const Invocation& invocation, Leniency leniency,
                     const UseCase& use_case) {
  Outcome outcome;
  engine::RunReport& report = outcome.report;
  runtime.connect_ahead();
  try {
    outcome.source = std::make_unique<const migration::Source>(load_source(invocation.settings));
    for (const std::string& warning : outcome.source->warnings()) runtime.warn("source", warning);
    report = use_case(runtime.context(), *outcome.source);
  } catch (...) {
    report = runtime.failed_before_start(current_error());
  }
  runtime.publish(report);

  outcome.softened = softened(invocation, leniency, report);
  outcome.exit_code = outcome.softened ? 0 : report.exit_code();
  if (invocation.json()) {
    boost::json::object document = run_json(report, invocation.settings.name);
    document["exit_code"] = outcome.exit_code;
    document["degraded"] = outcome.softened;
    print(json_line(document));
  } else {
    print(run_text(report, invocation.out_paint()));
    if (report.error && !runtime.logs()) {
      print_error(error_text(*report.error, invocation.err_paint(),
                             outcome.softened ? "warning" : "error"));
    }
  }
  if (outcome.softened) {
    runtime.let_start_degraded();
    runtime.warn("degraded",
                 fmt::format("the environment {} is lenient: the exit code is 0 instead of {}",
                             invocation.settings.environment, report.exit_code()));
  }
  return outcome;
}

int execute(const Invocation& invocation, Leniency leniency, const UseCase& use_case) {
  const Settings& settings = invocation.settings;
  Runtime runtime(invocation, Runtime::Access::Write);
  if (settings.linger > Milliseconds::zero() && settings.http.empty()) {
    runtime.warn("linger", "--linger does nothing without --http");
  }
  const Outcome outcome = run_use_case(runtime, invocation, leniency, use_case);
  // Written before the process lingers: a node that goes down meanwhile must not lose it.
  runtime.write_termination_log(outcome.report, outcome.exit_code);
  // Fifty idle pods have nothing to show.
  if (outcome.report.changed() || outcome.report.error) runtime.await_scrapes(settings.linger);
  return outcome.exit_code;
}

}  // namespace headway::cli::commands
