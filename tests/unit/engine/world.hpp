// One run's surroundings: a database in memory, a clock that a test holds, an observer that keeps
// what it was told.
#pragma once
#include <doctest/doctest.h>

#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/use_cases.hpp"
#include "support/fake_database.hpp"
#include "support/manual_clock.hpp"
#include "unit/migration/sources.hpp"

namespace headway::testing {

class RecordingObserver final : public engine::Observer {
 public:
  void state_changed(engine::State state) override {
    states.emplace_back(engine::state_name(state));
  }
  void connect_failed(const ErrorInfo& info, int attempt, Milliseconds next_try) override {
    static_cast<void>(info);
    static_cast<void>(attempt);
    connect_pauses.push_back(next_try);
  }
  void lock_waiting(const engine::LockAttempt& attempt, Milliseconds waited) override {
    static_cast<void>(waited);
    holders.push_back(attempt.holder ? attempt.holder->text() : "");
  }
  void lock_acquired(Milliseconds waited) override {
    static_cast<void>(waited);
    ++locks;
  }
  void lock_released() override { ++unlocks; }
  void schema_status(const engine::SchemaStatus& status) override { schema = status; }
  void step_started(const engine::StepInfo& info) override {
    steps.push_back("start " + name(info) + " " + std::to_string(info.index + 1) + "/" +
                    std::to_string(info.total));
  }
  void statement_started(const engine::StepInfo& info, std::size_t index,
                         const engine::PreparedStatement& statement) override {
    static_cast<void>(statement);
    statements.push_back(name(info) + ":" + std::to_string(index + 1));
  }
  void batch_finished(const engine::StepInfo& info, const engine::BatchReport& report) override {
    static_cast<void>(info);
    batches.push_back(report.progress);
  }
  void step_finished(const engine::StepInfo& info, Microseconds duration) override {
    static_cast<void>(duration);
    steps.push_back("finish " + name(info));
  }
  void step_failed(const engine::StepInfo& info, const ErrorInfo& error,
                   Microseconds after) override {
    static_cast<void>(after);
    steps.push_back("fail " + name(info) + " " + std::string(error.id_text()));
  }
  void retrying(std::string_view reason, const ErrorInfo& info, int attempt,
                Milliseconds pause) override {
    static_cast<void>(info);
    static_cast<void>(attempt);
    static_cast<void>(pause);
    retries.emplace_back(reason);
  }
  void warning(std::string_view id, std::string_view message) override {
    static_cast<void>(message);
    warnings.emplace_back(id);
  }
  void not_yet(std::string_view reason, Milliseconds waited) override {
    static_cast<void>(waited);
    reasons.emplace_back(reason);
  }
  void history_read(const migration::Source& source, const migration::History& history,
                    const migration::Reconciliation& state) override {
    static_cast<void>(source);
    static_cast<void>(history);
    static_cast<void>(state);
    ++histories;
  }
  void database_up(bool is_up) override { up.push_back(is_up); }
  void run_finished(const engine::RunReport& report) override {
    static_cast<void>(report);
    ++finished;
  }

  std::vector<std::string> states, holders, steps, statements, retries, warnings, reasons;
  std::vector<migration::BatchProgress> batches;
  std::vector<bool> up;
  int histories = 0;
  std::vector<Milliseconds> connect_pauses;
  engine::SchemaStatus schema;
  int locks = 0;
  int unlocks = 0;
  int finished = 0;

 private:
  static std::string name(const engine::StepInfo& info) {
    return info.step.version.empty() ? info.step.name : info.step.version.text();
  }
};

struct World {
  FakeDatabase database;
  FakeConnector connector{database};
  RecordingObserver observer;
  ManualClock clock;
  std::mt19937_64 random{7};
  std::stop_source soon;
  std::stop_source now;
  engine::Context context{
      connector,         observer, clock, random, engine::Stop{soon.get_token(), now.get_token()},
      engine::Settings{}};

  World() {
    context.settings.command = "upgrade";
    context.settings.run_id = "run";
  }

  engine::RunReport upgrade(const migration::Source& source, std::string_view target = "head") {
    return engine::upgrade(context, source, migration::parse_target(target));
  }
  engine::RunReport downgrade(const migration::Source& source, std::string_view target) {
    return engine::downgrade(context, source, {migration::parse_target(target)});
  }
  engine::RunReport stamp(const migration::Source& source, std::string_view target) {
    return engine::stamp(context, source, migration::parse_target(target));
  }
  /// What another pod with its own process does meanwhile; the lock does not stop it.
  engine::RunReport elsewhere(const std::function<engine::RunReport(engine::Context&)>& run) {
    FakeConnector other_connector(database, "other");
    engine::Observer silent;
    ManualClock other_clock;
    engine::Context other{other_connector, silent, other_clock, random, {}, context.settings};
    other.settings.run_id = "other";
    return run(other);
  }
};

/// "1 2": what a report says was done.
inline std::string done_of(const engine::RunReport& report) {
  std::string text;
  for (const engine::DoneStep& step : report.done) {
    if (!text.empty()) text += ' ';
    text += step.version.empty() ? step.name : step.version;
  }
  return text;
}

inline std::string remaining_of(const engine::RunReport& report) {
  std::string text;
  for (const migration::Step& step : report.remaining_steps) {
    if (!text.empty()) text += ' ';
    text += step.version.empty() ? step.name : step.version.text();
  }
  return text;
}

inline std::string error_id(const engine::RunReport& report) {
  return report.error ? std::string(report.error->id_text()) : "none";
}

/// Migrations 1 .. count, each `CREATE TABLE t<n>()` and `DROP TABLE t<n>`.
inline std::vector<File> tables_files(int count) {
  std::vector<File> files;
  for (int i = 1; i <= count; ++i) {
    const std::string n = std::to_string(i);
    files.push_back({n + "_t.sql", "CREATE TABLE t" + n + "();\n"});
    files.push_back({n + "_t.down.sql", "DROP TABLE t" + n + ";\n"});
  }
  return files;
}
inline migration::Source tables(int count) { return source_of(tables_files(count)); }

}  // namespace headway::testing
