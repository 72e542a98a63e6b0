#include "integration/postgres_fixture.hpp"
#include "postgres/copy_text.hpp"

using namespace headway;
using namespace headway::testing;
using postgres::copied_timestamp;

namespace {

/// The settings of an upgrade: connecting looks at the history and at nothing else.
postgres::ConnectorSettings quick(const std::string& url) {
  auto settings = settings_for(url);
  settings.quick_look = true;
  return settings;
}

std::vector<std::string> row_of_line(std::string_view line) {
  std::vector<std::string> columns;
  postgres::CopiedRow row(line);
  while (!row.at_end()) columns.push_back(row.next());
  CHECK(row.next().empty());
  return columns;
}

std::string quoted_database(const std::string& url) {
  return value(url, "select quote_ident(current_database())");
}

/// Whether connecting was content with the quick look: the session was not set up then.
bool was_quick(const std::string& url, const engine::Connection& connection) {
  return value(url, "select query like 'COPY%' from pg_stat_activity where pid = " +
                        std::to_string(connection.server().backend_pid)) == "t";
}

void check_same(const migration::History& quick, const migration::History& thorough) {
  REQUIRE(quick.rows().size() == thorough.rows().size());
  for (std::size_t i = 0; i < quick.rows().size(); ++i) {
    const auto& a = quick.rows()[i];
    const auto& b = thorough.rows()[i];
    CHECK(a.version == b.version);
    CHECK(a.previous == b.previous);
    CHECK(a.name == b.name);
    CHECK(a.checksum == b.checksum);
    CHECK(a.kind == b.kind);
    CHECK(a.state == b.state);
    CHECK(a.attempt == b.attempt);
    CHECK(a.applied_at == b.applied_at);
  }
  REQUIRE(quick.repeatables().size() == thorough.repeatables().size());
  for (std::size_t i = 0; i < quick.repeatables().size(); ++i) {
    const auto& a = quick.repeatables()[i];
    const auto& b = thorough.repeatables()[i];
    CHECK(a.name == b.name);
    CHECK(a.checksum == b.checksum);
    CHECK(a.current == b.current);
    CHECK(a.applied_at == b.applied_at);
  }
}

/// A history with everything in it that COPY's text format writes in its own way.
void fill_oddly(const std::string& url) {
  exec(url,
       "insert into headway.history (version, previous, name, checksum, kind, state, attempt, "
       "applied_at) values "
       "('1', 'base', e'tab\\t, \\\\ back, \\nline, \\r, \\b\\f\\v', 'x', 'migration', 'applied', "
       "1, '2024-02-29 23:59:59.000001+05:30'), "
       "('zwei', '1', 'Übergröße', null, 'baseline', 'applied', 1, '1969-07-20 20:17:40+00'), "
       "('3', 'zwei', '\\N', '', 'adopted', 'failed', 7, '2030-01-01'), "
       "('4', '3', '', 'y', 'migration', 'running', 2, '1800-01-01 00:00:00+00:19:32')");
  exec(url,
       "insert into headway.repeatable (name, checksum, applied_at, current) values "
       "('R__a', 'old', now(), false), ('R__a', 'new', now(), true)");
}

}  // namespace

TEST_CASE("a line of COPY is taken apart as the server put it together") {
  using Columns = std::vector<std::string>;
  CHECK(row_of_line("a\tb\n") == Columns{"a", "b"});
  CHECK(row_of_line("\t\n") == Columns{"", ""});
  CHECK(row_of_line("\n") == Columns{""});
  CHECK(row_of_line("\\N\tx\n") == Columns{"", "x"});
  CHECK(row_of_line("\\\\N\t\\t\\n\\\\\n") == Columns{"\\N", "\t\n\\"});
  CHECK(row_of_line("\\b\\f\\r\\v\\x\n") == Columns{"\b\f\r\vx"});
  CHECK(row_of_line("cut\\") == Columns{"cut"});
}

TEST_CASE("a timestamp is a point in time or nothing") {
  const auto at = [](std::string_view text) {
    const auto time = copied_timestamp(text);
    REQUIRE(time);
    return time->time_since_epoch().count();
  };
  CHECK(at("1970-01-01 00:00:00+00") == 0);
  CHECK(at("1970-01-01 01:00:00.000001+01") == 1);
  CHECK(at("1969-12-31 18:30:00.5-05:30") == 500'000);
  CHECK(at("1970-01-01 00:19:32+00:19:32") == 0);
  CHECK(at("12024-02-29 00:00:00+00") > 0);
  for (const std::string_view text :
       {"", "infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "29.02.2024 00:00:00 CET",
        "2024-02-30 00:00:00+00", "2024-02-29 00:00:00", "2024-02-29", "2024-02-29 00:00:00+"}) {
    CAPTURE(text);
    CHECK_FALSE(copied_timestamp(text));
  }
}

TEST_CASE("the quick look sees what a thorough one sees") {
  const Prepared prepared;
  fill_oddly(prepared.url);
  for (const std::string zone : {"UTC", "Asia/Kolkata", "America/St_Johns"}) {
    CAPTURE(zone);
    exec(prepared.url,
         "alter database " + quoted_database(prepared.url) + " set timezone = '" + zone + "'");
    const auto connection = connect(quick(prepared.url));
    CHECK(was_quick(prepared.url, *connection));
    const auto first = connection->read_history();
    CHECK(first.exists);
    CHECK(first.complete);
    CHECK(was_quick(prepared.url, *connection));
    check_same(first.history, connection->read_history().history);
  }
}

TEST_CASE("where there is no history the quick look says so, and the rest follows with the lock") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(quick(url));
  CHECK_FALSE(connection->read_history().exists);
  CHECK(was_quick(url, *connection));
  REQUIRE(connection->try_lock().acquired);
  connection->ensure_tables();
  connection->require_lock();
  const auto snapshot = connection->read_history();
  CHECK(snapshot.exists);
  CHECK(snapshot.complete);
  connection->begin("");
  connection->insert_row(new_row("1", "base"));
  connection->commit();
  CHECK(connection->read_history().history.rows().size() == 1);
}

TEST_CASE("the lock is taken, the session set up and the history read together") {
  const Prepared prepared;
  const auto connection = connect(quick(prepared.url));
  CHECK(connection->read_history().history.empty());
  fill(*prepared, 2);
  REQUIRE(connection->try_lock().acquired);
  CHECK(value(prepared.url, "select count(*) from pg_locks where locktype = 'advisory'") == "1");
  connection->ensure_tables();
  CHECK(connection->read_history().history.rows().size() == 2);
  CHECK(connection->server().database == value(prepared.url, "select current_database()"));
  const auto late = connect(quick(prepared.url));
  const auto attempt = late->try_lock();
  CHECK_FALSE(attempt.acquired);
  REQUIRE(attempt.holder);
  CHECK(attempt.holder->pid == connection->server().backend_pid);
}

TEST_CASE("what the quick look can't tell is looked at thoroughly") {
  const Prepared prepared;
  fill(*prepared, 1);
  const auto rows = [&](const postgres::ConnectorSettings& settings) {
    const auto connection = connect(settings);
    CHECK_FALSE(was_quick(prepared.url, *connection));
    return connection->read_history().history.rows().size();
  };
  SUBCASE("another style of dates") {
    exec(prepared.url,
         "alter database " + quoted_database(prepared.url) + " set datestyle = 'German'");
    CHECK(rows(quick(prepared.url)) == 1);
  }
  SUBCASE("a point in time that it does not read") {
    exec(prepared.url,
         "update headway.history set applied_at = '0044-03-15 BC' where version = '1'");
    CHECK(rows(quick(prepared.url)) == 1);
  }
  SUBCASE("the base row is gone") {
    exec(prepared.url,
         "alter table headway.history drop constraint history_previous_fkey; "
         "delete from headway.history where version = 'base'");
    const auto connection = connect(quick(prepared.url));
    CHECK_FALSE(connection->read_history().complete);
  }
  SUBCASE("a newer layout") {
    exec(prepared.url, "update headway.layout set number = 99");
    const auto connection = connect(quick(prepared.url));
    CHECK(failure_of([&] { connection->read_history(); }).id == ErrorId::UnsupportedLayout);
  }
  SUBCASE("a kind of row that is not known") {
    exec(prepared.url,
         "alter table headway.history drop constraint history_kind_check; "
         "update headway.history set kind = 'dream' where version = '1'");
    const auto connection = connect(quick(prepared.url));
    CHECK(failure_of([&] { connection->read_history(); }).id == ErrorId::UnsupportedLayout);
  }
  SUBCASE("a table of ours is missing") {
    exec(prepared.url, "drop table headway.layout");
    CHECK(rows(quick(prepared.url)) == 1);
  }
  SUBCASE("only the configured role may read") {
    exec(prepared.url,
         "create role quick_reader; create role quick_login login noinherit in role quick_reader; "
         "grant usage on schema headway to quick_reader; "
         "grant select on all tables in schema headway to quick_reader");
    auto settings = quick(prepared.url);
    settings.role = "quick_reader";
    settings.parameters = [parameters = settings.parameters()]() mutable {
      for (auto& [keyword, text] : parameters.keywords) {
        if (keyword == "user") text = "quick_login";
      }
      return parameters;
    };
    CHECK(rows(settings) == 1);
  }
}

TEST_CASE("a lock that was given away is missed at the next look") {
  const Prepared prepared;
  REQUIRE(prepared.connection->try_lock().acquired);
  run(*prepared.connection, "select pg_advisory_unlock_all()");
  prepared.connection->require_lock();
  prepared.connection->begin("");
  CHECK(failure_of([&] { prepared.connection->commit(); }).id == ErrorId::ConnectionLost);
}
