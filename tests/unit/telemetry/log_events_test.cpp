#include "telemetry/log_events.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <sstream>

#include "telemetry/log_observer.hpp"
#include "unit/telemetry/simulated_run.hpp"

using namespace headway;
using namespace headway::telemetry;
using namespace headway::testing;

namespace {

using Names = std::set<std::string>;

class Collector final : public LogWriter {
 public:
  explicit Collector(std::map<std::string, Names>& seen) : seen_(seen) {}
  [[nodiscard]] bool wants(LogLevel) const override { return true; }
  void write(const LogLine& line) override {
    Names& names = seen_[std::string(line.event)];
    for (const auto& [name, value] : line.fields) names.emplace(name);
  }

 private:
  std::map<std::string, Names>& seen_;
};

void add_words(std::string_view text, Names& names) {
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    if (word == "STEP") {
      add_words(kStepFields, names);
    } else if (word == "ERROR") {
      add_words(kErrorFields, names);
    } else {
      names.insert(word);
    }
  }
}

/// Everything there is to tell, with every field that it may have.
void tell_all(engine::Observer& observer) {
  ErrorInfo error = sql_error();
  error.detail = "Key (id)=(1) already exists.";
  simulate_run(observer, Outcome::Success);
  observer.run_started("upgrade", "run");
  observer.connect_failed(error, 1, Milliseconds{100});
  engine::ServerInfo server;
  server.version = "15.4";
  server.database = "hive";
  server.user = "migrator";
  server.pooler = "PgBouncer";
  observer.connected(server);
  using Action = migration::Step::Action;
  migration::Migration migration;
  migration.up.path = "1_a.sql";
  for (const Action action : {Action::Apply, Action::Resume, Action::Revert, Action::Repeat,
                              Action::Insert, Action::Adopt, Action::Remove}) {
    migration::Step one = step("1", "a", action);
    one.migration = &migration;
    const engine::StepInfo info{one, 0, 1, 1};
    observer.step_started(info);
    engine::PreparedStatement statement;
    statement.text = "SELECT 1";
    observer.statement_started(info, 0, statement);
    observer.batch_finished(info, {migration::Batch{}, 0, {}, Microseconds{1}});
    observer.step_finished(info, Microseconds{1});
    observer.step_failed(info, error, Microseconds{1});
  }
  observer.retrying("deadlock", error, 1, Milliseconds{100});
  observer.warning("plan", "odd");
  observer.not_yet("the schema is at 1", Milliseconds{100});
  engine::SessionSeen session;
  session.pid = 7;
  session.application_name = "shop";
  session.state = "active";
  session.query = "SELECT $1";
  session.waited = Milliseconds{6000};
  engine::Activity activity;
  activity.waited = Milliseconds{6000};
  activity.blocking = {session};
  activity.blocked = {session};
  activity.progress = engine::CommandProgress{"CREATE INDEX", "building index", 0.5};
  observer.activity(activity);
  observer.recovered("the schema is at its target again");
  engine::RunReport report;
  report.command = "upgrade";
  report.current = "1";
  report.target = "2";
  report.error = error;
  observer.run_finished(report);
}

}  // namespace

TEST_CASE("the table of events lists every event and every field, and nothing else") {
  std::map<std::string, Names> seen;
  tell_all(*make_log_observer("hive", std::make_unique<Collector>(seen)));
  ErrorInfo error = sql_error();
  error.detail = "Key (id)=(1) already exists.";
  Collector(seen).write(error_line("hive", error));
  Collector(seen).write(targets_line("hive", {.command = "upgrade", .run_id = "id"}));

  Names listed;
  for (const LogEvent& event : log_events()) {
    CAPTURE(event.name);
    listed.emplace(event.name);
    Names fields;
    add_words(event.fields, fields);
    add_words(kCommonFields, fields);
    if (event.name == "error") fields.erase("run_id");
    CHECK(seen[std::string(event.name)] == fields);
  }
  Names written;
  for (const auto& entry : seen) written.insert(entry.first);
  CHECK(written == listed);
}
