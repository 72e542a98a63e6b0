// Batches: ranges of keys in transactions of their own, each done exactly once whatever ends a run.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <string_view>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_standby.hpp"

using namespace headway::testing;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string batch(const std::string& words, const std::string& statement) {
  return "-- headway: " + words + "\n" + statement;
}

const std::string kCount =
    "update t set n = n + 1 where id between :batch_first and :batch_last;\n";

/// Rows with every other key, each with a counter of how often it was touched.
std::string with_rows(int rows) {
  std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table t (id bigint primary key, n int not null default 0, k text); insert into t "
       "select 2 * i, 0, 'k' || i from generate_series(1, " +
           std::to_string(rows) + ") i; analyze t");
  return url;
}

/// How often the rows were touched: "1" if each once.
std::string touched(const std::string& url) {
  return value(url, "select string_agg(distinct n::text, ' ' order by n::text) from t");
}

std::string journal(const std::string& url) {
  return value(url,
               "select coalesce(array_to_string(journal, ' '), '') from headway.history "
               "where version = '1'");
}

/// Ranges that are committed.
int ranges(const std::string& url) {
  return std::stoi(value(url,
                         "select coalesce(max(split_part(j, ':', 3)::int), 0) from "
                         "headway.history, unnest(journal) j where j like 'batch:%'"));
}

void await_ranges(const std::string& url, int count) {
  await("ranges are committed", [&] {
    return value(url, "select to_regclass('headway.history') is not null") == "t" &&
           ranges(url) >= count;
  });
}

Exit refused(const std::string& url, const std::string& text) {
  const MigrationsDir dir{{"1_b.sql", text}};
  Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code != 0);
  return exit;
}

}  // namespace

TEST_CASE("a batch takes every row of its table once, range by range") {
  const std::string url = with_rows(100'000);
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=1000", kCount)}};
  const Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "batch_finished"));
  CHECK(has(exit.err, "\"ranges\":100"));
  CHECK(has(exit.err, "\"rows\":100000"));
  CHECK(touched(url) == "1");
  CHECK(value(url, "select count(distinct xmin::text) from t") == "100");
  CHECK(journal(url).size() == 64);
  CHECK(Headway{url, dir.path()}({"check"}).code == 0);
}

TEST_CASE("a batch ends though rows come in behind the last key with each of its ranges") {
  const std::string url = with_rows(1000);
  exec(url,
       "create function grow() returns trigger language plpgsql as $$ begin insert into t select "
       "max(id) + 2 from t; return null; end $$; create trigger grow after update on t for each "
       "statement execute function grow()");
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=300", kCount)}};
  const Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "\"ranges\":4"));
  CHECK(value(url, "select count(*) from t where n = 1") == "1000");
  CHECK(value(url, "select count(*) from t where n = 0 and id > 2000") == "4");
}

TEST_CASE("a plan names its batches") {
  const std::string url = with_rows(1);
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=250 pause=50ms", kCount)}};
  const Headway headway{url, dir.path()};
  CHECK(has(headway({"plan"}).out, "UPDATE (batch of 250 by id)"));
  CHECK(has(headway({"plan", "--output=json"}).out,
            R"("batch":{"table":"t","key":"id","size":250,"pause_seconds":0.05)"));
  CHECK(has(headway({"plan", "--sql"}).out,
            "-- Once for each 250 rows of t by id, from the key :batch_first to the key "
            ":batch_last:\nupdate t"));
}

TEST_CASE("whatever kills a batch, each row is touched once in the end") {
  const std::string url = with_rows(100'000);
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=500", kCount)}};
  const Headway headway{url, dir.path()};
  for (int blow = 1; blow <= 5; ++blow) {
    const int before = blow == 1 ? 0 : ranges(url);
    Process process(headway.command({"upgrade"}));
    await_ranges(url, before + 3 + blow);
    if (blow == 3) {
      const Exit exit = process.stop(SIGTERM);
      INFO(exit.text());
      CHECK(exit.code == 13);
      CHECK(has(exit.err, "ranges of keys of statement 1"));
    } else {
      process.stop(SIGKILL);
    }
    await("its backend is gone", [&] {
      return value(url,
                   "select count(*) from pg_stat_activity where datname = current_database() and "
                   "application_name like 'headway%'") == "0";
    });
    const int done = ranges(url);
    REQUIRE(done < 200);
    CHECK(value(url, "select count(*) from t where n = 1") == std::to_string(done * 500));
    const Exit status = headway({"status"});
    CHECK(has(status.out, "half-applied"));
    CHECK(has(status.out, "up to the key " + std::to_string(done * 1000)));
    CHECK(has(headway({"status", "--output=json"}).out,
              R"("last_key":")" + std::to_string(done * 1000) + '"'));
  }
  const Exit exit = headway({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(touched(url) == "1");
  CHECK(has(exit.err, "\"ranges\":200"));
}

TEST_CASE("a backend that is terminated in a batch is replaced, and the batch goes on") {
  const std::string url = with_rows(20'000);
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=100", kCount)}};
  Process process(Headway{url, dir.path()}.command({"upgrade"}));
  for (const int at : {20, 60, 90}) {
    await_ranges(url, at);
    exec(url,
         "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
         "current_database() and application_name like 'headway%'");
  }
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(touched(url) == "1");
}

TEST_CASE("a batch that was edited half-way is refused, its size and pause may change") {
  const std::string url = with_rows(2'000);
  const MigrationsDir dir{
      {"1_b.sql", batch("batch=t key=id size=100",
                        "update t set n = n + 100 / (1000 - id) where id between :batch_first and "
                        ":batch_last;\n")}};
  const Headway headway{url, dir.path()};
  const Exit failed = headway({"upgrade"});
  INFO(failed.text());
  CHECK(failed.code == 20);
  CHECK(has(failed.err, "22012"));
  CHECK(has(failed.err, "4 ranges of keys of statement 1 with 400 rows"));
  CHECK(ranges(url) == 4);
  const MigrationsDir edited{{"1_b.sql", batch("batch=t key=id size=100", kCount)}};
  const Exit refusal = Headway{url, edited.path()}({"upgrade"});
  INFO(refusal.text());
  CHECK(refusal.code == 21);
  CHECK(has(refusal.err, "statement 1 was edited after 4 ranges"));
  exec(url, "update t set id = id + 1 where id = 1000; update t set n = 0 where id <= 800");
  const MigrationsDir resized{
      {"1_b.sql", batch("batch=t key=id size=7 pause=1ms",
                        "update t set n = n + 100 / (1000 - id) where id between :batch_first and "
                        ":batch_last;\n")}};
  const Exit exit = Headway{url, resized.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from t where id <= 800 and n <> 0") == "0");
}

TEST_CASE("other statements stand around batches, and each batch has its own table and key") {
  const std::string url = with_rows(1'000);
  const MigrationsDir dir{{"1_b.sql",
                           "-- headway: transaction=none\n"
                           "create table archive (k text primary key, at timestamptz not null);\n"
                           "-- headway: batch=t key=id size=300\n"
                           "insert into archive select k, timestamptz '2026-01-01 12:00+02' + id * "
                           "interval '1 s' from t where id >= :batch_first and id <= :batch_last;\n"
                           "alter table archive add unique (at);\n"
                           "set datestyle = 'SQL, DMY';\nset timezone = 'Europe/Berlin';\n"
                           "-- headway: batch=archive key=at size=100\n"
                           "delete from archive where at between :batch_first and :batch_last and "
                           "k <> ':batch_first'; -- :batch_last\n"
                           "-- headway: batch=public.\"t\" key=\"id\" size=400\n"
                           "with gone as (delete from t where id between :batch_first and "
                           ":batch_last returning k) insert into archive select k, now() + k::text"
                           "::interval from (select 1 where false) x (k);\n"}};
  const Exit exit = Headway{url, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from archive") == "0");
  CHECK(value(url, "select count(*) from t") == "0");
}

TEST_CASE("keys of every ordered type are cut into ranges") {
  for (const char* type :
       {"smallint", "int", "numeric(9,2)", "uuid", "text", "varchar(20)", "char(9)", "date",
        "timestamp", "timestamptz", "float8", "interval", "bytea", "inet", "text collate \"C\""}) {
    CAPTURE(type);
    const std::string url = TempCluster::shared().create_database();
    const std::string name(type);
    std::string expression = "i::text::" + name.substr(0, name.find(" collate"));
    if (name == "uuid") expression = "md5(i::text)::uuid";
    if (name == "text") expression = "E'it''s \\\\ ' || i || chr(10)";
    if (name == "date") expression = "date '2026-01-01' + i";
    if (name.starts_with("timestamp"))
      expression = "timestamp '2026-10-25 00:00' + i * interval '0.1 s'";
    if (name == "float8") expression = "i / 7.0";
    if (name == "interval") expression = "i * interval '1 mon 1.5 s'";
    if (name == "inet") expression = "inet '10.0.0.0' + i";
    exec(url, "create table t (id " + name +
                  " primary key, n int not null default 0); insert into t "
                  "select " +
                  expression + ", 0 from generate_series(1, 500) i");
    const MigrationsDir dir{{"1_b.sql",
                             "-- headway: transaction=none\nset datestyle = 'SQL, MDY';\nset "
                             "intervalstyle = 'sql_standard';\nset extra_float_digits = 0;\n" +
                                 batch("batch=t key=id size=23", kCount)}};
    const Exit exit = Headway{url, dir.path()}({"upgrade"});
    INFO(exit.text());
    CHECK(exit.code == 0);
    CHECK(has(exit.err, "\"ranges\":22"));
    CHECK(touched(url) == "1");
  }
}

TEST_CASE("a key whose ranges would not hold each row once is refused with its place") {
  const std::string url = TempCluster::shared().create_database();
  exec(
      url,
      "create table t (id bigint primary key, n int not null, free int, part int not null, expr "
      "int not null, two int not null, late int not null, dup int not null, \"Odd\" int not null "
      "unique); create unique index on t (free); create unique index on t (part) where n > 0; "
      "create unique index on t ((expr + 1)); create unique index on t (two, n); create index on t "
      "(dup); create view v as select * from t; create table p (id int, n int, primary key (id, n))"
      " partition by range (id); create table parent (id int primary key, n int); create table "
      "child () inherits (parent); insert into t values (1, 1, 1, 1, 1, 1, 1, 1, 1)");
  const auto told = [&](const std::string& words) {
    const Exit exit = refused(url, batch(words, kCount));
    CHECK(exit.code == 20);
    CHECK(has(exit.err, "batch-key"));
    CHECK(has(exit.err, "1_b.sql:1:"));
    return exit.err;
  };
  CHECK(has(told("batch=t key=free"), "may be NULL"));
  for (const char* key : {"part", "expr", "two", "dup"}) {
    CAPTURE(key);
    CHECK(has(told(std::string("batch=t key=") + key), "no valid unique B-tree index"));
  }
  CHECK(has(told("batch=t key=Odd"), "has no column Odd"));
  CHECK(has(told("batch=nothing key=id"), "there is no table nothing"));
  CHECK(has(told("batch=v key=id"), "is not a table"));
  CHECK(has(told("batch=p key=id"), "no valid unique B-tree index"));
  CHECK(has(told("batch=parent key=id"), "tables inherit"));
  CHECK(has(refused(url, batch("batch=t key=id",
                               "insert into t select * from t where id between "
                               ":batch_first and :batch_last;"))
                .err,
            "might meet what it has added"));
  CHECK(value(url, "select n from t") == "1");
}

TEST_CASE("an invalid index says nothing, and a partitioned table is taken as a whole") {
  const std::string url = TempCluster::shared().create_database();
  exec(url,
       "create table t (id int not null, n int not null default 0); insert into t values (1), (1)");
  CHECK_THROWS(exec(url, "create unique index concurrently i on t (id)"));
  CHECK(has(refused(url, batch("batch=t key=id", kCount)).err, "no valid unique B-tree index"));
  const std::string parts = TempCluster::shared().create_database();
  exec(parts,
       "create table t (id int primary key, n int not null default 0) partition by hash (id); "
       "create table t0 partition of t for values with (modulus 2, remainder 0); create table t1 "
       "partition of t for values with (modulus 2, remainder 1); insert into t select i from "
       "generate_series(1, 1000) i; analyze t");
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=100", kCount)}};
  const Exit exit = Headway{parts, dir.path()}({"upgrade"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "\"ranges\":10,"));
  CHECK(touched(parts) == "1");
}

TEST_CASE("a batch that is not held to its range is rolled back") {
  const std::string url = with_rows(100);
  const Exit exit =
      refused(url, batch("batch=t key=id size=10",
                         "update t set n = n + 1 where id >= :batch_first or id > :batch_last;"));
  CHECK(exit.code == 20);
  CHECK(has(exit.err, "batch-overrun"));
  CHECK(has(exit.err, "touched 100 rows for a range of keys that holds 10"));
  CHECK(has(exit.err, "1_b.sql:2:1"));
  CHECK(touched(url) == "0");
}

TEST_CASE("the place of an error is the one in the file, whatever was put in") {
  const std::string url = with_rows(100);
  exec(url,
       "alter table t alter k set not null, add unique (k); update t set k = repeat(k || "
       "chr(10), 9)");
  const Exit exit = refused(url, batch("batch=t key=k",
                                       "update t set n = 1 where k between :batch_first and "
                                       ":batch_last\n  and ä is null and nothing is null;"));
  CHECK(exit.code == 20);
  CHECK(has(exit.err, "42703"));
  CHECK(has(exit.err, "1_b.sql:3:7"));
  CHECK(has(exit.err, "between :batch_first and :batch_last"));
  const Exit late = refused(url, batch("batch=t key=k",
                                       "update t set n = 1 where :batch_first < k and :batch_last "
                                       "> k and nothing is null;"));
  CHECK(has(late.err, "1_b.sql:2:67"));
}

TEST_CASE("what a batch can't be is refused before anything runs") {
  const std::string url = with_rows(10);
  struct Case {
    std::string text;
    std::string id;
    std::string told;
  };
  const std::string range = " where id between :batch_first and :batch_last";
  for (const Case& one : {
           Case{batch("batch=t key=id", "update t set n = 1 where id > :batch_first;"), "bad-batch",
                "does not use :batch_last"},
           Case{batch("batch=t key=id", "update t set n = 1 where id > :batch_start;"), "bad-batch",
                "1_b.sql:2:31"},
           Case{batch("batch=t key=id", "select 1" + range + ";"), "bad-batch", "one UPDATE"},
           Case{batch("batch=t key=id", "insert into t values (:batch_first, :batch_last);"),
                "bad-batch", "INSERT .. SELECT"},
           Case{batch("batch=t key=id", "update t set n = 1, \"id\" = id + 1" + range + ";"),
                "bad-batch", "changes id"},
           Case{"update t set n = 1" + range + ";", "bad-batch", "no batch directive"},
           Case{"begin;\n" + batch("batch=t key=id", kCount) + "commit;", "bad-directive",
                "this file is one transaction"},
           Case{"-- headway: transaction=none\nbegin;\n" + batch("batch=t key=id", kCount) +
                    "commit;",
                "bad-batch", "not in the file's"},
           Case{"select 1;\n" + batch("batch=t key=id", kCount), "bad-directive", "1_b.sql:2:"},
           Case{"-- headway: transaction=none\nselect 1;\n" + batch("batch=t key=id", ""),
                "bad-directive", "no statement follows"},
           Case{batch("batch=t", kCount), "bad-directive", "key=..."},
           Case{batch("batch=t key=id size=0", kCount), "bad-directive", "size=0"},
           Case{batch("batch=t key=a.b", kCount), "bad-directive", "one column's name"},
           Case{batch("batch=t key=id after=base", kCount), "bad-directive", "line of a batch"},
           Case{batch("key=id", kCount), "bad-directive", "belongs to a batch"},
           Case{batch("batch=t key=id\n-- headway: batch=t key=n", kCount), "bad-directive",
                "two batch directives"},
           Case{batch("transaction=each\n-- headway: batch=t key=id", kCount), "bad-directive",
                "transaction=each"},
       }) {
    CAPTURE(one.text);
    const MigrationsDir dir{{"1_b.sql", one.text}};
    const Exit exit = Headway{"", dir.path()}({"validate"});
    INFO(exit.text());
    CHECK(exit.code == 2);
    CHECK(has(exit.err, one.id));
    CHECK(has(exit.err, one.told));
    CHECK(has(exit.err, "1_b.sql:"));
  }
  for (const char* name : {"1_b.down.sql", "R__b.sql"}) {
    const MigrationsDir dir{{"1_b.sql", "select 1;"}, {name, batch("batch=t key=id", kCount)}};
    const Exit exit = Headway{"", dir.path()}({"validate"});
    CHECK(exit.code == 2);
    CHECK(has(exit.err, "only an up file has a row in the history"));
  }
  CHECK(touched(url) == "0");
}

TEST_CASE("rows that come into a range meanwhile are no overrun") {
  const std::string url = with_rows(1'000);
  exec(url,
       "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.2); "
       "return null; end'; create trigger s before update on t for each statement execute function "
       "slow()");
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=500", kCount)}};
  Process process(Headway{url, dir.path()}.command({"upgrade"}));
  int odd = 1;
  while (process.running() && odd < 1999) {
    exec(url, "insert into t values (" + std::to_string(odd) + ", 0)");
    odd += 2;
  }
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(url, "select count(*) from t where id % 2 = 0 and n <> 1") == "0");
  CHECK(value(url, "select max(n) from t") == "1");
}

TEST_CASE("a range that waits for a row gives way, and is tried again as a smaller one") {
  const std::string url = with_rows(1'000);
  SqlSession other(url);
  other.exec("begin; update t set k = 'x' where id = 1000");
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=250", kCount)}};
  Process process(Headway{url, dir.path()}.command({"upgrade", "--lock-timeout=100ms"}));
  process.wait_for_output("retrying");
  CHECK(ranges(url) == 1);
  other.exec("commit");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(touched(url) == "1");
}

TEST_CASE("a batch waits for a replica that has stopped replaying, and goes on when it does") {
  TempCluster primary({.settings = {{"wal_level", "replica"}, {"max_wal_senders", "4"}}});
  const std::string url = primary.create_database();
  exec(url,
       "create table t (id int primary key, n int not null default 0); insert into t select i from "
       "generate_series(1, 1000) i; analyze t");
  const TempStandby standby(primary);
  standby.pause_replay();
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=2 pause=5ms", kCount)}};
  Process process(Headway{url, dir.path()}.command({"upgrade", "--max-replica-lag=600ms"}));
  process.wait_for_output("waiting for the replica standby");
  const int stopped_at = ranges(url);
  process.wait_for_output("\"event\":\"progress\"");  // ten seconds later
  CHECK(ranges(url) == stopped_at);
  CHECK(stopped_at < 500);
  CHECK(has(process.err(), "of about 1000, "));
  standby.resume_replay();
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(touched(url) == "1");
}

TEST_CASE("a role that may not see replicas is told so once") {
  TempCluster primary({.settings = {{"wal_level", "replica"}, {"max_wal_senders", "4"}}});
  const std::string url = primary.create_database();
  exec(url,
       "create table t (id int primary key, n int not null default 0); insert into t select i from "
       "generate_series(1, 100) i; create role app login; alter table t owner to app; grant create "
       "on database \"" +
           value(url, "select current_database()") + "\" to app");
  const TempStandby standby(primary);
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=10", kCount)}};
  const Exit exit =
      Headway{with_parameter(url, "user", "app"), dir.path()}({"upgrade", "--max-replica-lag=1s"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(has(exit.err, "this role may not see them"));
  CHECK(touched(url) == "1");
}

TEST_CASE("a batch that others wait for makes its ranges smaller") {
  const std::string url = with_rows(20);
  exec(url,
       "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.25); "
       "return new; end'; create trigger s before update on t for each row when (old.n < 100) "
       "execute function slow()");
  const MigrationsDir dir{{"1_b.sql", batch("batch=t key=id size=10", kCount)}};
  Process process(Headway{url, dir.path()}.command({"upgrade"}));
  await("the first range has locked a row", [&] {
    return value(url,
                 "select count(*) from pg_stat_activity where datname = current_database() and "
                 "application_name like 'headway%' and query like 'update t%' and backend_xid is "
                 "not null") != "0";
  });
  SqlSession other(url);
  other.exec("set session_replication_role = replica");
  other.send("update t set k = 'x' where id = 2");
  process.wait_for_output("the batch holds up");
  other.receive();
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(touched(url) == "1");
  CHECK(has(exit.err, "\"ranges\":3,"));
}
