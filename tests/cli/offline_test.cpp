// What needs no database: help, completion, revision, validate, mistakes in flags and files.
#include <doctest/doctest.h>

#include <filesystem>
#include <regex>

#include "cli/headway.hpp"

namespace headway::testing {
namespace {

const Headway kFromNowhere{};
const Headway kForPeople{
    .url = "", .migrations = "", .variables = {{"HEADWAY_LOG_FORMAT", "text"}}};

std::size_t files_in(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("headway without a command shows its help on standard error and exits with 2") {
  const Exit exit = kForPeople({});
  CHECK(exit.code == 2);
  CHECK(exit.out.empty());
  check_golden("help", exit.err);
  check_golden("no-command-log", kFromNowhere({}).err);
}

TEST_CASE("help is shown on standard output") {
  const Exit all = kFromNowhere({"--help"});
  CHECK(all.code == 0);
  CHECK(all.err.empty());
  check_golden("help", all.out);
  const Exit one = kFromNowhere({"upgrade", "--help"});
  CHECK(one.code == 0);
  check_golden("help-upgrade", one.out);
  CHECK(kFromNowhere({"help", "upgrade"}).out == one.out);
}

TEST_CASE("the version is told in two ways and as JSON") {
  const Exit exit = kFromNowhere({"version"});
  CHECK(exit.code == 0);
  CHECK(std::regex_match(exit.out, std::regex(R"(headway \d+\.\d+\.\d+( \([0-9a-f]+\))?\n)")));
  CHECK(kFromNowhere({"--version"}).out == exit.out);
  CHECK(kFromNowhere({"version", "--output=json"}).out.substr(0, 12) == "{\"version\":\"");
}

TEST_CASE("mistakes on the command line exit with 2 and say what was meant") {
  const Exit command = kForPeople({"upgrad"});
  CHECK(command.code == 2);
  check_golden("unknown-command", command.err);
  check_golden("unknown-command-log", kFromNowhere({"upgrad"}).err);
  CHECK(kFromNowhere({"upgrad", "--log-format", "text"}).err == command.err);
  const Exit option = kForPeople({"upgrade", "--lock-wiat=1s"});
  CHECK(option.code == 2);
  check_golden("unknown-option", option.err);
  CHECK(kFromNowhere({"downgrade"}).code == 2);
  CHECK(kFromNowhere({"downgrade", "--last-run", "base"}).code == 2);
  CHECK(kFromNowhere({"upgrade", "--sql"}).code == 2);
  CHECK(kFromNowhere({"upgrade", "nonsense^"}).code == 2);
}

TEST_CASE("a mistake is JSON on standard output when JSON is asked for") {
  const Exit exit = kFromNowhere({"upgrade", "--lock-wait=soon", "--output", "json"});
  CHECK(exit.code == 2);
  CHECK(exit.err.empty());
  check_golden("bad-flag-json", exit.out);
}

TEST_CASE("no database at all is exit 2 at once, with every place that was looked at") {
  const MigrationsDir dir{{"0001_a.sql", "select 1;"}};
  Headway headway{.url = "", .migrations = dir.path()};
  const Exit exit = headway({"upgrade", "--log-level=error"});
  CHECK(exit.code == 2);
  for (const char* place :
       {"HEADWAY_DATABASE_URL", "HIVE_DATABASE_URL", "PGHOST", "--database-dir"}) {
    CAPTURE(place);
    CHECK(exit.err.find(place) != std::string::npos);
  }
}

TEST_CASE("a source that is missing or empty never looks like nothing to do") {
  const MigrationsDir empty{};
  for (const char* command : {"upgrade", "status", "heads", "validate", "plan"}) {
    CAPTURE(command);
    const Headway missing{.url = "postgresql://u@h/d", .migrations = "/nonexistent"};
    CHECK(missing({command}).code == 2);
    const Headway nothing{.url = "postgresql://u@h/d", .migrations = empty.path()};
    CHECK(nothing({command}).code == 2);
  }
  const Headway nothing{.url = "", .migrations = empty.path()};
  CHECK(nothing({"validate", "--allow-empty"}).code == 0);
}

TEST_CASE("validate reads everything without a database") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();"},
                          {"0001_a.down.sql", "drop table a;"},
                          {"0002_b.sql", "-- headway: after=0001\nselect 1;"},
                          {"0003_c.sql", "-- headway: after=0001\nselect 1;"},
                          {"R__views.sql", "select 1;"}};
  const Headway headway{.url = "", .migrations = dir.path()};
  check_golden("validate", headway({"validate"}).out);
  check_golden("validate-json", headway({"validate", "--output=json"}).out);
  check_golden("heads", headway({"heads"}).out);
  check_golden("heads-json", headway({"heads", "--output=json"}).out);
}

TEST_CASE("validate finds what would be refused, with its place") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\ncreate index concurrently on a ();"}};
  const Headway headway{.url = "", .migrations = dir.path()};
  const Exit exit = headway({"validate", "--log-format=text"});
  CHECK(exit.code == 2);
  check_golden("validate-needs-no-transaction", exit.err);
}

TEST_CASE("revision makes files that are valid, in an order, and never twice the same") {
  const TempDir place;
  const std::string directory = (place.path() / "new" / "migrations").string();
  const Headway headway{.url = "", .migrations = directory};
  const Exit first = headway({"revision", "-m", "Create metrics"});
  CHECK(first.code == 0);
  CHECK(std::regex_match(first.out,
                         std::regex(R"((.*/\d{14}_create_metrics)\.sql\n\1\.down\.sql\n)")));
  CHECK(files_in(directory) == 2);
  const Exit second = headway({"revision", "-m", "Create metrics", "--no-down"});
  CHECK(second.code == 0);
  CHECK(second.out != first.out);
  CHECK(files_in(directory) == 3);
  CHECK(headway({"revision", "-m", "more", "--rev-id", "99990101000000"}).code == 0);
  CHECK(headway({"revision", "-m", "other", "--rev-id", "99990101000000"}).code == 2);
  const Exit after = headway({"revision", "-m", "last", "--output=json"});
  CHECK(after.out.find("99990101000001_last.down.sql") != std::string::npos);
  CHECK(headway({"revision", "-m", "!?"}).code == 2);
  CHECK(headway({"revision"}).code == 2);
  CHECK(headway({"validate"}).code == 0);
}

TEST_CASE("revisions made at the same moment get versions of their own") {
  const TempDir place;
  const Headway headway{.url = "", .migrations = place.path().string()};
  std::vector<Process> processes;
  for (int i = 0; i < 6; ++i) {
    processes.emplace_back(
        headway.command({"revision", "--no-down", "-m", "n" + std::to_string(i)}));
  }
  for (Process& process : processes) CHECK(process.wait().code == 0);
  CHECK(files_in(place.path().string()) == 6);
  CHECK(headway({"validate"}).code == 0);
}

TEST_CASE("sequential revisions count on from the last one") {
  const MigrationsDir dir{{"0009_a.sql", "select 1;"}};
  const Headway headway{.url = "", .migrations = dir.path()};
  CHECK(headway({"revision", "-m", "b", "--sequential"}).out.find("/0010_b.sql\n") !=
        std::string::npos);
}

TEST_CASE("init --sql prints a script without a database") {
  const Exit exit = kFromNowhere({"init", "--sql", "--history-readers=app,report"});
  CHECK(exit.code == 0);
  CHECK(exit.err.empty());
  CHECK(exit.out.find("headway") != std::string::npos);
  CHECK(exit.out.find("report") != std::string::npos);
}

TEST_CASE("a mistake in the configuration file is told with its place") {
  const TempDir place;
  const auto file = place.write("headway.toml", "drain = \"1s\"\nlock_wait = \"1s\"\n");
  const Exit exit = kFromNowhere({"status", "--config", file.string()});
  CHECK(exit.code == 2);
  CHECK(exit.err.find(
            "headway.toml:2:1: there is no option \\\"lock_wait\\\"; did you mean lock-wait?") !=
        std::string::npos);
  CHECK(kFromNowhere({"status", "--config=/nonexistent.toml"}).code == 2);
}

TEST_CASE("an output that can't be written is exit 1") {
  Command command;
  command.args = {"sh", "-c", "exec \"$0\" version > /dev/full", kFromNowhere.command({}).args[0]};
  const Exit exit = run(command);
  CHECK(exit.code == 1);
  CHECK(exit.err.find("can't write to standard output") != std::string::npos);
}

TEST_CASE("the completion script for bash completes commands, options and their values") {
  const TempDir place;
  const auto script = place.write("completion.bash", kFromNowhere({"completion", "bash"}).out);
  const auto complete = [&](const std::string& words) {
    // Bash splits at = for completion; so does this.
    Command command;
    command.args = {"bash", "-c",
                    "source " + script.string() + "\nCOMP_WORDS=(" + words +
                        ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_headway\n"
                        "printf '%s\\n' \"${COMPREPLY[@]}\""};
    const Exit exit = run(command);
    CHECK(exit.err == "");
    return exit.out;
  };
  CHECK(complete("headway up") == "upgrade\n");
  CHECK(complete("headway upgrade --lock-") == "--lock-wait\n--lock-timeout\n");
  CHECK(complete("headway upgrade --pooler = se") == "session\n");
  CHECK(complete("headway upgrade --order ''") == "auto\nstrict\nskip\nany\n");
  CHECK(complete("headway --environment dev downgrade b") == "base\n");
  CHECK(complete("headway status --last") == "\n");
  CHECK(complete("headway completion z") == "zsh\n");
}

TEST_CASE("the completion scripts for zsh and fish are printed") {
  CHECK(kFromNowhere({"completion", "zsh"}).out.substr(0, 16) == "#compdef headway");
  CHECK(kFromNowhere({"completion", "fish"}).out.find("complete -c headway") != std::string::npos);
  CHECK(kFromNowhere({"completion", "csh"}).code == 2);
}

}  // namespace headway::testing
