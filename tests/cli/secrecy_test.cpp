// A password inside SQL or inside the URL is in no output, ours or the database's.
#include <doctest/doctest.h>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

using namespace headway::testing;

namespace {

constexpr const char* kInUrl = "Url-s3cret%21";
constexpr const char* kInUrlDecoded = "Url-s3cret!";
constexpr const char* kInSql = "Sql-s3cret";

void check_silent(const std::string& where, const std::string& text) {
  CAPTURE(where);
  CAPTURE(text);
  for (const char* secret : {kInUrl, kInUrlDecoded, kInSql}) {
    CHECK(text.find(secret) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("passwords are in no output, no metric, no event and not in ps") {
  TempCluster cluster({.tcp = true, .password = kInUrlDecoded});
  const std::string direct = cluster.create_database();
  const std::string database = value(direct, "select current_database()");
  std::string url = "postgresql://postgres:" + std::string(kInUrl) +
                    "@127.0.0.1:" + std::to_string(cluster.port()) + "/" + database;
  const std::vector<std::string> bad_endings = {
      "create role r1 password 'Sql-s3cret'; select 1/0;",
      "create role r2 password 'Sql-s3cret'; create role r2 password 'Sql-s3cret';",
      "select 'Sql-s3cret'::int;",
      "select $x$Sql-s3cret$x$::date;",
      "create role r3 password 'Sql-s3cret",
      "do $$ begin raise exception 'no: %', 'Sql-s3cret'; end $$;",
      "create table s (v text primary key); insert into s values ('Sql-s3cret'), ('Sql-s3cret');",
      "selec 'Sql-s3cret';",
      "select pg_catalog.set_config('nonsense', 'Sql-s3cret', false);"};
  for (const std::string& text : bad_endings) {
    CAPTURE(text);
    const MigrationsDir dir{{"1_secret.sql", text}};
    TempDir out{"hw-out"};
    const std::string metrics = (out.path() / "metrics.prom").string();
    const Headway headway{url, dir.path()};
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"upgrade", "--metrics-file=" + metrics, "--log-level=debug"},
          {"upgrade", "--log-format=text", "--log-level=debug"},
          {"upgrade", "--output=json"},
          {"status", "--output=json"},
          {"status"},
          {"plan"},
          {"validate"},
          {"history", "--verbose"}}) {
      const Exit exit = headway(args);
      check_silent(args.front() + " stdout", exit.out);
      check_silent(args.front() + " stderr", exit.err);
    }
    if (std::filesystem::exists(metrics)) check_silent("metrics", read_file(metrics));
  }
  check_silent(
      "events",
      value(direct, "select coalesce(string_agg(e::text, ' '), '') from headway.events e"));
  check_silent(
      "history",
      value(direct, "select coalesce(string_agg(h::text, ' '), '') from headway.history h"));
}

TEST_CASE("a password given as a flag is not in ps") {
  const MigrationsDir dir{{"1_wait.sql", "select pg_catalog.pg_sleep(600);"}};
  TempCluster cluster({.tcp = true, .password = kInUrlDecoded});
  const std::string url = "postgresql://postgres:" + std::string(kInUrl) +
                          "@127.0.0.1:" + std::to_string(cluster.port()) + "/postgres";
  const Headway headway{"", dir.path()};
  Process process(headway.command({"upgrade", "--database-url=" + url}));
  process.wait_for_output("applying 1");
  check_silent("ps", read_file("/proc/" + std::to_string(process.pid()) + "/cmdline"));
  process.stop(SIGTERM);
}

TEST_CASE("a wrong URL is refused without its password") {
  const MigrationsDir dir{{"1_t.sql", "create table t ();"}};
  for (const char* url :
       {"postgresql://u:Url-s3cret!@h:port/db", "postgresql://u:Url-s3cret!@h/db?nonsense=1",
        "postgres//u:Url-s3cret!@h/db", "host=h password=Url-s3cret! nonsense=1",
        "postgresql://u:Url-s3cret!%zz@h/db"}) {
    const Headway headway{url, dir.path()};
    const Exit exit = headway({"upgrade", "--connect-timeout=1s"});
    CHECK(exit.code == 2);
    check_silent("stdout", exit.out);
    check_silent("stderr", exit.err);
  }
}
