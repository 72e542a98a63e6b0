#include "cli/commands/plan_execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/commands/trial.hpp"
#include "engine/script.hpp"
#include "postgres/lock_sampler.hpp"

namespace headway::cli::commands {
namespace {

/// In use as long as this lives, whatever ends that; then it is dropped.
class Scratch {
 public:
  Scratch(postgres::ConnectorSettings live, Runtime& runtime, Milliseconds longest)
      : live_(std::move(live)), runtime_(runtime), longest_(longest) {
    server_ = postgres::connect_scratch_server(live_, runtime.stop_token(), longest_);
    for (const postgres::Leftover& found : server_->sweep()) {
      runtime.warn("scratch-database",
                   found.problem.empty()
                       ? fmt::format("dropped {}, which a dry run that was killed had left behind",
                                     found.database)
                       : fmt::format("{} was left behind by a dry run that was killed, and could "
                                     "not be dropped: {}",
                                     found.database, found.problem));
    }
    settings_ = server_->settings();
    sizes_ = server_->sizes();
  }
  ~Scratch() { drop(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void create() { database_ = server_->create(); }

  /// Throws Error unless `given` leads to an empty database that is not the live one.
  void use(const postgres::ConnectorSettings& given) {
    const auto other = postgres::connect_scratch_server(given, runtime_.stop_token(), longest_);
    if (server_->is_same(*other)) {
      throw Error(ErrorId::BadConfiguration,
                  "--scratch-url names the database that the plan is for");
    }
    if (const std::string content = other->content(); !content.empty()) {
      throw Error(
          ErrorId::BadConfiguration,
          fmt::format("--scratch-url names a database that is not empty: it holds {}", content))
          .next("Name a new database; only extensions may be there.");
    }
  }

  [[nodiscard]] const std::string& database() const noexcept { return database_; }
  [[nodiscard]] const auto& settings() const noexcept { return settings_; }
  [[nodiscard]] std::vector<postgres::RelationSize> sizes() { return std::move(sizes_); }

 private:
  void drop() noexcept {
    if (database_.empty()) return;
    try {
      try {
        server_->drop(database_);
      } catch (const Error&) {
        // The connection is gone, perhaps: once more on a new one, also when we are to stop.
        postgres::connect_scratch_server(live_, {}, longest_)->drop(database_);
      }
    } catch (const Error& error) {
      runtime_.warn("scratch-database",
                    fmt::format("{} is left behind, the next dry run drops it: {}", database_,
                                error.info().message));
    }
  }

  postgres::ConnectorSettings live_;
  Runtime& runtime_;
  Milliseconds longest_;
  std::unique_ptr<postgres::ScratchServer> server_;
  std::vector<std::pair<std::string, std::string>> settings_;
  std::vector<postgres::RelationSize> sizes_;
  std::string database_;  // ours to drop
};

postgres::ConnectionParameters in_database(postgres::ConnectionParameters parameters,
                                           const std::string& database) {
  std::erase_if(parameters.keywords, [](const auto& pair) { return pair.first == "dbname"; });
  parameters.keywords.emplace_back("dbname", database);
  return parameters;
}

engine::RunReport run(Runtime& runtime, const Invocation& invocation,
                      postgres::ConnectorSettings settings,
                      const std::function<engine::RunReport(engine::Context&)>& use_case) {
  const engine::Context& own = runtime.context();
  WarningsOnly observer(runtime);
  engine::Settings engine_settings =
      cli::engine_settings(invocation.settings, "plan", settings.run_id);
  engine_settings.look_around = Milliseconds::zero();  // nobody else is there
  const auto connector = postgres::make_connector(std::move(settings));
  engine::Context context{*connector, observer, own.clock, own.random, own.stop, engine_settings};
  return use_case(context);
}

}  // namespace

DryRun execute_in_scratch(const Invocation& invocation, const Inspection& inspection,
                          const migration::Target& target) {
  Runtime runtime(invocation, Runtime::Access::Read);
  const auto live = [&invocation] {
    return postgres::locate(database_places(invocation.settings, invocation.variables));
  };
  const auto longest = std::max(invocation.settings.connect_timeout, Milliseconds{1000});
  const migration::History& applied = inspection.report->snapshot.history;
  DryRun out;
  Scratch scratch(trial_settings(invocation, live), runtime, longest);
  out.live = scratch.sizes();
  std::function<postgres::ConnectionParameters()> where;
  if (invocation.settings.scratch_url.empty()) {
    scratch.create();
    out.database = scratch.database();
    where = [&] { return in_database(live(), scratch.database()); };
  } else {
    postgres::DatabasePlaces places = database_places(invocation.settings, invocation.variables);
    places.url = invocation.settings.scratch_url;
    places.url_source = "--scratch-url";
    where = [places] { return postgres::locate(places); };
    scratch.use(trial_settings(invocation, where));
    const auto parameters = where();
    const std::string* name = parameters.find("dbname");
    out.database = name == nullptr ? parameters.description() : *name;
    out.kept = true;
  }
  postgres::ConnectorSettings settings = trial_settings(invocation, where);
  // Those of the live database come first: the user's own win.
  settings.set.insert(settings.set.begin(), scratch.settings().begin(), scratch.settings().end());

  out.copied = applied.rows().size();
  out.stamped = static_cast<std::size_t>(
      std::count_if(applied.rows().begin(), applied.rows().end(),
                    [](const auto& row) { return row.kind != migration::RowKind::Migration; }));
  if (!applied.empty() || !applied.repeatables().empty()) {
    const auto copied = run(runtime, invocation, settings, [&](engine::Context& context) {
      return engine::rebuild(context, inspection.source, applied);
    });
    if (copied.error) {
      ErrorInfo info = *copied.error;
      info.message = "the schema of the live database could not be made again: " + info.message;
      throw Error(std::move(info));
    }
  }
  Collector collector(out.statements);
  settings.sink = &collector;
  const auto beside = postgres::connect_scratch_server(trial_settings(invocation, where),
                                                       runtime.stop_token(), longest);
  postgres::LockSampler sampler(*beside);
  settings.sampler = &sampler;
  const auto report = run(runtime, invocation, settings, [&](engine::Context& context) {
    return engine::upgrade(context, inspection.source, target);
  });
  out.error = report.error;
  return out;
}

}  // namespace headway::cli::commands
