#include "cli/report_text.hpp"

#include <doctest/doctest.h>

#include "unit/cli/reports.hpp"

namespace headway::cli {
namespace {

const Paint kPlain(false);
const std::string kSelectOne = "select 1;";

using Action = migration::Step::Action;

}  // namespace

TEST_CASE("the status of a database that is behind") {
  auto test =
      test_report({"1_a.sql", "2_b.sql", "3_c.sql"}, {test_row("1", "base", "a", kSelectOne, 1)});
  engine::EventRow event;
  event.event = "failed";
  event.version = "2 b";
  event.error_id = "migration-failed";
  event.sqlstate = "42P07";
  event.message = "relation \"t\" already exists";
  event.at = test_time(9);
  test->report.last_error = event;
  CHECK(status_text(test->report, test->source, migration::Phases::All, kPlain) ==
        "Database hive is behind: 2 pending\n"
        "\n"
        "  server   PostgreSQL 15.4, user app\n"
        "  current  1 a\n"
        "  target   3 c\n"
        "  applied  1\n"
        "  pending  2\n"
        "\n"
        "Pending\n"
        "  VERSION  NAME\n"
        "  2        b\n"
        "  3        c\n"
        "\n"
        "Applied\n"
        "  VERSION  NAME  STATE    APPLIED AT            DURATION\n"
        "  1        a     applied  2026-11-22 09:30:01Z  12 ms\n"
        "\n"
        "Last error\n"
        "  2026-11-22 09:30:09Z  2 b  migration-failed (SQLSTATE 42P07): relation \"t\" already "
        "exists\n");
}

TEST_CASE("the status of a database that is up to date, or ahead, or edited") {
  const auto first_line = [](const TestReport& test) {
    const std::string text = status_text(test.report, test.source, migration::Phases::All, kPlain);
    return text.substr(0, text.find('\n'));
  };
  CHECK(first_line(*test_report({"1_a.sql"}, {test_row("1", "base", "a", kSelectOne, 1)})) ==
        "Database hive is up to date");
  CHECK(first_line(*test_report({"1_a.sql"}, {test_row("1", "base", "a", kSelectOne, 1),
                                              test_row("2", "1", "b", kSelectOne, 2)})) ==
        "Database hive is ahead of this source: a newer image was here");
  const auto edited = test_report({"1_a.sql"}, {test_row("1", "base", "a", "select 2;", 1)});
  CHECK(first_line(*edited) == "Database hive disagrees with its source");
  CHECK(status_text(edited->report, edited->source, migration::Phases::All, kPlain)
            .find("Edited after it was applied\n  VERSION  NAME\n  1        a\n") !=
        std::string::npos);
  auto running = test_row("1", "base", "a", kSelectOne, 1);
  running.state = migration::RowState::Running;
  CHECK(first_line(*test_report({"1_a.sql"}, {running})) ==
        "Database hive has a half-applied migration");
}

TEST_CASE("the history shows the applied ones and then the pending ones") {
  const auto test =
      test_report({"1_a.sql", "2_b.sql"}, {test_row("1", "base", "a", kSelectOne, 1)});
  CHECK(history_text(test->report, Detail::Short, kPlain) ==
        "VERSION  NAME  STATE    APPLIED AT            DURATION\n"
        "1        a     applied  2026-11-22 09:30:01Z  12 ms\n"
        "2        b     pending  -                     -\n");
  const std::string verbose = history_text(test->report, Detail::Verbose, kPlain);
  CHECK(verbose.find(migration::checksum_of(kSelectOne).hex().substr(0, 12)) != std::string::npos);
  CHECK(verbose.find("api-1") != std::string::npos);
  const auto nothing = test_report({}, {});
  CHECK(history_text(nothing->report, Detail::Short, kPlain) ==
        "No migration is applied or pending.\n");
}

TEST_CASE("a plan is a numbered list") {
  const auto test =
      test_report({"1_a.sql", "2_b.sql", "R__v.sql"}, {test_row("1", "base", "a", kSelectOne, 1)});
  const auto plan = migration::plan_upgrade(test->source, test->report.snapshot.history, {}, {});
  CHECK(plan_text(plan, kPlain) ==
        "2 steps from 1 to 2\n"
        "  #  ACTION  VERSION  NAME\n"
        "  1  apply   2        b\n"
        "  2  repeat  -        v\n");
}

TEST_CASE("a plan's SQL has the transactions around it") {
  const auto source = migration::build_native_source(
      {{"1_a.sql", "1_a.sql", "create table a (); -- x\ninsert into a default values;"},
       {"2_b.sql", "2_b.sql", "-- headway: transaction=none\ncreate index concurrently on a ();"},
       {"3_c.sql", "3_c.sql", "copy a from stdin;\n1\n\\.\n"}},
      "production");
  const migration::History empty;
  const auto plan = migration::plan_upgrade(source, empty, {}, {});
  CHECK(plan_sql(plan, engine::Transactions::Each) ==
        "-- 1 a\n"
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "create table a ();\n"
        "insert into a default values;\n"
        "COMMIT;\n"
        "\n"
        "-- 2 b\n"
        "create index concurrently on a ();\n"
        "\n"
        "-- 3 c\n"
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "copy a from stdin;\n"
        "1\n"
        "\\.\n"
        "COMMIT;\n"
        "\n");
}

TEST_CASE("a plan's SQL keeps what a migration sets from the next one, as the upgrade does") {
  const auto source = migration::build_native_source(
      {{"1_a.sql", "1_a.sql", "set local search_path = a; create schema a;"},
       {"2_b.sql", "2_b.sql", "set search_path = a"},
       {"3_c.sql", "3_c.sql", "create table c ()"}},
      "production");
  const migration::History empty;
  const auto plan = migration::plan_upgrade(source, empty, {}, {});
  CHECK(plan_sql(plan, engine::Transactions::Each) ==
        "-- 1 a\n"
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "set local search_path = a;\n"
        "create schema a;\n"
        "COMMIT;\n"
        "\n"
        "-- 2 b\n"
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "set search_path = a;\n"
        "COMMIT;\n"
        "DISCARD ALL;\n"
        "\n"
        "-- 3 c\n"
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "create table c ();\n"
        "COMMIT;\n"
        "\n");
}

TEST_CASE("a plan's SQL resets the session inside one transaction as well") {
  const auto source = migration::build_native_source(
      {{"1_a.sql", "1_a.sql", "set search_path = a"}, {"2_b.sql", "2_b.sql", "create table b ()"}},
      "production");
  const migration::History empty;
  const auto plan = migration::plan_upgrade(source, empty, {}, {});
  CHECK(plan_sql(plan, engine::Transactions::All) ==
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n"
        "\n"
        "-- 1 a\n"
        "set search_path = a;\n"
        "\n"
        "RESET SESSION AUTHORIZATION;\n"
        "RESET ROLE;\n"
        "RESET ALL;\n"
        "CLOSE ALL;\n"
        "UNLISTEN *;\n"
        "DISCARD TEMP;\n"
        "DISCARD SEQUENCES;\n"
        "DEALLOCATE ALL;\n"
        "\n"
        "-- 2 b\n"
        "create table b ();\n"
        "\n"
        "COMMIT;\n");
}

TEST_CASE("a run tells what it did and where the database stands") {
  engine::RunReport report;
  report.current = "2";
  report.duration = std::chrono::milliseconds{345};
  report.done = {{Action::Apply, "1", "a", std::chrono::milliseconds{12}},
                 {Action::Repeat, "", "views", std::chrono::milliseconds{3}}};
  CHECK(run_text(report, kPlain) ==
        "applied 1 a (12 ms)\n"
        "repeated views (3 ms)\n"
        "The database is at 2: 2 steps in 345 ms.\n");
  report.done.clear();
  CHECK(run_text(report, kPlain) == "Nothing to do: the database is at 2.\n");
  report.waited_for_other = true;
  CHECK(run_text(report, kPlain) ==
        "Nothing left to do: another process brought the database to 2.\n");
}

TEST_CASE("a run that failed tells what is left") {
  engine::RunReport report;
  report.current = "1";
  report.done = {{Action::Apply, "1", "a", std::chrono::milliseconds{12}}};
  report.remaining_steps.resize(2);
  report.error = ErrorInfo{};
  CHECK(run_text(report, kPlain) ==
        "applied 1 a (12 ms)\n"
        "The database is at 1; 2 steps not done.\n");
  engine::RunReport unreachable;
  unreachable.error = ErrorInfo{};
  CHECK(run_text(unreachable, kPlain).empty());
}

}  // namespace headway::cli
