// A connection that is lost at a COMMIT: nobody knows whether it happened until the history has
// been read again.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cli/gate.hpp"
#include "cli/headway.hpp"
#include "support/sql.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

/// What each migration does would show if it were done twice.
const MigrationsDir& migrations() {
  static const MigrationsDir dir{
      {"1_effects.sql", "create table effects (what text); insert into effects values ('1');"},
      {"1_effects.down.sql", "drop table effects;"},
      {"2_two.sql", "insert into effects values ('2'); create table two ();"},
      {"2_two.down.sql", "drop table two; delete from effects where what = '2';"},
      {"3_steps.sql",
       "-- headway: transaction=none\n"
       "insert into effects values ('3a');\ninsert into effects values ('3b');"},
      {"3_steps.down.sql", "delete from effects where what like '3%';"},
      {"R__last.sql", "insert into effects values ('R');"}};
  return dir;
}

constexpr const char* kEffects = "select string_agg(what, ',' order by what) from effects";
constexpr const char* kChain =
    "select string_agg(version || '(' || state || ')', ',' order by version) from headway.history";

using When = TcpProxy::When;
using From = TcpProxy::From;

/// Every way to lose a connection around a COMMIT.
const std::vector<TcpProxy::Trigger>& losses() {
  static const std::vector<TcpProxy::Trigger> all = {
      // The server never hears it; it does, and may still work; it is done, and nobody is told.
      {.from = From::Client, .bytes = "COMMIT", .when = When::Before},
      {.from = From::Client, .bytes = "COMMIT", .when = When::After},
      {.from = From::Server, .bytes = "COMMIT", .when = When::Before},
  };
  return all;
}

std::string text(const TcpProxy::Trigger& trigger) {
  return std::string(trigger.when == When::Before ? "before" : "after") + " COMMIT " +
         std::to_string(trigger.occurrence) + " of the " +
         (trigger.from == From::Client ? "client" : "server");
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

/// Runs the command on a database that `prepare` has made, with the connection lost at `loss`.
/// False: there is no such COMMIT, and nothing was lost.
template <typename Prepare, typename Check>
bool run_with(const TcpProxy::Trigger& loss, const std::vector<std::string>& args, Prepare prepare,
              Check check) {
  const std::string direct = TempCluster::shared().create_database();
  prepare(direct);
  TcpProxy proxy(TempCluster::shared());
  proxy.arm(loss);
  const Exit exit = Headway{proxy.through(direct), migrations().path()}(args);
  const bool lost = proxy.fired() > 0;
  INFO(text(loss) << "\n" << exit.text());
  CHECK(exit.code == 0);
  if (lost) CHECK(count(exit.err, "connection_lost") >= 1);
  check(direct, exit);
  return lost;
}

}  // namespace

TEST_CASE("an upgrade that loses its connection at any COMMIT goes on, each migration once") {
  for (const TcpProxy::Trigger& kind : losses()) {
    int commits = 0;
    for (TcpProxy::Trigger loss = kind;; ++loss.occurrence) {
      const bool lost = run_with(
          loss, {"upgrade", "--output=json"}, [](const std::string&) {},
          [](const std::string& url, const Exit& exit) {
            CHECK(value(url, kEffects) == "1,2,3a,3b,R");
            CHECK(value(url, kChain) == "1(applied),2(applied),3(applied),base(applied)");
            CHECK(value(url, "select string_agg(name, ',') from headway.repeatable") == "last");
            for (const char* version : {"\"version\":\"1\"", "\"version\":\"2\"",
                                        "\"version\":\"3\"", "\"name\":\"last\""}) {
              CHECK(count(exit.out, version) == 1);
            }
          });
      if (!lost) break;
      ++commits;
    }
    CHECK(commits >= 4);
  }
}

TEST_CASE("a downgrade that loses its connection at any COMMIT goes on, each way back once") {
  for (const TcpProxy::Trigger& kind : losses()) {
    int commits = 0;
    for (TcpProxy::Trigger loss = kind;; ++loss.occurrence) {
      const bool lost = run_with(
          loss, {"downgrade", "1", "--yes", "--output=json"},
          [](const std::string& url) {
            REQUIRE(Headway{url, migrations().path()}({"upgrade"}).code == 0);
          },
          [](const std::string& url, const Exit& exit) {
            CHECK(value(url, kEffects) == "1,R");
            CHECK(value(url, kChain) == "1(applied),base(applied)");
            CHECK(count(exit.out, "\"version\":\"2\"") == 1);
            CHECK(count(exit.out, "\"version\":\"3\"") == 1);
          });
      if (!lost) break;
      ++commits;
    }
    CHECK(commits >= 2);
  }
}

namespace {

/// The connection is lost while the second migration commits, and there is no way back to the
/// server before `reopened` is called.
struct Outage {
  explicit Outage(const MigrationsDir& dir, std::vector<std::string> args)
      : proxy(TempCluster::shared()),
        gate(direct),
        process(Headway{proxy.through(direct), dir.path()}.command(std::move(args))) {
    static_cast<void>(gate.waiting_backend());
    proxy.arm({.from = From::Server, .bytes = "COMMIT"});
    proxy.refuse(true);
    gate.open();
    proxy.await_fired();
  }

  std::string direct = TempCluster::shared().create_database();
  TcpProxy proxy;
  Gate gate;
  Process process;
};

const MigrationsDir& gated() {
  static const MigrationsDir dir{{"1_a.sql", "create table a ();"},
                                 {"2_b.sql", std::string("create table b ();\n") + Gate::kPass},
                                 {"3_c.sql", "create table c ();"}};
  return dir;
}

}  // namespace

TEST_CASE("in doubt at COMMIT, and the server away for a while: the history decides") {
  Outage outage(gated(), {"upgrade", Gate::kPatience});
  outage.process.wait_for_output("connect");
  outage.proxy.refuse(false);
  const Exit exit = outage.process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(outage.direct, kChain) == "1(applied),2(applied),3(applied),base(applied)");
}

TEST_CASE(
    "in doubt at COMMIT, and nobody to ask within the budget: unknown, naming the migration") {
  Outage outage(gated(), {"upgrade", "--connect-timeout=1s", Gate::kPatience});
  const Exit exit = outage.process.wait();
  INFO(exit.text());
  CHECK(exit.code == 10);
  CHECK(exit.err.find("unknown: migration 2") != std::string::npos);
  CHECK(exit.err.find("outcome-unknown") != std::string::npos);
  // It did happen, and the next run finds it done.
  outage.proxy.refuse(false);
  const Exit next = Headway{outage.direct, gated().path()}({"upgrade"});
  INFO(next.text());
  CHECK(next.code == 0);
  CHECK(next.out.find("applied 2") == std::string::npos);
  // 3 was on its way behind it, and may have happened as well.
  CHECK(value(outage.direct, kChain) == "1(applied),2(applied),3(applied),base(applied)");
}

TEST_CASE("in doubt at COMMIT while the old backend still works on it: its lock is waited for") {
  // COMMIT itself stands at the gate, in a trigger that was put off until then.
  const MigrationsDir dir{
      {"1_gate.sql",
       "create table a (x int);\n"
       "create function at_commit() returns trigger language plpgsql as $$\n"
       "begin perform pg_catalog.pg_advisory_xact_lock_shared(4711); return null; end $$;\n"
       "create constraint trigger at_commit after insert on a deferrable initially deferred\n"
       "for each row execute function at_commit();"},
      {"2_commit.sql", "insert into a values (2);"},
      {"3_c.sql", "create table c ();"}};
  const std::string direct = TempCluster::shared().create_database();
  TcpProxy proxy(TempCluster::shared());
  Gate gate(direct);
  Process process(Headway{proxy.through(direct), dir.path()}.command({"upgrade", Gate::kPatience}));
  const std::string old_backend = gate.waiting_backend();
  proxy.cut_clients();
  // To read the history now would mislead: nothing is committed yet.
  process.wait_for_output("held by headway pod-1 (pid " + old_backend);
  gate.open();
  await("the old backend has committed",
        [&] { return value(direct, "select count(*) from a") == "1"; });
  CHECK(process.running());  // the old backend is still there
  proxy.release();
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(direct, kChain) == "1(applied),2(applied),3(applied),base(applied)");
  CHECK(value(direct, "select count(*) from a") == "1");
  CHECK(count(exit.out, "applied 2 commit") == 1);
}
