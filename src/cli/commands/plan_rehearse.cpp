#include "cli/commands/plan_rehearse.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/trial.hpp"
#include "postgres/scratch.hpp"

namespace headway::cli::commands {
namespace {

/// A process that stands still must not leave its transaction open: the server ends it.
constexpr std::string_view kLongestPause = "30s";

std::vector<postgres::RelationSize> sizes(const Invocation& invocation, Runtime& runtime,
                                          const postgres::ConnectorSettings& settings) {
  const auto longest = std::max(invocation.settings.connect_timeout, Milliseconds{1000});
  return postgres::connect_scratch_server(settings, runtime.stop_token(), longest)->sizes();
}

std::vector<std::string> notes() {
  return {
      "What sequences gave out stays used: no rollback winds nextval back.",
      "All ran in one transaction, and an upgrade commits after each migration: now() stood still, "
      "and a value of an enum that one migration adds can't be used by the next (55P04).",
      "How long statements take and wait depends on what else goes on; at another hour it may be "
      "another time.",
      "What a called function, a trigger or a foreign table does outside of this database need not "
      "be undone.",
  };
}

}  // namespace

void refuse_rehearsal(const Settings& settings) {
  if (settings.max_lock_hold <= Milliseconds::zero()) {
    throw Error(ErrorId::BadFlag, "--max-lock-hold has to be longer than nothing");
  }
  if (settings.pooler != postgres::PoolerMode::Refuse) {
    throw Error(ErrorId::Pooler,
                "through a pooler a rehearsal can't be sure that its transaction stays one")
        .next("Connect to PostgreSQL directly.");
  }
  if (settings.is_strict() && !settings.yes) {
    throw Error(ErrorId::Unconfirmed,
                fmt::format("running migrations in the live database of the environment {} needs "
                            "--yes, though all of it is rolled back",
                            settings.environment));
  }
}

DryRun rehearse_on_live_database(const Invocation& invocation, const migration::Source& source,
                                 const migration::Target& target) {
  Runtime runtime(invocation, Runtime::Access::Read);
  postgres::ConnectorSettings settings = trial_settings(invocation, [&invocation] {
    return postgres::locate(database_places(invocation.settings, invocation.variables));
  });
  DryRun out;
  out.on_live_database = true;
  out.live = sizes(invocation, runtime, settings);
  Collector collector(out.statements);
  const Milliseconds max_lock_hold = invocation.settings.max_lock_hold;
  settings.rehearsal = true;
  settings.sink = &collector;
  settings.lock_timeout = engine::rehearsal_lock_timeout(settings.lock_timeout, max_lock_hold);
  settings.set.insert(settings.set.begin(),
                      {"idle_in_transaction_session_timeout", std::string(kLongestPause)});
  const engine::Context& own = runtime.context();
  WarningsOnly observer(runtime);
  const engine::Settings own_settings =
      engine_settings(invocation.settings, "plan", settings.run_id);
  const auto connector = postgres::make_connector(std::move(settings));
  engine::Context context{*connector, observer, own.clock, own.random, own.stop, own_settings};
  engine::RehearsalReport report = engine::rehearse(context, source, target, max_lock_hold);
  out.database = std::move(report.database);
  out.not_run = std::move(report.not_run);
  out.notes = notes();
  out.error = std::move(report.error);
  return out;
}

}  // namespace headway::cli::commands
