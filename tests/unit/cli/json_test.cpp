#include "cli/json.hpp"

#include <doctest/doctest.h>

#include "unit/cli/reports.hpp"

namespace headway::cli {

TEST_CASE("an error as JSON has all keys, null where nothing is known") {
  ErrorInfo error;
  error.id = ErrorId::MigrationFailed;
  error.message = "relation \"t\" already exists";
  error.where = {"m/2_b.sql", 3, 5};
  error.version = "2 b";
  error.sqlstate = "42P07";
  CHECK(json_line(error_json(error)) ==
        R"({"id":"migration-failed","kind":"migration-failed","exit_code":20,)"
        R"("message":"relation \"t\" already exists","file":"m/2_b.sql","line":3,"column":5,)"
        R"("version":"2 b","statement":null,"sqlstate":"42P07","server_message":null,"hint":null,)"
        R"("detail":null,"why":"The migration was rolled back; those before it stay applied.",)"
        R"("next":"Correct the migration and run it again."})"
        "\n");
}

TEST_CASE("a run as JSON") {
  engine::RunReport report;
  report.command = "upgrade";
  report.run_id = "00000000-0000-4000-8000-000000000001";
  report.started = test_time(1);
  report.duration = std::chrono::milliseconds{1500};
  report.current = "1";
  report.target = "2";
  report.done = {{migration::Step::Action::Apply, "1", "a", std::chrono::milliseconds{250}}};
  migration::Step left;
  left.version = migration::Version("2");
  left.name = "b";
  report.remaining_steps = {left};
  report.warnings = {"careful"};
  CHECK(
      json_line(run_json(report, "default")) ==
      R"({"command":"upgrade","database":"default",)"
      R"("run_id":"00000000-0000-4000-8000-000000000001",)"
      R"("started":"2026-11-22T09:30:01.000000Z","duration_seconds":1.5,)"
      R"("lock_wait_seconds":0,"current":"1","target":"2","changed":true,)"
      R"("waited_for_other":false,)"
      R"("done":[{"action":"apply","version":"1","name":"a","duration_seconds":0.25}],)"
      R"("remaining":[{"action":"apply","version":"2","name":"b","phase":null}],"warnings":["careful"],)"
      R"("exit_code":0,"error":null})"
      "\n");
}

TEST_CASE("a status as JSON") {
  const auto test =
      test_report({"1_a.sql", "2_b.sql"}, {test_row("1", "base", "a", "select 1;", 1)});
  const auto document = status_json(test->report, test->source, migration::Phases::All, "default");
  CHECK(document.at("up_to_date") == false);
  CHECK(document.at("current") == "1");
  CHECK(document.at("heads").as_array().at(0) == "2");
  CHECK(document.at("pending").as_array().at(0).at("name") == "b");
  CHECK(document.at("applied").as_array().at(0).at("applied_at") == "2026-11-22T09:30:01.000000Z");
  CHECK(document.at("last_error").is_null());
  for (const char* key :
       {"missing", "edited", "unfinished", "unknown", "out_of_order", "skipped"}) {
    CAPTURE(key);
    CHECK(document.at(key).as_array().empty());
  }
}

TEST_CASE("a plan and a history as JSON") {
  const auto test =
      test_report({"1_a.sql", "2_b.sql"}, {test_row("1", "base", "a", "select 1;", 1)});
  const auto plan = migration::plan_upgrade(test->source, test->report.snapshot.history, {}, {});
  CHECK(json_line(plan_json(plan)) ==
        R"({"current":"1","target":["2"],)"
        R"("steps":[{"action":"apply","version":"2","name":"b","phase":"expand"}],"warnings":[]})"
        "\n");
  const auto history = history_json(test->report);
  CHECK(history.at("applied").as_array().size() == 1);
  CHECK(history.at("pending").as_array().size() == 1);
}

}  // namespace headway::cli
