#include <fstream>
#include <thread>

#include "integration/postgres_fixture.hpp"
#include "support/pgbouncer.hpp"
#include "support/silent_server.hpp"

using namespace headway;
using namespace headway::testing;
using engine::Connection;

namespace {

std::string show(const std::string& url, int pid, const std::string& what) {
  return value(url, "select " + what + " from pg_stat_activity where pid = " + std::to_string(pid));
}

/// What the session itself says, taken out through a table.
std::string ask(Connection& connection, const std::string& url, const std::string& expression) {
  run(connection, "drop table if exists public.answer; create table public.answer as select (" +
                      expression + ")::text as a");
  return value(url, "select a from public.answer");
}

/// Asked together with a message that comes next.
bool keeps_lock(engine::Connection& connection) {
  try {
    connection.require_lock();
    connection.begin("");
    connection.commit();
    return true;
  } catch (const Error& error) {
    CHECK(error.id() == ErrorId::ConnectionLost);
    connection.rollback();
    return false;
  }
}

}  // namespace

TEST_CASE("a connection knows its server") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  const auto& server = connection->server();
  CHECK(server.version_number >= 140000);
  CHECK(server.version.find('(') == std::string::npos);
  CHECK(server.version.substr(0, 2) == std::to_string(server.version_number / 10000));
  CHECK(server.database == value(url, "select current_database()"));
  CHECK(server.user == "postgres");
  CHECK_FALSE(server.in_recovery);
  CHECK(server.pooler.empty());
  CHECK(show(url, server.backend_pid, "application_name") == "headway test");
}

TEST_CASE("a connection knows the server's deadlock_timeout, whatever its unit") {
  const auto url = TempCluster::shared().create_database();
  const std::string database = value(url, "select current_database()");
  for (const auto& example :
       {std::pair{"30ms", Milliseconds{30}}, std::pair{"1s", Milliseconds{1000}},
        std::pair{"1500ms", Milliseconds{1500}}, std::pair{"2min", Milliseconds{120'000}},
        std::pair{"3h", Milliseconds{10'800'000}}}) {
    const std::string text = example.first;
    CAPTURE(text);
    exec(url, "alter database " + database + " set deadlock_timeout = '" + text + "'");
    const auto connection = connect(url);
    CHECK(connection->server().deadlock_timeout == example.second);
  }
}

TEST_CASE("a host name of /etc/hosts is resolved, over TCP with a password") {
  TempCluster cluster({.tcp = true, .password = "s3cret/@:"});
  auto settings = settings_for(cluster.tcp_url());
  settings.parameters = [&cluster] {
    auto parameters = postgres::parse_database_url(cluster.tcp_url(), "a test");
    for (auto& [keyword, text] : parameters.keywords) {
      if (keyword == "host" || keyword == "hostaddr") text = "localhost";
    }
    return parameters;
  };
  const auto connector = postgres::make_connector(settings);
  const auto connection = connector->connect({}, std::chrono::seconds{10});
  CHECK(connection->server().user == "postgres");
  CHECK(connector->description().find("s3cret") == std::string::npos);
}

TEST_CASE("the next address is tried when one refuses") {
  TempCluster cluster({.tcp = true});
  auto settings = settings_for(cluster.tcp_url());
  settings.parameters = [&cluster] {
    postgres::ConnectionParameters parameters;
    parameters.keywords = {{"host", "127.0.0.1,no-such-host.invalid,127.0.0.1"},
                           {"port", "1,1," + std::to_string(cluster.port())},
                           {"user", "postgres"},
                           {"dbname", "postgres"}};
    return parameters;
  };
  CHECK(connect(settings)->server().database == "postgres");
}

TEST_CASE("the session has our settings, the user's and the search path") {
  const auto url = TempCluster::shared().create_database();
  exec(url, "create schema \"Odd Name\"");
  auto settings = settings_for(url);
  settings.lock_timeout = Milliseconds(2000);
  settings.statement_timeout = std::nullopt;
  settings.set = {{"work_mem", "5MB"}, {"my.setting", "it's"}};
  settings.search_path = {"Odd Name", "public"};
  exec(url, "alter database " + value(url, "select quote_ident(current_database())") +
                " set statement_timeout = '7s'");
  const auto connection = connect(settings);
  const auto check = [&] {
    CHECK(ask(*connection, url, "current_setting('lock_timeout')") == "2s");
    CHECK(ask(*connection, url, "current_setting('statement_timeout')") == "0");
    CHECK(ask(*connection, url, "current_setting('work_mem')") == "5MB");
    CHECK(ask(*connection, url, "current_setting('my.setting')") == "it's");
    CHECK(ask(*connection, url, "current_setting('row_security')") == "off");
    CHECK(ask(*connection, url, "current_setting('client_encoding')") == "UTF8");
    CHECK(ask(*connection, url, "current_setting('client_connection_check_interval')") == "1s");
    CHECK(ask(*connection, url, "current_setting('search_path')") == "\"Odd Name\", public");
  };
  check();
  connection->reset_session();
  check();
}

TEST_CASE("a reset forgets what a migration left behind and keeps the lock") {
  const auto url = TempCluster::shared().create_database();
  const auto role = unique_name("r");
  exec(url, "create schema elsewhere; create role " + role);
  const auto connection = connect(url);
  REQUIRE(connection->try_lock().acquired);
  run(*connection,
      "set search_path = elsewhere; set work_mem = '77MB'; set session authorization " + role +
          "; reset session authorization; set role " + role +
          "; prepare p as select 1; listen l; "
          "select set_config('lock_timeout', '9s', false); reset role; create temp table t ();"
          "set role " +
          role);
  connection->begin("");
  connection->reset_session();
  CHECK(keeps_lock(*connection));
  CHECK(ask(*connection, url, "current_user") == "postgres");
  CHECK(ask(*connection, url, "current_setting('search_path')") == "\"$user\", public");
  CHECK(ask(*connection, url, "current_setting('work_mem')") != "77MB");
  CHECK(ask(*connection, url, "current_setting('lock_timeout')") == "0");
  CHECK(ask(*connection, url, "(select count(*) from pg_prepared_statements where from_sql)") ==
        "0");
  CHECK(ask(*connection, url, "to_regclass('pg_temp.t') is null") == "true");
}

TEST_CASE("a reset inside a transaction forgets what was set and keeps the transaction") {
  const auto url = TempCluster::shared().create_database();
  exec(url, "create schema elsewhere");
  const auto connection = connect(url);
  connection->ensure_tables();
  connection->begin("");
  connection->insert_row(new_row("1", "base"));
  run(*connection,
      "set search_path = elsewhere; set local lock_timeout = '9s'; prepare p as select 1; "
      "create temp table t (); create table first ()");
  connection->restore_identity();
  connection->close_row(migration::Version("1"));
  connection->reset_transaction();
  connection->insert_row(new_row("2", "1"));
  run(*connection,
      "create table second as select current_setting('lock_timeout') as lock_timeout, "
      "(select count(*) from pg_prepared_statements where from_sql) as prepared, "
      "to_regclass('pg_temp.t') as temporary");
  connection->restore_identity();
  connection->close_row(migration::Version("2"));
  connection->commit();
  CHECK(value(url, "select to_regclass('elsewhere.first') is not null") == "t");
  CHECK(value(url, "select lock_timeout || prepared from public.second") == "00");
  CHECK(value(url, "select temporary is null from public.second") == "t");
  CHECK(chain(connection->read_history().history) == "base<1 1<2");
}

TEST_CASE("a history that was read ahead is not taken for what is there under the lock") {
  const auto url = TempCluster::shared().create_database();
  connect(url)->ensure_tables();
  auto settings = settings_for(url);
  settings.history_ahead = true;
  const auto first = connect(settings);
  const auto second = connect(settings);
  fill(*connect(url), 2);
  CHECK(first->read_history().history.rows().empty());
  CHECK(first->read_history().history.rows().size() == 2);
  REQUIRE(second->try_lock().acquired);
  CHECK(second->read_history().history.rows().size() == 2);
}

TEST_CASE("a connection that nobody wants any more is not waited for") {
  const SilentServer server;
  auto settings = settings_for(server.url());
  const auto connector = postgres::make_connector(settings);
  std::stop_source stop;
  const std::jthread stopper([&] {
    server.await_client();
    stop.request_stop();
  });
  const auto info = failure_of(
      [&] { static_cast<void>(connector->connect(stop.get_token(), std::chrono::seconds{10})); });
  CHECK(info.id == ErrorId::Interrupted);
}

TEST_CASE("what is cancelled while statements travel together is an interruption") {
  const auto url = TempCluster::shared().create_database();
  const auto holder = connect(url);
  holder->ensure_tables();
  holder->begin("");
  holder->insert_row(new_row("1", "base"));
  run(*holder, "select 1");
  const auto waiter = connect(url);
  const std::jthread canceller([&] {
    await("the waiter waits for the row", [&] {
      return value(url,
                   "select count(*) from pg_locks where not granted and "
                   "locktype = 'transactionid'") == "1";
    });
    waiter->cancel();
  });
  waiter->begin("");
  waiter->insert_row(new_row("1", "base"));
  CHECK(failure_of([&] { run(*waiter, "select 1"); }).id == ErrorId::Interrupted);
}

TEST_CASE("what a migration deallocates is prepared anew") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  connection->ensure_tables();
  const auto apply = [&](const std::string& version, const std::string& previous,
                         const std::string& sql) {
    connection->begin("");
    connection->insert_row(new_row(version, previous));
    run(*connection, sql);
    connection->restore_identity();
    connection->close_row(migration::Version(version));
    connection->commit();
    connection->reset_session();
  };
  apply("1", "base", "create table one ()");
  const auto info =
      failure_of([&] { apply("2", "1", "do $$ begin execute 'deallocate all'; end $$"); });
  CHECK(info.id == ErrorId::StalePlan);  // the runner plans again
  connection->rollback();
  apply("2", "1", "do $$ begin execute 'deallocate all'; end $$");
  apply("3", "2", "create table three ()");
  CHECK(chain(connection->read_history().history) == "base<1 1<2 2<3");
}

TEST_CASE("the role of --role is taken, kept over resets and restored inside a transaction") {
  const auto url = TempCluster::shared().create_database();
  const auto owner = unique_name("Owner Role ");
  const auto other = unique_name("r");
  exec(url, "create role \"" + owner + "\"; grant create on schema public to \"" + owner +
                "\"; create role " + other);
  auto settings = settings_for(url);
  settings.role = owner;
  const auto connection = connect(settings);
  const auto role = [&] {
    run(*connection, "drop table if exists w; create table w as select current_user::text as a");
    return value(url, "select a from w");
  };
  CHECK(role() == owner);
  connection->reset_session();
  CHECK(role() == owner);
  connection->begin("");
  run(*connection, "reset role; set client_encoding = 'LATIN1'; set role " + other);
  connection->restore_identity();
  run(*connection, "create table of_whom ()");
  connection->commit();
  CHECK(value(url, "select tableowner from pg_tables where tablename = 'of_whom'") == owner);
  CHECK(role() == owner);
}

TEST_CASE("a setting, role or value that is not there is the configuration's fault") {
  const auto url = TempCluster::shared().create_database();
  auto settings = settings_for(url);
  settings.set = {{"no_such_setting", "1"}};
  auto info = failure_of([&] { connect(settings); });
  CHECK(info.id == ErrorId::BadConfiguration);
  CHECK(info.message.find("no_such_setting") != std::string::npos);
  settings.set.clear();
  settings.role = "no_such_role_at_all";
  info = failure_of([&] { connect(settings); });
  CHECK(info.id == ErrorId::BadConfiguration);
  CHECK(info.message.find("no_such_role_at_all") != std::string::npos);
}

TEST_CASE("the lock is one per history, and the waiter sees its holder") {
  const auto url = TempCluster::shared().create_database();
  const auto holder = connect(url);
  const auto waiter = connect(url);
  REQUIRE(holder->try_lock().acquired);
  CHECK(holder->try_lock().acquired);
  CHECK(keeps_lock(*holder));
  const auto attempt = waiter->try_lock();
  CHECK_FALSE(attempt.acquired);
  CHECK_FALSE(keeps_lock(*waiter));
  REQUIRE(attempt.holder);
  CHECK(attempt.holder->pid == holder->server().backend_pid);
  CHECK(attempt.holder->application_name == "headway test");
  CHECK(attempt.holder->client == "local");
  CHECK(attempt.holder->since);
  auto other = settings_for(url);
  other.history_schema = "other";
  CHECK(connect(other)->try_lock().acquired);
  holder->unlock();
  CHECK_FALSE(keeps_lock(*holder));
  CHECK(waiter->try_lock().acquired);
}

TEST_CASE("who could not have the lock hears of its release, connected and idle") {
  const auto url = TempCluster::shared().create_database();
  const auto holder = connect(url);
  const auto waiter = connect(url);
  constexpr Milliseconds kLong{60'000};
  REQUIRE(holder->try_lock().acquired);
  REQUIRE_FALSE(waiter->try_lock().acquired);
  CHECK_FALSE(waiter->await_release(Milliseconds{1}, {}));
  // Nothing is open meanwhile that an index build would wait for.
  CHECK(value(url,
              "select state || coalesce(backend_xmin::text, '') from pg_stat_activity"
              " where pid = " +
                  std::to_string(waiter->server().backend_pid)) == "idle");
  const auto began = std::chrono::steady_clock::now();
  std::thread releaser([&] { holder->unlock(); });
  CHECK(waiter->await_release(kLong, {}));
  releaser.join();
  CHECK(std::chrono::steady_clock::now() - began < kLong);
  CHECK(waiter->try_lock().acquired);
}

TEST_CASE("the wait for the release ends with a request to stop, or with the connection") {
  const auto url = TempCluster::shared().create_database();
  const auto holder = connect(url);
  const auto waiter = connect(url);
  constexpr Milliseconds kLong{60'000};
  REQUIRE(holder->try_lock().acquired);
  REQUIRE_FALSE(waiter->try_lock().acquired);
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  CHECK_FALSE(waiter->await_release(kLong, stop.get_token()));
  stopper.join();
  exec(url,
       "select pg_terminate_backend(" + std::to_string(waiter->server().backend_pid) + ", 60000)");
  CHECK_FALSE(waiter->await_release(kLong, {}));
}

TEST_CASE("nobody waits connected where slots are scarce") {
  ClusterOptions options;
  options.settings = {{"max_connections", "12"}};
  TempCluster cluster(options);
  const auto url = cluster.create_database();
  const auto holder = connect(url);
  const auto waiter = connect(url);
  REQUIRE(holder->try_lock().acquired);
  std::vector<std::unique_ptr<headway::engine::Connection>> application;
  for (int i = 0; i < 6; ++i) application.push_back(connect(url));
  const auto attempt = waiter->try_lock();
  REQUIRE(attempt.holder);
  CHECK(attempt.holder->slots_are_scarce);
  CHECK_FALSE(waiter->await_release(Milliseconds{60'000}, {}));
}

TEST_CASE("the lock goes with its connection, even out of a failed transaction") {
  const auto url = TempCluster::shared().create_database();
  auto holder = connect(url);
  REQUIRE(holder->try_lock().acquired);
  holder->begin("");
  CHECK_THROWS_AS(run(*holder, "select 1/0"), Error);
  holder->unlock();
  CHECK(connect(url)->try_lock().acquired);
  auto second = connect(url);
  REQUIRE(second->try_lock().acquired);
  second.reset();
  CHECK(connect(url)->try_lock().acquired);
}

TEST_CASE("the lock's keys are those of the format") {
  const auto key = postgres::lock_key("headway", "history");
  CHECK(key.space == 0x48445759);
  // The first four bytes of sha256("headway.history"), big endian, as a signed number.
  CHECK(std::to_string(key.object) ==
        value(TempCluster::shared().url(),
              "select ('x' || encode(substr(sha256('headway.history'), 1, 4), 'hex'))::bit(32)"
              "::int"));
  CHECK(postgres::lock_key("a", "b") != key);
}

TEST_CASE("a standby is refused where something is to be written") {
  TempCluster cluster(
      {.settings = {{"wal_level", "replica"}, {"max_wal_senders", "10"}}, .start = false});
  { const std::ofstream signal(cluster.data_directory() / "standby.signal"); }
  cluster.start();
  await("the standby accepts connections", [&] { return can_connect(cluster.url()); });
  auto settings = settings_for(cluster.url());
  CHECK(failure_of([&] { connect(settings); }).id == ErrorId::ReadOnly);
  settings.read_only = true;
  const auto connection = connect(settings);
  CHECK(connection->server().in_recovery);
  CHECK_FALSE(connection->read_history().exists);
}

TEST_CASE("modes of a file win over our own at BEGIN") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  connection->begin("");
  run(*connection, "create table iso as select current_setting('transaction_isolation') as i");
  connection->commit();
  connection->begin("ISOLATION LEVEL SERIALIZABLE");
  run(*connection, "insert into iso select current_setting('transaction_isolation')");
  connection->commit();
  CHECK(rows(url, "select i from iso order by i") == Rows{{"read committed"}, {"serializable"}});
  connection->begin("ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  const auto info = failure_of([&] { run(*connection, "create table no ()"); });
  CHECK(info.sqlstate == "25006");
  CHECK(info.id == ErrorId::MigrationFailed);
  connection->rollback();
}

TEST_CASE("default_transaction_read_only does not stop a migration") {
  const auto url = TempCluster::shared().create_database();
  exec(url, "alter database " + value(url, "select quote_ident(current_database())") +
                " set default_transaction_read_only = on");
  const auto connection = connect(url);
  connection->ensure_tables();
  connection->begin("");
  run(*connection, "create table t ()");
  connection->commit();
  CHECK(value(url, "select to_regclass('t')") == "t");
}

TEST_CASE("cancel() ends a running statement as interrupted") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  const auto pid = connection->server().backend_pid;
  std::thread canceller([&] {
    await("the statement runs",
          [&] { return show(url, pid, "state || query") == "activeselect pg_sleep(100)"; });
    connection->cancel();
  });
  const auto info = failure_of([&] { run(*connection, "select pg_sleep(100)"); });
  canceller.join();
  CHECK(info.id == ErrorId::Interrupted);
  CHECK(info.sqlstate == "57014");
  connection->rollback();
  CHECK(connection->read_history().exists == false);
}

TEST_CASE("a statement_timeout is not an interruption") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  connection->begin("");
  connection->set_timeouts(std::nullopt, Milliseconds(20));
  const auto info = failure_of([&] { run(*connection, "select pg_sleep(100)"); });
  CHECK(info.id == ErrorId::MigrationFailed);
  CHECK(info.metric_class() == "statement_timeout");
  connection->rollback();
  // SET LOCAL went with the transaction.
  run(*connection, "select pg_sleep(0.05)");
}

TEST_CASE("a lock_timeout says so") {
  const auto url = TempCluster::shared().create_database();
  SqlSession other(url);
  other.exec("create table busy ()");
  other.exec("begin; lock table busy");
  const auto connection = connect(url);
  connection->begin("");
  connection->set_timeouts(Milliseconds(20), std::nullopt);
  const auto info = failure_of([&] { run(*connection, "lock table busy"); });
  CHECK(info.id == ErrorId::LockTimeout);
  CHECK(info.sqlstate == "55P03");
}

TEST_CASE("a terminated backend fails every call for good") {
  const Prepared prepared;
  const auto& url = prepared.url;
  const auto& connection = prepared.connection;
  REQUIRE(connection->try_lock().acquired);
  const auto terminate = [&url](const Connection& c) {
    exec(url, "select pg_terminate_backend(" + std::to_string(c.server().backend_pid) + ", 10000)");
  };
  SUBCASE("while a statement runs") {
    connection->begin("");
    std::thread killer([&] {
      await("the statement runs",
            [&] { return show(url, connection->server().backend_pid, "state") == "active"; });
      terminate(*connection);
    });
    const auto info = failure_of([&] { run(*connection, "\n  select pg_sleep(100)"); });
    killer.join();
    CHECK(info.id == ErrorId::ConnectionLost);
    CHECK(info.sqlstate == "57P01");
    CHECK(info.where.text() == "m.sql:2:3");
  }
  SUBCASE("between statements") { terminate(*connection); }
  CHECK(failure_of([&] { run(*connection, "select 1"); }).id == ErrorId::ConnectionLost);
  CHECK(failure_of([&] { connection->read_history(); }).id == ErrorId::ConnectionLost);
  CHECK(failure_of([&] {
          connection->begin("");
          run(*connection, "select 1");
        }).id == ErrorId::ConnectionLost);
  CHECK(failure_of([&] { connection->rollback(); }).id == ErrorId::ConnectionLost);
  CHECK(failure_of([&] { connection->insert_row(new_row("1", "base")); }).id ==
        ErrorId::ConnectionLost);
  connection->unlock();
  CHECK(connect(url)->try_lock().acquired);
}

TEST_CASE("a connection lost at COMMIT is in doubt") {
  const auto url = TempCluster::shared().create_database();
  exec(url,
       "create table parent (id int primary key); create function slow() returns trigger language "
       "plpgsql as 'begin perform pg_sleep(100); return null; end'; create constraint trigger slow "
       "after insert on parent deferrable initially deferred for each row execute function slow()");
  const auto connection = connect(url);
  const auto pid = connection->server().backend_pid;
  connection->begin("");
  run(*connection, "insert into parent values (1)");
  std::thread killer([&] {
    await("it commits", [&] { return show(url, pid, "state || query") == "activeCOMMIT"; });
    exec(url, "select pg_terminate_backend(" + std::to_string(pid) + ")");
  });
  const auto info = failure_of([&] { connection->commit(); });
  killer.join();
  CHECK(info.id == ErrorId::OutcomeUnknown);
}

TEST_CASE("COMMIT counts only if the server says COMMIT") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  connection->begin("");
  CHECK_THROWS_AS(run(*connection, "select 1/0"), Error);
  const auto info = failure_of([&] { connection->commit(); });
  CHECK(info.id == ErrorId::MigrationFailed);
  CHECK(info.message.find("ROLLBACK") != std::string::npos);
}

TEST_CASE("a deferred constraint that fails at COMMIT is the migration's error") {
  const auto url = TempCluster::shared().create_database();
  exec(url, "create table d (a int primary key, b int references d deferrable initially deferred)");
  const auto connection = connect(url);
  connection->begin("");
  run(*connection, "insert into d values (1, 2)");
  const auto info = failure_of([&] { connection->commit(); });
  CHECK(info.id == ErrorId::MigrationFailed);
  CHECK(info.sqlstate == "23503");
  connection->rollback();
  CHECK(value(url, "select count(*) from d") == "0");
}

TEST_CASE("rows in any number are dropped, and several results are read to the end") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  run(*connection, "select repeat('x', 100), g from generate_series(1, 200000) g");
  connection->run({"select 1; select 2", {}, std::nullopt, {}}, "m.sql");
  run(*connection, "create table after ()");
  CHECK(value(url, "select to_regclass('after')") == "after");
}

TEST_CASE("COPY runs in both directions") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  std::string script = "create table c (a int, b text);\ncopy c from stdin;\n";
  for (int i = 0; i < 30000; ++i) script += std::to_string(i) + "\tüöä\n";
  script += "\\.\ncopy c to stdout;\ncopy (select 1) to stdout;\ncreate table done ();\n";
  connection->begin("");
  run(*connection, script);
  connection->commit();
  CHECK(value(url, "select count(*) || max(b) from c") == "30000üöä");
  const auto info = failure_of([&] {
    connection->run({"copy c from stdin", {}, std::nullopt, {}}, "m.sql");
  });
  CHECK(info.id == ErrorId::MigrationFailed);
  CHECK(info.sqlstate == "57014");
}

TEST_CASE("a statement that ends the migration's transaction is noticed") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  connection->begin("");
  const auto info = failure_of([&] { run(*connection, "commit"); });
  CHECK(info.id == ErrorId::MigrationFailed);
  CHECK(info.message.find("ended the migration's transaction") != std::string::npos);
}

TEST_CASE("session_replication_role other than origin is refused before anything is written") {
  const auto url = TempCluster::shared().create_database();
  auto settings = settings_for(url);
  settings.set = {{"session_replication_role", "replica"}};
  const auto connection = connect(settings);
  CHECK(failure_of([&] { connection->try_lock(); }).id == ErrorId::ReplicationRole);
  CHECK(failure_of([&] { connection->ensure_tables(); }).id == ErrorId::ReplicationRole);
  CHECK(failure_of([&] { connection->begin(""); }).id == ErrorId::ReplicationRole);
}

TEST_CASE("row security raises instead of hiding rows") {
  const auto role = unique_name("r");
  const auto url = TempCluster::shared().create_database();
  exec(url,
       "create role " + role + "; grant create on schema public to " + role + "; set role " + role +
           "; create table secret (a int); insert into secret "
           "values (1); alter table secret enable row level security; alter table secret force row "
           "level security");
  auto settings = settings_for(url);
  settings.role = role;
  const auto connection = connect(settings);
  connection->begin("");
  const auto info = failure_of([&] { run(*connection, "update secret set a = 2"); });
  CHECK(info.sqlstate == "42501");
}

TEST_CASE("behind PgBouncer changes want --pooler, and reads do not") {
  if (!Pgbouncer::available()) return;
  TempCluster cluster;
  const auto direct = cluster.create_database();
  {
    const auto connection = connect(direct);
    connection->ensure_tables();
    fill(*connection, 2);
  }
  const auto with = [](const std::string& url, postgres::PoolerMode mode) {
    auto settings = settings_for(url);
    settings.pooler = mode;
    return connect(settings);
  };
  using postgres::PoolerMode;
  for (const auto mode : {PoolMode::Session, PoolMode::Transaction, PoolMode::Statement}) {
    CAPTURE(static_cast<int>(mode));
    const Pgbouncer pooler(cluster, mode);
    const auto url = pooler.through(direct);
    for (const auto choice : {PoolerMode::Refuse, PoolerMode::Session, PoolerMode::Transaction}) {
      if (choice == PoolerMode::Session && mode != PoolMode::Session) continue;
      const auto connection = with(url, choice);
      CHECK_FALSE(connection->server().pooler.empty());
      CHECK(chain(connection->read_history().history) == "base<1 1<2");
      CHECK(chain(connection->read_history().history) == "base<1 1<2");
      CHECK_FALSE(connection->last_failure());
    }
    const auto refused = with(url, PoolerMode::Refuse);
    CHECK(failure_of([&] { refused->try_lock(); }).id == ErrorId::Pooler);
    CHECK(failure_of([&] { refused->ensure_tables(); }).id == ErrorId::Pooler);
  }
}

TEST_CASE("--pooler=session holds the lock and resets behind PgBouncer's session mode") {
  if (!Pgbouncer::available()) return;
  TempCluster cluster;
  const auto direct = cluster.create_database();
  const Pgbouncer pooler(cluster, PoolMode::Session);
  auto settings = settings_for(pooler.through(direct));
  settings.pooler = postgres::PoolerMode::Session;
  const auto connection = connect(settings);
  REQUIRE(connection->try_lock().acquired);
  CHECK_FALSE(connect(direct)->try_lock().acquired);
  connection->ensure_tables();
  connection->reset_session();
  CHECK(keeps_lock(*connection));
  fill(*connection, 3);
  CHECK(chain(connection->read_history().history) == "base<1 1<2 2<3");
}

TEST_CASE("--pooler=transaction sets everything per transaction and leaves nothing behind") {
  if (!Pgbouncer::available()) return;
  TempCluster cluster;
  const auto direct = cluster.create_database();
  const Pgbouncer pooler(cluster, PoolMode::Transaction, {{"default_pool_size", "1"}});
  const auto url = pooler.through(direct);
  auto settings = settings_for(url);
  settings.pooler = postgres::PoolerMode::Transaction;
  settings.set = {{"work_mem", "9MB"}};
  settings.search_path = {"elsewhere"};
  exec(direct, "create schema elsewhere");
  const auto connection = connect(settings);
  CHECK(connection->try_lock().acquired);
  CHECK(keeps_lock(*connection));
  CHECK(value(direct, "select count(*) from pg_locks where locktype = 'advisory'") == "0");
  connection->ensure_tables();
  connection->begin("");
  connection->insert_row(new_row("1", "base"));
  run(*connection, "create table t as select current_setting('work_mem') as m");
  connection->restore_identity();
  connection->close_row(migration::Version("1"));
  connection->commit();
  connection->reset_session();
  CHECK(value(direct, "select m from elsewhere.t") == "9MB");
  CHECK(value(url, "show work_mem") != "9MB");
  CHECK(value(url, "show row_security") == "on");
  CHECK(chain(connection->read_history().history) == "base<1");

  const auto check_runnable = [&](const char* text, migration::Transaction transaction) {
    migration::Script script;
    script.text = text;
    script.path = "m.sql";
    script.transaction = transaction;
    connection->require_runnable(engine::prepare(script));
  };
  using migration::Transaction;
  check_runnable("create table u (); set local work_mem = '1MB'", Transaction::Each);
  check_runnable("", Transaction::None);
  CHECK(failure_of([&] { check_runnable("set work_mem = '1MB'", Transaction::Each); }).id ==
        ErrorId::PoolerNeedsSession);
  CHECK(failure_of([&] { check_runnable("vacuum", Transaction::None); }).id ==
        ErrorId::PoolerNeedsSession);
}

TEST_CASE("--pooler=transaction takes the role of --role in every transaction and no longer") {
  if (!Pgbouncer::available()) return;
  TempCluster cluster;
  const auto direct = cluster.create_database();
  exec(direct,
       "create role owner; create role someone login in role owner noinherit; grant create on "
       "database " +
           value(direct, "select quote_ident(current_database())") +
           " to owner; grant create on schema public to owner");
  const Pgbouncer pooler(cluster, PoolMode::Transaction, {{"default_pool_size", "1"}});
  const auto url = pooler.url(value(direct, "select current_database()"), "someone");
  auto settings = settings_for(url);
  settings.pooler = postgres::PoolerMode::Transaction;
  settings.role = "owner";
  const auto connection = connect(settings);
  connection->ensure_tables();
  CHECK(connection->read_history().complete);
  connection->begin("");
  connection->insert_row(new_row("1", "base"));
  run(*connection, "create table made ()");
  connection->restore_identity();
  connection->close_row(migration::Version("1"));
  connection->commit();
  engine::EventRow event;
  event.event = "applied";
  connection->write_event(event);
  CHECK(value(direct, "select tableowner from pg_tables where tablename = 'made'") == "owner");
  CHECK(value(direct, "select by_role from headway.events") == "someone");
  CHECK(chain(connection->read_history().history) == "base<1");
  CHECK(value(url, "select current_user") == "someone");
}

TEST_CASE("--pooler=transaction is told that statement pooling can't do") {
  if (!Pgbouncer::available()) return;
  TempCluster cluster;
  const auto direct = cluster.create_database();
  connect(direct)->ensure_tables();
  const Pgbouncer pooler(cluster, PoolMode::Statement);
  auto settings = settings_for(pooler.through(direct));
  settings.pooler = postgres::PoolerMode::Transaction;
  const auto connection = connect(settings);
  CHECK(failure_of([&] { connection->begin(""); }).id == ErrorId::Pooler);
}
