// Expand before the rollout, contract after it, through the binary.
#include <doctest/doctest.h>

#include <string>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

namespace headway::testing {
namespace {

const std::vector<std::pair<std::string, std::string>> kRename = {
    {"0001_create.sql", "create table users (id int primary key, name text);\n"},
    {"0002_add_full_name.sql", "alter table users add full_name text;\n"},
    {"0003_drop_name.sql", "-- headway: phase=contract\nalter table users drop name;\n"},
    {"0003_drop_name.down.sql", "alter table users add name text;\n"},
    {"0004_add_email.sql", "alter table users add email text;\n"},
    {"R__names.sql", "create or replace view names as select full_name from users;\n"}};

}  // namespace

TEST_CASE("expand, roll out, contract") {
  const std::string url = TempCluster::shared().create_database();
  const MigrationsDir dir(kRename);
  const Headway headway{.url = url, .migrations = dir.path()};
  const auto golden = [&headway](const std::string& name, std::vector<std::string> args,
                                 int code = 0, const Variables& more = {}) {
    CAPTURE(name);
    const Exit exit = headway(std::move(args), more);
    INFO(exit.text());
    CHECK(exit.code == code);
    check_golden(name, exit.out);
  };
  golden("phases-heads", {"heads"});
  golden("phases-plan", {"plan", "--phase=expand", "--exit-code"}, 30);
  const Exit early = headway({"upgrade", "--phase=contract"});
  CHECK(early.code == 23);
  CHECK(early.err.find("phase-order") != std::string::npos);
  CHECK(headway({"wait", "--phase=expand", "--timeout=0"}).code == 14);

  golden("phases-expand", {"upgrade", "--phase=expand"});
  CHECK(value(url, "select string_agg(version, ' ' order by version) from headway.history") ==
        "0001 0002 0004 base");
  golden("phases-status", {"status"});
  golden("phases-status-json", {"status", "--phase=expand", "--output=json"});
  golden("phases-current", {"current"});
  golden("phases-history", {"history"});
  CHECK(headway({"check", "--phase=expand"}).code == 0);
  CHECK(headway({"status", "--phase=expand", "--exit-code"}).code == 0);
  CHECK(headway({"plan", "--phase=expand", "--exit-code"}).code == 0);
  CHECK(headway({"check"}).code == 30);
  CHECK(headway({"check", "--phase=contract"}).code == 30);
  CHECK(headway({"status", "--exit-code"}).code == 30);
  CHECK(headway({"wait", "--phase=expand", "--timeout=0"}).code == 0);
  CHECK(headway({"wait", "--timeout=0"}).code == 14);
  // What is left to the other phase is nothing to be alarmed about.
  const TempDir out("hw-phases");
  const std::string metrics = (out.path() / "metrics.prom").string();
  CHECK(headway({"upgrade", "--phase=expand", "--metrics-file=" + metrics}).code == 0);
  CHECK(read_file(metrics).find("headway_migrations_pending{database=\"default\"} 0\n") !=
        std::string::npos);
  CHECK(read_file(metrics).find("target_version=\"0004\"") != std::string::npos);

  golden("phases-contract", {"upgrade"}, 0, {{"HEADWAY_PHASE", "contract"}});
  CHECK(headway({"check"}).code == 0);
  golden("phases-current-after", {"current"});
  // The chain is the order of application: the contract migration goes first.
  CHECK(headway({"downgrade", "-1", "--yes"}).code == 0);
  CHECK(value(url,
              "select version from headway.history h where not exists (select from "
              "headway.history n where n.previous = h.version)") == "0004");
  CHECK(headway({"upgrade", "--phase=contract"}).code == 0);
  CHECK(headway({"upgrade", "--phase=sideways"}).code == 2);
}

TEST_CASE("an expand migration may not lean on a pending contract one") {
  const std::string url = TempCluster::shared().create_database();
  auto files = kRename;
  files.push_back({"0005_reuse.sql", "-- headway: after=3\nselect 1;\n"});
  const MigrationsDir dir(files);
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit exit = headway({"upgrade", "--phase=expand", "heads"});
  CHECK(exit.code == 23);
  CHECK(exit.err.find("after=") != std::string::npos);
}

TEST_CASE("many targets by phase") {
  const MigrationsDir dir(kRename);
  const TempDir list("hw-targets");
  TempCluster& cluster = TempCluster::shared();
  const std::string file = (list.path() / "targets.toml").string();
  list.write("targets.toml", "[[tenants]]\ndatabases = [\"" +
                                 database_of(cluster.create_database()) + "\", \"" +
                                 database_of(cluster.create_database()) + "\"]\n");
  const Headway headway{.url = cluster.url(), .migrations = dir.path()};
  const auto run = [&](std::vector<std::string> args) {
    args.push_back("--targets=" + file);
    const Exit exit = headway(std::move(args));
    INFO(exit.text());
    return exit.code;
  };
  CHECK(run({"upgrade", "--phase=contract"}) == 23);
  CHECK(run({"upgrade", "--phase=expand"}) == 0);
  CHECK(run({"check", "--phase=expand"}) == 0);
  CHECK(run({"wait", "--phase=expand", "--timeout=0"}) == 0);
  CHECK(run({"status", "--phase=expand", "--exit-code"}) == 0);
  CHECK(run({"status", "--exit-code"}) == 30);
  CHECK(run({"check"}) == 30);
  CHECK(run({"upgrade", "--phase=contract"}) == 0);
  CHECK(run({"check"}) == 0);
}

}  // namespace headway::testing
