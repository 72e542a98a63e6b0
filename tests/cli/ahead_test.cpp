// Migrations that are sent before the answers to those in front of them: the same must come of it
// as when each is waited for.  --drain makes Headway wait for each.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

constexpr const char* kOneByOne = "--drain=1s";

std::string new_database() { return TempCluster::shared().create_database(); }

std::string file_name(int number) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d_m.sql", number);
  return &text[0];
}

std::vector<std::string> statements(int number) {
  const std::string n = std::to_string(number);
  return {"create table t" + n + " (id int primary key, note text)",
          "insert into log values (" + n + ", 'a;b')",
          "select g from generate_series(1, 3000) g",
          "do $$ begin insert into log values (" + n + ", null); end $$",
          "create or replace function f() returns int language sql as 'select " + n + "'",
          "select f(), count(*) from log",
          "savepoint s",
          "copy log from stdin;\n" + n + "\tcopied\n\\.\n",
          "set search_path = public, pg_catalog",
          "create temp table scratch" + n + " (i int)",
          "prepare p" + n + " as select $1::int",
          "set local work_mem = '1MB'",
          "update log set note = 'x' where id = " + n};
}

const std::vector<std::string>& mistakes() {
  static const std::vector<std::string> all{
      "selec 1",
      "select 1 / 0",
      "insert into log select 1, nope from log",
      "insert into parent values (1), (1)",
      "insert into child values (4711)",  // deferred: it is COMMIT that fails
      "select $1",
      "create table log ()"};
  return all;
}

/// Migrations with a few random statements each; about every second set holds a mistake.
MigrationsDir random_set(std::mt19937& random) {
  MigrationsDir dir{
      {"0000_base.sql",
       "create table log (id int, note text);\n"
       "create function f() returns int language sql as 'select 0';\n"
       "create table parent (id int primary key);\n"
       "create table child (id int references parent deferrable initially deferred);\n"}};
  const auto below = [&random](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  const int count = 5 + static_cast<int>(below(60));
  const int bad = below(2) == 0 ? 1 + static_cast<int>(below(static_cast<std::size_t>(count))) : 0;
  for (int number = 1; number <= count; ++number) {
    std::string text;
    const auto all = statements(number);
    // Rarely what can't be sent ahead, so that there are long runs of what can.
    const std::size_t usual = below(8) == 0 ? all.size() : 7;
    const std::size_t length = below(4);
    for (std::size_t i = 0; i < length; ++i) {
      const std::string& one = all[below(usual)];
      text += one + (one.ends_with('\n') ? "" : ";\n");
    }
    if (number == bad) text += mistakes()[below(mistakes().size())] + ";\n";
    text += "create table m" + std::to_string(number) + " ();\n";
    dir.write(file_name(number), text);
  }
  return dir;
}

/// What a run came to, without what differs from run to run.
struct Result {
  int code = 0;
  std::string report;
  std::string events;
  std::string database;
  bool operator==(const Result&) const = default;
};

std::string of_json(const std::string& text) {
  boost::json::object document = boost::json::parse(text).as_object();
  for (const char* key : {"run_id", "started", "duration_seconds", "lock_wait_seconds"}) {
    document.erase(key);
  }
  for (auto& step : document.at("done").as_array()) step.as_object().erase("duration_seconds");
  return boost::json::serialize(document);
}

std::string of_log(const std::string& log) {
  std::string out;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const boost::json::object line = boost::json::parse(log.substr(at, end - at)).as_object();
    const auto text = [&line](const char* key) {
      return line.contains(key) ? boost::json::serialize(line.at(key)) : std::string();
    };
    out += text("event") + text("version") + text("statement_number") + text("error_id") +
           text("line") + text("sqlstate") + '\n';
    at = end + 1;
  }
  return out;
}

Result run_set(const std::string& migrations, const std::vector<std::string>& more) {
  const Headway headway{new_database(), migrations};
  std::vector<std::string> args{"upgrade", "--output=json", "--log-level=debug"};
  args.insert(args.end(), more.begin(), more.end());
  const Exit exit = headway(args);
  Result result;
  result.code = exit.code;
  result.report = of_json(exit.out);
  result.events = of_log(exit.err);
  result.database = value(
      headway.url,
      "select string_agg(t, ' ' order by t) from ("
      "select version || '<' || previous || state || (duration is not null) as t from "
      "headway.history union all select event || coalesce(version, '') || coalesce(error_id, '') "
      "|| "
      "coalesce(sqlstate, '') || (duration is not null) from headway.events union all "
      "select relname::text from pg_class where relnamespace = 'public'::regnamespace union all "
      "select 'log' || id || coalesce(note, '') from log) all_of_it");
  return result;
}

}  // namespace

TEST_CASE("random migrations come to the same, sent ahead or one by one") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  int failed = 0;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const MigrationsDir dir = random_set(random);
    const Result ahead = run_set(dir.path(), {});
    const Result one_by_one = run_set(dir.path(), {kOneByOne});
    CHECK(ahead.code == one_by_one.code);
    CHECK(ahead.report == one_by_one.report);
    CHECK(ahead.events == one_by_one.events);
    REQUIRE(ahead.database == one_by_one.database);
    if (ahead.code != 0) ++failed;
  }
  CHECK(failed < 12);
}

TEST_CASE("what is behind a failure has not happened, and the failure is the one that is told") {
  const MigrationsDir dir{{file_name(1), "create table t1 ();\n"}};
  for (int i = 2; i <= 100; ++i) {
    dir.write(file_name(i),
              "create table t" + std::to_string(i) + " ();\n" + (i == 50 ? "select 1/0;\n" : ""));
  }
  const Headway headway{new_database(), dir.path()};
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 20);
  CHECK(exit.err.find("22012") != std::string::npos);
  CHECK(exit.err.find("25P02") == std::string::npos);
  CHECK(exit.err.find("23503") == std::string::npos);
  CHECK(value(headway.url, "select count(*) from headway.history") == "50");  // and base
  CHECK(value(headway.url, "select count(*) from pg_tables where tablename ~ '^t[0-9]'") == "49");
  dir.write(file_name(50), "create table t50 ();\n");
  CHECK(headway({"upgrade"}).code == 0);
  CHECK(value(headway.url, "select count(*) from pg_tables where tablename ~ '^t[0-9]'") == "100");
}

TEST_CASE("a signal into many small migrations: message, history and database agree") {
  const MigrationsDir dir{{file_name(1), "create table t1 ();\n"}};
  for (int i = 2; i <= 400; ++i) {
    dir.write(file_name(i),
              "create table t" + std::to_string(i) + " ();\nselect pg_sleep(0.005);\n");
  }
  for (const char* at : {"applied 0003", "applied 0040", "applied 0111"}) {
    CAPTURE(at);
    const Headway headway{new_database(), dir.path()};
    Process process(headway.command({"upgrade", "--output=json"}));
    process.wait_for_output(at);
    const Exit exit = process.stop(SIGTERM);
    INFO(exit.text());
    CHECK(exit.code == 13);
    const boost::json::object report = boost::json::parse(exit.out).as_object();
    const std::string done = std::to_string(report.at("done").as_array().size());
    CHECK(value(headway.url, "select count(*) from headway.history where version <> 'base'") ==
          done);
    CHECK(value(headway.url, "select count(*) from pg_tables where tablename ~ '^t[0-9]'") == done);
    CHECK(value(headway.url, "select count(*) from headway.events where event = 'applied'") ==
          done);
    CHECK(headway({"upgrade"}).code == 0);
    CHECK(value(headway.url, "select count(*) from headway.history") == "401");
  }
}

TEST_CASE("a connection that is lost while many are on their way is made good, each exactly once") {
  const MigrationsDir dir{{file_name(1), "create table t1 ();\n"}};
  for (int i = 2; i <= 100; ++i) {
    dir.write(file_name(i), "create table t" + std::to_string(i) + " ();\n");
  }
  TempCluster& cluster = TempCluster::shared();
  for (const auto from : {TcpProxy::From::Client, TcpProxy::From::Server}) {
    for (const int occurrence : {1, 17, 33, 64, 100}) {
      CAPTURE(occurrence);
      const std::string url = new_database();
      TcpProxy proxy(cluster);
      proxy.arm({.from = from, .bytes = "COMMIT", .occurrence = occurrence});
      const Exit exit = Headway{proxy.through(url), dir.path()}({"upgrade", "--output=json"});
      INFO(exit.text());
      CHECK(exit.code == 0);
      CHECK(value(url, "select count(*) from headway.history where duration is not null") == "100");
      CHECK(value(url, "select count(*) from headway.events where event = 'applied'") == "100");
      const boost::json::object report = boost::json::parse(exit.out).as_object();
      CHECK(report.at("done").as_array().size() == 100);
    }
  }
}
