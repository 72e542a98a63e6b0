// A dry run on the live database: what it shows is what is there, and nothing of it stays.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/headway.hpp"
#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

/// A database with a history, rows, a sequence and a deferred key; compared as a whole, Headway's
/// tables and what its sequences say included.
struct Live {
  Live() : url(TempCluster::shared().create_database()) {
    const MigrationsDir applied({{"0001_users.sql", kUsers}});
    const Exit exit = Headway{.url = url, .migrations = applied.path()}({"upgrade"});
    REQUIRE_MESSAGE(exit.code == 0, exit.text());
    exec(url, "insert into users select g, 'u' from generate_series(1, 1000) as g; analyze users");
    before = state();
  }
  static constexpr const char* kUsers =
      "create table users (id int primary key, name text);\n"
      "create table posts (id serial primary key, author int references users (id) deferrable "
      "initially deferred);\n"
      "insert into users values (0, 'root');\n";

  /// The files after those that are applied.
  [[nodiscard]] static MigrationsDir with(Files files) {
    files.insert(files.begin(), {"0001_users.sql", kUsers});
    return MigrationsDir(files);
  }
  [[nodiscard]] Exit rehearse(const MigrationsDir& dir, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"plan", "--execute", "--on-live-database", "--yes"});
    return Headway{.url = url, .migrations = dir.path()}(std::move(more));
  }
  [[nodiscard]] Process begin(const MigrationsDir& dir, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"plan", "--execute", "--on-live-database", "--yes"});
    return Process(Headway{.url = url, .migrations = dir.path()}.command(std::move(more)));
  }
  void await_running(const std::string& query) const {
    await("the rehearsal runs " + query, [&] {
      return value(url,
                   "select count(*) from pg_stat_activity where datname = current_database() and "
                   "state = 'active' and application_name like 'headway%' and query like '" +
                       query + "%'") == "1";
    });
  }
  void check_unchanged() const {
    await("nobody of Headway's is connected", [&] {
      return value(url,
                   "select count(*) from pg_stat_activity where datname = current_database() and "
                   "application_name like 'headway%'") == "0";
    });
    CHECK(state() == before);
    CHECK(value(url, "select count(*) from pg_prepared_xacts") == "0");
  }
  /// All that is there, and in which files it is.
  [[nodiscard]] std::string state() const {
    return dump_with_data(url, {}) +
           value(url,
                 "select string_agg(format('%s %s %s', oid, relname, relfilenode), e'\\n' order by "
                 "oid) from pg_class where relnamespace <> 'pg_catalog'::regnamespace");
  }

  std::string url;
  std::string before;
};

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a rehearsal tells what the statements do to the live tables, and nothing of it stays") {
  const Live live;
  const MigrationsDir dir = Live::with(
      {{"0002_change.sql",
        "alter table users alter column id type bigint;\n"
        "update users set name = 'x';\n"
        "insert into posts values (0, 0);\n"
        "copy users from stdin;\n2001\tcopied\n\\.\n"
        "alter table users add constraint positive check (id >= 0);\n"
        "create table fresh (id int);\nlock table fresh;\n"},
       {"0003_more.sql",
        "begin;\ninsert into fresh values (1);\ndrop table posts;\nprepare one (int) as select "
        "$1;\n"
        "execute one (1);\ncreate function same (int) returns int language sql return $1;\n"
        "savepoint a;\nrollback to a;\ncommit;\n"},
       {"0004_index.sql",
        "-- headway: transaction=none\ncreate index concurrently users_name on users (name);\n"},
       {"0005_last.sql", "create table last ();\n"},
       {"R__view.sql", "create or replace view names as select name from users;\n"}});
  const Exit text = live.rehearse(dir, {"--max-lock-hold=1m"});
  INFO(text.text());
  CHECK(text.code == 0);
  check_golden("plan-rehearse", text.out);
  check_golden("plan-rehearse-json",
               live.rehearse(dir, {"--max-lock-hold=1m", "--output=json"}).out);
  CHECK(live.rehearse(dir, {"--max-lock-hold=1m", "--exit-code"}).code == 30);
  live.check_unchanged();
  const Exit upgrade = Headway{.url = live.url, .migrations = dir.path()}({"upgrade"});
  INFO(upgrade.text());
  CHECK(upgrade.code == 0);
}

TEST_CASE("a rehearsal leaves nothing in a database that Headway has never seen") {
  const std::string url = TempCluster::shared().create_database();
  const std::string before = dump_with_data(url, {});
  const MigrationsDir dir({{"1_t.sql",
                            "create table t (); select 1 / count(*) from pg_class where "
                            "relname = 'history';"},
                           {"2_u.sql", "create table u ();"},
                           {"R__v.sql", "create view v as select 1 as one;"}});
  const Exit exit = Headway{
      .url = url, .migrations = dir.path()}({"plan", "--execute", "--on-live-database", "--yes"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "CREATE VIEW"));
  CHECK(dump_with_data(url, {}) == before);
}

TEST_CASE("a migration that live rows forbid fails its rehearsal with its place and exit code") {
  const Live live;
  const MigrationsDir dir = Live::with(
      {{"0002_good.sql", "create table good ();\n"},
       {"0003_bad.sql", "select 1;\nalter table users add constraint few check (id < 500);\n"},
       {"0004_behind.sql", "create table behind ();\n"}});
  const Exit text = live.rehearse(dir);
  INFO(text.text());
  CHECK(text.code == 20);
  CHECK(holds(text.err, "0003_bad.sql"));
  CHECK(holds(text.err, "\"line\":2"));
  CHECK(holds(text.out, "it comes after 0003"));
  const Exit json = live.rehearse(dir, {"--output=json"});
  CHECK(json.code == 20);
  CHECK(holds(json.out, R"("sqlstate":"23514")"));
  live.check_unchanged();
}

TEST_CASE("a rehearsal checks what a COMMIT would, after each migration") {
  const Live live;
  const MigrationsDir dir =
      Live::with({{"0002_orphan.sql", "insert into posts values (1, 4711);\n"},
                  {"0003_heals.sql", "delete from posts;\n"}});
  const Exit exit = live.rehearse(dir);
  INFO(exit.text());
  CHECK(exit.code == 20);
  CHECK(holds(exit.err, "23503"));
  CHECK(holds(exit.err, "\"version\":\"0002\""));
  live.check_unchanged();
  // What is deferred stays so within the next migration, and what is not is checked at once.
  const MigrationsDir healed = Live::with({
      {"0002_first.sql",
       "create table at_once (id int unique deferrable initially immediate);\n"
       "insert into at_once values (1), (2);\ninsert into posts values (1, 0);\n"},
      {"0003_second.sql",
       "insert into posts values (2, 4711);\ninsert into users values (4711, 'late');\n"
       "alter table posts drop column author;\n"},
  });
  const Exit pending = live.rehearse(healed);
  INFO(pending.text());
  CHECK(pending.code == 20);  // as in an upgrade: its own triggers are pending
  CHECK(holds(pending.err, "55006"));
  const MigrationsDir split =
      Live::with({{"0002_first.sql",
                   "create table at_once (id int unique deferrable initially immediate);\n"
                   "insert into at_once values (1), (2);\ninsert into posts values (1, 0);\n"},
                  {"0003_second.sql", "alter table posts drop column author;\n"},
                  {"0004_third.sql", "insert into at_once values (1);\nselect 1;\n"}});
  const Exit at_once = live.rehearse(split);
  INFO(at_once.text());
  CHECK(at_once.code == 20);
  CHECK(holds(at_once.err, "0004_third.sql"));
  CHECK(holds(at_once.err, "\"line\":1"));
  live.check_unchanged();
}

TEST_CASE("nothing that a file does can commit a rehearsal") {
  const Live live;
  const auto procedure =
      "create procedure ends() language plpgsql as $$ begin insert into users values (-1, 'c'); "
      "commit; end $$;\n";
  struct Try {
    const char* what;
    std::string text;
    int code;
    const char* told;
  };
  const std::vector<Try> tries = {
      {"COMMIT", "drop table posts;\ncommit;\nselect 1;\n", 2, "transaction-control"},
      {"END", "drop table posts;\nend work;\nselect 1;\n", 2, "transaction-control"},
      {"AND CHAIN", "drop table posts;\ncommit and chain;\n", 2, "transaction-control"},
      {"ROLLBACK", "rollback;\ndrop table posts;\n", 2, "transaction-control"},
      {"two phases", "drop table posts;\nprepare transaction 'gid';\n", 2, "transaction-control"},
      {"two transactions", "begin;drop table posts;commit;begin;select 1;commit;\n", 2,
       "transaction-control"},
      {"a folded one", "begin;\ndrop table posts;\ncommit;\n", 0, "DROP TABLE"},
      {"DO", "do $$ begin insert into users values (-1, 'c'); commit; end $$;\n", 20, "2D000"},
      {"DO by EXECUTE", "drop table posts;\ndo $$ begin execute 'commit'; end $$;\n", 20, "0A000"},
      {"CALL", procedure + std::string("call ends();\n"), 20, "2D000"},
      {"a comment that ends at a carriage return", "drop table posts;\n--x\rcommit;\nselect 1;\n",
       2, "transaction-control"},
      {"dblink", "select dblink_exec('dbname=x', 'drop table posts');\n", 0, "dblink_exec"},
      {"dblink in a body", "do $$ begin perform DBLINK('x', 'y'); end $$;\n", 0, "dblink"},
      {"setval", "drop table posts;\nselect pg_catalog.setval('posts_id_seq', 99);\n", 0, "setval"},
      {"setval in escapes", "select U&\"setva\\006c\"('posts_id_seq', 99);\n", 0, "escapes"},
      {"a program", "copy users to program 'touch /tmp/x';\n", 0, "a program"},
      {"the lock", "select pg_advisory_unlock_all();\n", 0, "pg_advisory_unlock_all"},
      {"VACUUM", "vacuum users;\n", 2, "needs-no-transaction"},
      {"outside", "-- headway: transaction=none\ndrop table posts;\n", 0, "outside a transaction"},
      {"outside, its own", "-- headway: transaction=none\nbegin;\ndrop table posts;\ncommit;\n", 0,
       "outside a transaction"},
      {"batch",
       "-- headway: batch=users key=id\nupdate users set name = 'b' where id between :batch_first "
       "and :batch_last;\n",
       0, "outside a transaction"},
  };
  for (const Try& one : tries) {
    CAPTURE(one.what);
    const MigrationsDir dir = Live::with({{"0002_try.sql", one.text}});
    const Exit exit = live.rehearse(dir);
    INFO(exit.text());
    CHECK(exit.code == one.code);
    CHECK(holds(exit.out + exit.err, one.told));
    live.check_unchanged();
  }
}

TEST_CASE("where nothing can be rehearsed, nothing is said to have run") {
  const Live live;
  const MigrationsDir dir = Live::with(
      {{"0002_index.sql",
        "-- headway: transaction=none\ncreate index concurrently i on users (name);\n"}});
  const Exit exit = live.rehearse(dir);
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "Nothing was run in the database"));
  CHECK_FALSE(holds(exit.out, "rolled back"));
  live.check_unchanged();
}

TEST_CASE("a rehearsal that would wait for a lock ends, and says for whom") {
  const Live live;
  const MigrationsDir dir = Live::with({{"0002_wait.sql", "alter table users add more int;\n"}});
  SqlSession reader(with_parameter(live.url, "application_name", "slow-report"));
  reader.exec("begin; select count(*) from users");
  const Exit exit = live.rehearse(dir, {"--lock-timeout=4s", "--max-lock-hold=1m"});
  INFO(exit.text());
  CHECK(exit.code == 12);
  CHECK(holds(exit.err, "\"lock-timeout\""));
  CHECK(holds(exit.err, "slow-report"));
  reader.exec("rollback");
  live.check_unchanged();
}

TEST_CASE("a rehearsal gives up when it has held locks for too long") {
  const Live live;
  for (const char* const slow :
       {"alter table users add more int;\nselect pg_sleep(600);\n",
        "do $$ begin perform pg_sleep(600); end $$;\n",
        "update users set name = 'x';\nselect pg_sleep(600);\n",
        ("create table if not exists users ();\nalter table users add more int;\n"
         "create table slow as select pg_sleep(600)::text;\n"),
        "alter sequence posts_id_seq increment 2;\nselect pg_sleep(600);\n"}) {
    CAPTURE(slow);
    const MigrationsDir dir = Live::with({{"0002_slow.sql", slow}});
    const Exit exit = live.rehearse(dir, {"--max-lock-hold=300ms"});
    INFO(exit.text());
    CHECK(exit.code == 12);
    CHECK(holds(exit.err, "\"lock-hold\""));
    CHECK(holds(exit.err, "0002_slow.sql"));
    live.check_unchanged();
  }
}

TEST_CASE("what is in nobody's way is not counted as holding locks") {
  const Live live;
  const MigrationsDir dir = Live::with(
      {{"0002_new.sql",
        "create table fresh (id int);\nalter table fresh add more int;\nlock table fresh;\n"
        "copy fresh from stdin;\n1\t2\n\\.\ncreate index fresh_id on fresh (id);\ncomment on table "
        "fresh is 'f';\n"}});
  const Exit exit = live.rehearse(dir, {"--max-lock-hold=1ms"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  live.check_unchanged();
}

TEST_CASE("a rehearsal that is stopped, killed or cut off leaves nothing") {
  const Live live;
  const MigrationsDir dir =
      Live::with({{"0002_slow.sql", "alter table users add more int;\nselect pg_sleep(600);\n"}});
  SUBCASE("a signal") {
    Process process = live.begin(dir, {"--max-lock-hold=10m"});
    live.await_running("select pg_sleep");
    const Exit exit = process.stop();
    INFO(exit.text());
    CHECK(exit.code == 13);
  }
  SUBCASE("kill -9") {
    Process process = live.begin(dir, {"--max-lock-hold=10m"});
    live.await_running("select pg_sleep");
    process.stop(SIGKILL);
  }
  SUBCASE("the process stands still: the server ends the statement, and with it the locks") {
    const MigrationsDir two = Live::with({{"0002_first.sql", "alter table users add more int;\n"},
                                          {"0003_slow.sql", "select pg_sleep(600);\n"}});
    Process process = live.begin(two, {"--max-lock-hold=3s"});
    live.await_running("select pg_sleep");
    process.send_signal(SIGSTOP);
    await("nobody holds a lock on users", [&] {
      return value(live.url,
                   "select count(*) from pg_locks where relation = 'users'::regclass "
                   "and mode = 'AccessExclusiveLock'") == "0";
    });
    process.stop(SIGKILL);
  }
  SUBCASE("the backend is ended: it is not begun again") {
    Process process = live.begin(dir, {"--max-lock-hold=10m"});
    live.await_running("select pg_sleep");
    exec(live.url,
         "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
         "current_database() and application_name like 'headway%'");
    const Exit exit = process.wait();
    INFO(exit.text());
    CHECK(exit.code == 10);
  }
  live.check_unchanged();
}

TEST_CASE("a value of an enum that was just added can't be rehearsed, which is no failure") {
  const Live live;
  const MigrationsDir dir = Live::with({{"0002_mood.sql", "create table other ();\n"},
                                        {"0003_add.sql", "alter type mood add value 'new';\n"},
                                        {"0004_use.sql", "insert into moods values ('new');\n"},
                                        {"0005_behind.sql", "create table behind ();\n"}});
  exec(live.url, "create type mood as enum ('old'); create table moods (m mood)");
  const std::string before = live.state();
  const Exit exit = live.rehearse(dir);
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "55P04"));
  CHECK(holds(exit.out, "it comes after 0004"));
  CHECK(live.state() == before);
  const MigrationsDir wrong = Live::with(
      {{"0002_both.sql", "alter type mood add value 'new';\ninsert into moods values ('new');\n"}});
  const Exit failing = live.rehearse(wrong);
  INFO(failing.text());
  CHECK(failing.code == 20);
  CHECK(live.state() == before);
}

TEST_CASE("a rehearsal holds the migration lock, and does not wait for it") {
  const Live live;
  const MigrationsDir dir = Live::with({{"0002_slow.sql", "select pg_sleep(600);\n"}});
  Process process = live.begin(dir);
  live.await_running("select pg_sleep");
  const Exit second = live.rehearse(dir);
  INFO(second.text());
  CHECK(second.code == 11);
  CHECK(process.stop().code == 13);
  live.check_unchanged();
}

TEST_CASE("an upgrade waits for a rehearsal, and finds nothing of it") {
  const Live live;
  const MigrationsDir slow = Live::with(
      {{"0002_t.sql", "create table t ();\n"}, {"0003_slow.sql", "select pg_sleep(600);\n"}});
  Process rehearsal = live.begin(slow, {"--max-lock-hold=10m"});
  live.await_running("select pg_sleep");
  const MigrationsDir quick = Live::with({{"0002_t.sql", "create table t ();\n"}});
  Process upgrade(Headway{.url = live.url, .migrations = quick.path()}.command({"upgrade"}));
  upgrade.wait_for_output("lock_waiting");
  CHECK(rehearsal.stop().code == 13);
  const Exit exit = upgrade.wait();
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(value(live.url, "select count(*) from headway.history") == "3");
}

TEST_CASE("who waited for a rehearsal is named") {
  const Live live;
  const MigrationsDir dir =
      Live::with({{"0002_slow.sql", "alter table users add more int;\nselect pg_sleep(600);\n"}});
  Process process = live.begin(dir, {"--max-lock-hold=4s"});
  live.await_running("select pg_sleep");
  SqlSession reader(with_parameter(live.url, "application_name", "web-shop"));
  reader.send("select count(*) from users");
  const Exit exit = process.wait();
  INFO(exit.text());
  CHECK(exit.code == 12);
  CHECK(holds(exit.err, "web-shop"));
  CHECK(reader.receive().front().front() == "1001");
  live.check_unchanged();
}

TEST_CASE("a large file is rehearsed as it is read") {
  const Live live;
  std::string data = "copy users from stdin;\n";
  for (int i = 0; i < 90'000; ++i) {
    data += std::to_string(10'000 + i) + "\t" + std::string(100, 'x') + "\n";
  }
  data += "\\.\n";
  REQUIRE(data.size() > 9'000'000);
  const Exit exit = live.rehearse(Live::with({{"0002_large.sql", data}}), {"--max-lock-hold=1m"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "90000"));
  live.check_unchanged();
  const Exit cut =
      live.rehearse(Live::with({{"0002_large.sql", data + "select setval('posts_id_seq', 9);\n"}}));
  CHECK(cut.code == 0);
  CHECK(holds(cut.out, "line 90003 names setval"));
  live.check_unchanged();
}

TEST_CASE("a rehearsal asks for the rights that an upgrade needs") {
  const std::string url = TempCluster::shared().create_database();
  const std::string role = unique_name("role");
  exec(url, "create role " + role + " login");
  const MigrationsDir dir({{"1_t.sql", "create table t ();"}});
  const Exit exit =
      Headway{.url = TempCluster::shared().url(database_of(url), role),
              .migrations = dir.path()}({"plan", "--execute", "--on-live-database", "--yes"});
  INFO(exit.text());
  CHECK(exit.code == 24);
  CHECK(holds(exit.err, "GRANT"));
  exec(url, "drop role " + role);
}

TEST_CASE("a rehearsal wants a history of Headway's own") {
  const std::string url = TempCluster::shared().create_database();
  exec(
      url,
      "create table schema_migrations (version bigint primary key, dirty boolean not null); insert "
      "into schema_migrations values (1, false); create table a ()");
  const MigrationsDir dir{{"1_a.up.sql", "create table a ();"},
                          {"2_b.up.sql", "create table b ();"}};
  const Headway headway{.url = url, .migrations = dir.path()};
  const Exit early = headway({"plan", "--execute", "--on-live-database", "--yes"});
  INFO(early.text());
  CHECK(early.code == 2);
  CHECK(holds(early.err, "headway adopt"));
  CHECK(value(url, "select to_regnamespace('headway') is null") == "t");
  REQUIRE(headway({"adopt"}).code == 0);
  const std::string before = dump_with_data(url, {});
  const Exit exit = headway({"plan", "--execute", "--on-live-database", "--yes"});
  INFO(exit.text());
  CHECK(exit.code == 0);
  CHECK(holds(exit.out, "CREATE TABLE"));
  CHECK(dump_with_data(url, {}) == before);
}

TEST_CASE("a rehearsal is asked for twice in production, and only where it makes sense") {
  const Live live;
  const MigrationsDir dir = Live::with({{"0002_t.sql", "create table t ();\n"}});
  const Headway headway{.url = live.url, .migrations = dir.path()};
  const Exit unconfirmed = headway({"plan", "--execute", "--on-live-database"});
  INFO(unconfirmed.text());
  CHECK(unconfirmed.code == 26);
  CHECK(headway({"plan", "--execute", "--on-live-database", "--environment=test"}).code == 0);
  CHECK(headway({"plan", "--on-live-database", "--yes"}).code == 2);
  CHECK(live.rehearse(dir, {"--scratch-url=" + live.url}).code == 2);
  CHECK(live.rehearse(dir, {"--sql"}).code == 2);
  CHECK(live.rehearse(dir, {"--max-lock-hold=0"}).code == 2);
  CHECK(live.rehearse(dir, {"--targets=/nowhere"}).code == 2);
  CHECK(live.rehearse(dir, {"--pooler=transaction"}).code == 25);
  CHECK(live.rehearse(dir, {"--pooler=session"}).code == 25);
  live.check_unchanged();
}
