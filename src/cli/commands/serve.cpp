#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/commands/execute.hpp"
#include "cli/watcher.hpp"

namespace headway::cli::commands {
namespace {

/// The same with what `serve` has other defaults for.
Invocation with_address(const Invocation& invocation) {
  Invocation out = invocation;
  if (out.settings.http.empty()) out.settings.http = kServeAddress;
  return out;
}

void stay(const std::stop_token& stop) {
  Mutex mutex;
  Condition stopped;
  const std::stop_callback wake(stop, [&] {
    const MutexLock lock(mutex);
    stopped.notify_all();
  });
  const MutexLock lock(mutex);
  while (!stop.stop_requested()) stopped.wait(mutex);
}

}  // namespace

int serve(const Invocation& given) {
  const Invocation invocation = with_address(given);
  const Settings& settings = invocation.settings;
  const migration::Target target =
      migration::parse_target(settings.target.empty() ? "head" : settings.target);
  Runtime runtime(invocation, Runtime::Access::Write);
  const Outcome outcome =
      run_use_case(runtime, invocation, Leniency::Allowed,
                   [&target](engine::Context& context, const migration::Source& source) {
                     return engine::upgrade(context, source, target);
                   });
  if (outcome.exit_code == 0 || settings.on_failure == OnFailure::Serve) {
    if (outcome.softened) runtime.let_start_degraded();
    std::optional<Watcher> watcher;
    if (outcome.source != nullptr && !runtime.stop_token().stop_requested()) {
      watcher.emplace(runtime, *outcome.source, settings.watch_interval);
    }
    // From here on a signal is the end that was waited for.
    runtime.exit_with(outcome.exit_code);
    stay(runtime.stop_token());
    runtime.write_termination_log(outcome.report, outcome.exit_code);
    if (watcher) watcher->stop_or_exit(outcome.exit_code);
    return outcome.exit_code;
  }
  runtime.exit_with(outcome.exit_code);
  if (!runtime.stop_token().stop_requested()) runtime.await_scrapes(settings.failure_hold);
  runtime.write_termination_log(outcome.report, outcome.exit_code);
  return outcome.exit_code;
}

}  // namespace headway::cli::commands
