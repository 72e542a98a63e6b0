// Where settings come from, as seen from outside.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

namespace headway::testing {
namespace {

std::string fresh() { return TempCluster::shared().create_database(); }
const MigrationsDir& one() {
  static const MigrationsDir dir{{"0001_a.sql", "create table a ();\n"},
                                 {"0001_a.down.sql", "drop table a;\n"}};
  return dir;
}

}  // namespace

TEST_CASE("a flag wins over a variable, and a variable over the file") {
  const std::string url = fresh();
  const TempDir place;
  const auto file = place.write("headway.toml",
                                "history-schema = \"from_file\"\n"
                                "[environment.staging]\nhistory-schema = \"from_section\"\n");
  const Headway headway{
      .url = url, .migrations = one().path(), .variables = {{"HEADWAY_CONFIG", file.string()}}};
  CHECK(headway({"init"}).out.find("from_file.history") != std::string::npos);
  CHECK(headway({"init", "--environment=staging"}).out.find("from_section.history") !=
        std::string::npos);
  const Variables variable{{"HEADWAY_HISTORY_SCHEMA", "from_variable"}};
  CHECK(headway({"init"}, variable).out.find("from_variable.history") != std::string::npos);
  CHECK(headway({"init", "--history-schema=from_flag"}, variable).out.find("from_flag.history") !=
        std::string::npos);
}

TEST_CASE("the database is found in every place, in its order") {
  const std::string url = fresh();
  const TempDir place;
  const auto file = place.write("url", url + "\n");
  const Headway nowhere{.url = "", .migrations = one().path()};
  CHECK(nowhere({"upgrade", "--database-url", url}).code == 0);
  CHECK(nowhere({"check"}, {{"HEADWAY_DATABASE_URL", url}}).code == 0);
  CHECK(nowhere({"check"}, {{"HEADWAY_DATABASE_URL_FILE", file.string()}}).code == 0);
  CHECK(nowhere({"check"}, {{"HIVE_DATABASE_URL", url}}).code == 0);
  CHECK(nowhere({"check"}, {{"DATABASE_URL", url}}).code == 0);
  CHECK(nowhere({"check"},
                {{"HEADWAY_DATABASE_URL", url}, {"DATABASE_URL", "postgresql://x@nowhere/x"}})
            .code == 0);
}

TEST_CASE("an unknown variable warns and stops nothing") {
  const Headway headway{.url = fresh(), .migrations = one().path()};
  const Exit exit =
      headway({"check"}, {{"HEADWAY_LOCK_WIAT", "1s"}, {"HEADWAY_PORT", "tcp://1:1"}});
  CHECK(exit.code == 30);
  CHECK(exit.err.find("did you mean HEADWAY_LOCK_WAIT?") != std::string::npos);
  CHECK(exit.err.find("HEADWAY_PORT") == std::string::npos);
}

TEST_CASE("settings of the session reach the migration") {
  const std::string url = fresh();
  const std::string role = unique_name("owner");
  exec(url, "create role " + role + "; grant create on database " +
                value(url, "select current_database()") + " to " + role +
                "; create schema app authorization " + role);
  const MigrationsDir dir{{"0001_a.sql",
                           "create table seen as select current_user::text as who, "
                           "current_setting('my.color') as color,"
                           " current_setting('search_path') as path;\n"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit exit =
      headway({"upgrade", "--role", role, "--search-path", "app", "--set", "my.color=a,b"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(rows(url, "select who, color, path from app.seen") == Rows{{role, "a,b", "app"}});
}

TEST_CASE("what options= in the URL or PGOPTIONS sets reaches the migration, and --set wins") {
  const MigrationsDir dir{{"0001_a.sql",
                           "create table seen as select current_setting('my.color') as color, "
                           "current_setting('my.shape') as shape;\n"}};
  const std::string url = fresh();
  const Headway headway{.url = url + "&options=-c%20my.color%3Dred%20-c%20my.shape%3Dround",
                        .migrations = dir.path()};
  const Exit exit = headway({"upgrade", "--set", "my.color=blue"}, {{"PGOPTIONS", "-c my.x=1"}});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(rows(url, "select color, shape from seen") == Rows{{"blue", "round"}});
}

TEST_CASE("a lenient environment lets the application start, and says what is wrong") {
  const MigrationsDir dir{{"0001_a.sql", "create table a ();\ncreate table a ();\n"}};
  const Headway headway{
      .url = fresh(), .migrations = dir.path(), .variables = {{"HEADWAY_LOG_LEVEL", "error"}}};
  const Exit strict = headway({"upgrade"});
  CHECK(strict.code == 20);
  check_golden("upgrade-failed", strict.err);
  const Exit lenient =
      headway({"upgrade", "--log-level=warning"}, {{"HIVE_ENVIRONMENT", "development"}});
  CHECK(lenient.code == 0);
  check_golden("upgrade-failed-lenient", lenient.err);
  CHECK(headway({"upgrade", "--environment=dev", "--strict"}).code == 20);
  const Exit json = headway({"upgrade", "--lenient", "--output=json"});
  CHECK(json.code == 0);
  check_golden("upgrade-failed-lenient-json", json.out);
}

TEST_CASE("a run whose output is closed still speaks to the database, not into it") {
  const Headway headway{.url = fresh(), .migrations = one().path()};
  Command command = headway.command({});
  command.args = {"sh", "-c", "exec \"$0\" upgrade >&- 2>&- <&-", command.args[0]};
  CHECK(run(command).code == 0);
  CHECK(headway({"check"}).code == 0);
}

TEST_CASE("leniency never hides a mistake in the configuration") {
  const Headway headway{.url = fresh(), .migrations = "/nonexistent"};
  CHECK(headway({"upgrade", "--lenient"}).code == 2);
}

TEST_CASE("lenient environments take back without asking twice") {
  const Headway headway{.url = fresh(), .migrations = one().path()};
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(headway({"downgrade", "base"}).code == 26);
  CHECK(headway({"downgrade", "base", "--environment=local"}).code == 0);
}

}  // namespace headway::testing
