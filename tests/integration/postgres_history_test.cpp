// The history on a real server: the tables, the chain, and that every write with a stale
// expectation does nothing.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>

#include "integration/postgres_fixture.hpp"
#include "migration/checksum.hpp"

using namespace headway;
using namespace headway::testing;
using engine::Connection;
using migration::Checksum;
using migration::HistoryRow;
using migration::RowKind;
using migration::RowState;
using migration::Version;

namespace {

/// The whole content of the history tables but the events, for comparing before and after.
std::string content(const std::string& url) {
  return value(url,
               "select coalesce(string_agg(h::text, ';' order by version), '') from "
               "headway.history h") +
         '|' +
         value(url,
               "select coalesce(string_agg(r::text, ';' order by name, checksum), '') from "
               "headway.repeatable r");
}

/// The write is refused as stale, in a transaction and outside, and changes nothing.
void stale(Prepared& prepared, const std::function<void(Connection&)>& write) {
  const auto before = content(prepared.url);
  CHECK(failure_of([&] { write(*prepared); }).id == ErrorId::StalePlan);
  prepared->begin("");
  run(*prepared, "create table trace ()");
  // Inside a transaction it may travel with the next statement, which then does not run.
  CHECK(failure_of([&] {
          write(*prepared);
          run(*prepared, "create table behind ()");
        }).id == ErrorId::StalePlan);
  CHECK(failure_of([&] { prepared->commit(); }).id == ErrorId::MigrationFailed);
  prepared->reset_session();
  CHECK(content(prepared.url) == before);
  CHECK(value(prepared.url, "select to_regclass('public.trace')") == kNull);
}

HistoryRow row_of(const Prepared& prepared, const std::string& version) {
  const auto history = prepared.history();
  const auto* row = history.find(Version(version));
  REQUIRE(row != nullptr);
  return *row;
}

engine::EventRow event_of(const std::string& event, const std::string& version = {}) {
  engine::EventRow out;
  out.event = event;
  out.version = version;
  return out;
}

/// Roles belong to the cluster, which other tests share.
std::string new_role(const std::string& url, const std::string& options = "") {
  auto name = unique_name("r");
  exec(url, "create role " + name + " login " + options);
  return name;
}

/// Inserts a running row, as a non-transactional migration does.
void start(Connection& connection, const std::string& version, const std::string& previous) {
  auto row = new_row(version, previous);
  row.state = RowState::Running;
  connection.insert_row(row);
}

}  // namespace

TEST_CASE("without tables there is no history, and nothing is created by reading") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  for (int i = 0; i < 2; ++i) {
    const auto snapshot = connection->read_history();
    CHECK_FALSE(snapshot.exists);
    CHECK(snapshot.history.empty());
  }
  CHECK_FALSE(connection->last_failure());
  CHECK(value(url, "select to_regnamespace('headway')") == kNull);
}

TEST_CASE("the tables are made once, with the base row and the layout") {
  const auto url = TempCluster::shared().create_database();
  const auto connection = connect(url);
  CHECK_FALSE(connection->read_history().exists);
  connection->ensure_tables();
  const auto first = dump_with_data(url, {});
  connection->ensure_tables();
  CHECK(dump_with_data(url, {}) == first);
  const auto snapshot = connection->read_history();
  CHECK(snapshot.exists);
  CHECK(snapshot.complete);
  CHECK(snapshot.history.empty());
  CHECK(snapshot.history.last() == Version("base"));
  CHECK(value(url, "select version || coalesce(previous, '-') || kind from headway.history") ==
        "base-baseline");
  CHECK(value(url, "select number from headway.layout") == "1");
  CHECK(value(url, "select count(*) from headway.events") == "0");
  // Every table has a primary key: logical replication wants one.
  CHECK(value(url,
              "select count(*) from pg_index where indisprimary and indrelid in (select oid from "
              "pg_class where relnamespace = 'headway'::regnamespace)") == "4");
}

TEST_CASE("init's script makes the very tables that ensure_tables makes") {
  const auto made = TempCluster::shared().create_database();
  const auto scripted = TempCluster::shared().create_database();
  const auto init = new_role(made);
  auto settings = settings_for(made);
  settings.history_readers = {init};
  connect(settings)->ensure_tables();
  exec(scripted, postgres::init_sql("headway", "history", {init}));
  CHECK(dump(made, {}) == dump(scripted, {}));
  exec(scripted, postgres::init_sql("headway", "history", {init}));
  connect(scripted)->ensure_tables();
  CHECK(dump(made, {}) == dump(scripted, {}));
}

TEST_CASE("schema and table names of any kind") {
  const auto url = TempCluster::shared().create_database();
  auto settings = settings_for(url);
  settings.history_schema = "My \"Odd'\" {{history}} Schema";
  settings.history_table = "Schritte é";
  const auto connection = connect(settings);
  CHECK_FALSE(connection->read_history().exists);
  connection->ensure_tables();
  fill(*connection, 2);
  connection->record_repeatable("views", Checksum("a"), Checksum(), Microseconds(5));
  connection->write_event(event_of("applied"));
  CHECK(chain(connection->read_history().history) == "base<1 1<2");
  CHECK(
      rows(url,
           "select tablename from pg_tables where schemaname like 'My%' order by tablename collate "
           "\"C\"") ==
      Rows{
          {"Schritte é"}, {"Schritte é_events"}, {"Schritte é_layout"}, {"Schritte é_repeatable"}});
  settings.history_table = std::string(60, 'x');
  CHECK(failure_of([&] { connect(settings); }).id == ErrorId::BadConfiguration);
}

TEST_CASE("what is missing is added, and what is there is left alone") {
  Prepared prepared;
  fill(*prepared, 2);
  exec(prepared.url,
       "drop table headway.events; alter table headway.history drop column applied_from; alter "
       "table headway.repeatable drop column duration; alter table headway.history add column "
       "from_the_future text default 'x'");
  CHECK_FALSE(prepared->read_history().complete);
  prepared->ensure_tables();
  const auto snapshot = prepared->read_history();
  CHECK(snapshot.complete);
  CHECK(chain(snapshot.history) == "base<1 1<2");
  prepared->write_event(event_of("applied"));
  exec(prepared.url, "truncate headway.history");
  CHECK_FALSE(prepared->read_history().complete);
  prepared->ensure_tables();
  CHECK(prepared->read_history().complete);
  fill(*prepared, 1);
}

TEST_CASE("a layout of a newer major is refused by readers and writers") {
  Prepared prepared;
  exec(prepared.url, "update headway.layout set number = 2");
  CHECK(failure_of([&] { prepared->read_history(); }).id == ErrorId::UnsupportedLayout);
  CHECK(failure_of([&] { prepared->ensure_tables(); }).id == ErrorId::UnsupportedLayout);
}

TEST_CASE("eight sessions make the tables at once") {
  const auto url = TempCluster::shared().create_database();
  std::vector<std::jthread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&url, &done] {
      connect(url)->ensure_tables();
      ++done;
    });
  }
  threads.clear();
  CHECK(done == 8);
  CHECK(value(url, "select count(*) from headway.history") == "1");
}

TEST_CASE("a row comes back as it went in") {
  Prepared prepared;
  auto row = new_row("0042", "base");
  row.name = "add; 'quotes' — ünïcode";
  row.kind = RowKind::Adopted;
  row.down_sql = "drop table t;\n";
  row.down_checksum = migration::checksum_of(*row.down_sql);
  row.irreversible = true;
  prepared->begin("");
  prepared->insert_row(row);
  run(*prepared, "select pg_sleep(0.02)");
  const auto duration = prepared->close_row(row.version);
  prepared->commit();
  CHECK(duration >= std::chrono::milliseconds(20));
  const auto read = row_of(prepared, "0042");
  CHECK(read.version.text() == "0042");
  CHECK(read.previous == Version("base"));
  CHECK(read.name == row.name);
  CHECK(read.checksum == row.checksum);
  CHECK(read.kind == RowKind::Adopted);
  CHECK(read.state == RowState::Applied);
  CHECK(read.attempt == 1);
  CHECK(read.journal.empty());
  CHECK(read.has_down);
  CHECK(read.down_checksum == row.down_checksum);
  CHECK(read.irreversible);
  CHECK(read.run_id == kRunId);
  CHECK(read.duration == duration);
  CHECK(read.applied_by == "postgres");
  CHECK(read.applied_from == "pod-1");
  CHECK(read.headway_version == "0.1.0");
  const auto now = std::stoll(value(prepared.url, "select extract(epoch from now())::bigint"));
  CHECK(std::abs(read.applied_at.time_since_epoch() / std::chrono::seconds(1) - now) < 60);
  CHECK(prepared->read_down_sql(Version("0042")) == "drop table t;\n");
}

TEST_CASE("a search path and operators of the migration don't reach our own statements") {
  Prepared prepared;
  run(*prepared,
      "create schema evil; create function evil.eq(text, text) returns boolean language sql as "
      "'select true'; create operator evil.= (leftarg = text, rightarg = text, function = evil.eq);"
      "create type evil.text as (a int); create type evil.uuid as (a int); create function "
      "evil.clock_timestamp() returns timestamptz language sql as 'select null::timestamptz';"
      "create function evil.count() returns bigint language sql as 'select 5::bigint'");
  fill(*prepared, 2);
  prepared->begin("");
  run(*prepared,
      "set search_path = evil, pg_catalog; set datestyle = 'SQL, DMY'; set intervalstyle = "
      "'iso_8601'; set timezone = 'Asia/Kathmandu'; set extra_float_digits = -5");
  prepared->insert_row(new_row("3", "2"));
  prepared->delete_row(row_of(prepared, "1"));
  prepared->close_row(Version("3"));
  prepared->record_repeatable("v", Checksum("a"), Checksum(), Microseconds(1500));
  prepared->write_event(event_of("applied", "3"));
  CHECK(chain(prepared.history()) == "base<2 2<3");
  CHECK(prepared.history().repeatables().at(0).duration == Microseconds(1500));
  prepared->ensure_tables();
  prepared->rollback();
}

TEST_CASE("appending to a stale history does nothing") {
  Prepared prepared;
  fill(*prepared, 2);
  const auto insert = [](const char* version, const char* previous) {
    return [=](Connection& c) { c.insert_row(new_row(version, previous)); };
  };
  stale(prepared, insert("3", "1"));        // 1 has a successor
  stale(prepared, insert("3", "base"));     // so has base
  stale(prepared, insert("2", "2"));        // applied already
  stale(prepared, insert("3", "missing"));  // taken back meanwhile
}

TEST_CASE("of two runners that append at once one gets through") {
  Prepared one;
  const auto two = connect(one.url);
  one->begin("");
  one->insert_row(new_row("1", "base"));
  run(*one, "select 1");
  two->begin("");
  two->set_timeouts(Milliseconds(20), std::nullopt);
  CHECK(failure_of([&] {
          two->insert_row(new_row("1", "base"));
          run(*two, "select 1");
        }).id == ErrorId::LockTimeout);
  two->rollback();
  one->commit();
  CHECK(failure_of([&] { two->insert_row(new_row("1", "base")); }).id == ErrorId::StalePlan);
}

TEST_CASE("close_row wants the row that this transaction inserted") {
  Prepared prepared;
  fill(*prepared, 1);
  stale(prepared, [](Connection& c) { c.close_row(Version("1")); });
  stale(prepared, [](Connection& c) { c.close_row(Version("2")); });
}

TEST_CASE("a non-transactional migration: start, journal, fail, resume, finish") {
  Prepared prepared;
  start(*prepared, "1", "base");
  const std::vector<std::string> journal{"aa", "bb"};
  prepared->write_journal(Version("1"), 1, journal);
  CHECK(row_of(prepared, "1").state == RowState::Running);
  CHECK(row_of(prepared, "1").journal == journal);
  prepared->fail_row(Version("1"), 1);
  CHECK(row_of(prepared, "1").state == RowState::Failed);
  CHECK(row_of(prepared, "1").duration);
  CHECK(prepared->resume_row(row_of(prepared, "1")) == 2);
  CHECK(row_of(prepared, "1").state == RowState::Running);
  CHECK(row_of(prepared, "1").journal == journal);
  prepared->write_journal(Version("1"), 2, {});
  CHECK(row_of(prepared, "1").journal.empty());
  const auto duration = prepared->finish_row(Version("1"), 2);
  CHECK(row_of(prepared, "1").state == RowState::Applied);
  CHECK(row_of(prepared, "1").duration == duration);
  CHECK(row_of(prepared, "1").attempt == 2);
}

TEST_CASE("a failed row of another run is finished without claiming a duration") {
  Prepared prepared;
  start(*prepared, "1", "base");
  auto settings = settings_for(prepared.url);
  settings.run_id = "99999999-2222-3333-4444-555555555555";
  CHECK(connect(settings)->finish_row(Version("1"), 1) == Microseconds(0));
}

TEST_CASE("stale writers of a non-transactional migration do nothing") {
  Prepared prepared;
  start(*prepared, "1", "base");
  const auto first = row_of(prepared, "1");
  CHECK(prepared->resume_row(first) == 2);
  const std::vector<std::string> journal{"cc"};
  stale(prepared, [&](Connection& c) { c.write_journal(Version("1"), 1, journal); });
  stale(prepared, [&](Connection& c) { c.finish_row(Version("1"), 1); });
  stale(prepared, [&](Connection& c) { c.fail_row(Version("1"), 1); });
  stale(prepared, [&](Connection& c) { c.resume_row(first); });
  prepared->finish_row(Version("1"), 2);
  const auto applied = row_of(prepared, "1");
  stale(prepared, [&](Connection& c) { c.write_journal(Version("1"), 2, journal); });
  stale(prepared, [&](Connection& c) { c.finish_row(Version("1"), 2); });
  stale(prepared, [&](Connection& c) { c.fail_row(Version("1"), 2); });
  stale(prepared, [&](Connection& c) { c.resume_row(applied); });
}

TEST_CASE("taking a row back names the row as it was seen") {
  Prepared prepared;
  fill(*prepared, 3);
  const auto seen = row_of(prepared, "2");
  const auto with = [&seen](auto change) {
    auto expected = seen;
    change(expected);
    return [expected](Connection& c) { c.delete_row(expected); };
  };
  stale(prepared, with([](HistoryRow& r) { r.version = Version("9"); }));
  stale(prepared, with([](HistoryRow& r) { r.previous = Version("base"); }));
  stale(prepared, with([](HistoryRow& r) { r.state = RowState::Failed; }));
  stale(prepared, with([](HistoryRow& r) { r.checksum = Checksum("other"); }));
  stale(prepared, with([](HistoryRow& r) { r.attempt = 2; }));
  prepared->delete_row(seen);
  CHECK(chain(prepared.history()) == "base<1 1<3");
  stale(prepared, [&seen](Connection& c) { c.delete_row(seen); });
}

TEST_CASE("the base row can't be taken back") {
  Prepared prepared;
  HistoryRow base;
  base.version = Version("base");
  stale(prepared, [&base](Connection& c) { c.delete_row(base); });
}

TEST_CASE("correcting a checksum names the row as it was seen") {
  Prepared prepared;
  fill(*prepared, 2);
  const auto seen = row_of(prepared, "1");
  prepared->set_checksum(seen, Checksum("new"));
  CHECK(row_of(prepared, "1").checksum.hex() == "new");
  stale(prepared, [&seen](Connection& c) { c.set_checksum(seen, Checksum("newer")); });
  const auto gone = row_of(prepared, "2");
  prepared->delete_row(gone);
  stale(prepared, [&gone](Connection& c) { c.set_checksum(gone, Checksum("newer")); });
}

TEST_CASE("a repeatable has one current checksum, and a stale one does nothing") {
  Prepared prepared;
  const auto record = [](const char* checksum, const char* expected) {
    return [=](Connection& c) {
      c.record_repeatable("views", Checksum(checksum), Checksum(expected), Microseconds(10));
    };
  };
  stale(prepared, record("b", "a"));  // expected one, found none
  record("a", "")(*prepared);
  stale(prepared, record("b", ""));   // expected none, found one
  stale(prepared, record("c", "b"));  // expected another
  stale(prepared, record("a", "a"));  // run already
  record("b", "a")(*prepared);
  stale(prepared, record("b", "a"));
  stale(prepared, record("a", "b"));  // superseded: an older image
  const auto history = prepared.history();
  REQUIRE(history.repeatables().size() == 2);
  for (const auto& row : history.repeatables()) {
    CHECK(row.name == "views");
    CHECK(row.current == (row.checksum.hex() == "b"));
    CHECK(row.run_id == kRunId);
  }
}

TEST_CASE("every permutation of four migrations applies and goes back row by row") {
  std::vector<std::string> order{"1", "2", "3", "4"};
  Prepared prepared;
  do {
    std::string previous = "base";
    std::string expected;
    for (const auto& version : order) {
      prepared->begin("");
      prepared->insert_row(new_row(version, previous));
      prepared->close_row(Version(version));
      prepared->commit();
      expected += (expected.empty() ? "" : " ") + previous + '<' + version;
      previous = version;
    }
    CHECK(chain(prepared.history()) == expected);
    // Back in the order of the names, so from every place of the chain.
    for (const auto* version : {"1", "2", "3", "4"}) {
      const auto before = prepared.history().rows().size();
      prepared->begin("");
      prepared->delete_row(row_of(prepared, version));
      prepared->commit();
      const auto history = prepared.history();  // throws unless it is one chain from base
      CHECK(history.rows().size() == before - 1);
      CHECK(history.find(Version(version)) == nullptr);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the last failure is told until something succeeds") {
  Prepared prepared;
  CHECK_FALSE(prepared->last_failure());
  auto failed = event_of("failed", "3");
  failed.duration = Microseconds(1234);
  failed.error_id = "migration-failed";
  failed.sqlstate = "42P01";
  failed.message = "relation \"x\" does not exist";
  prepared->write_event(failed);
  prepared->write_event(event_of("locked"));
  const auto failure = prepared->last_failure();
  REQUIRE(failure);
  CHECK(failure->event == "failed");
  CHECK(failure->version == "3");
  CHECK(failure->duration == Microseconds(1234));
  CHECK(failure->error_id == "migration-failed");
  CHECK(failure->sqlstate == "42P01");
  CHECK(failure->message == "relation \"x\" does not exist");
  CHECK(failure->at);
  CHECK(value(prepared.url,
              "select by_role || from_host || application || run_id from headway.events limit 1") ==
        "postgrespod-1headway test" + std::string(kRunId));
  prepared->write_event(event_of("applied", "3"));
  CHECK_FALSE(prepared->last_failure());
}

TEST_CASE("stored down SQL is refused when others may write the history, or it was changed") {
  Prepared prepared;
  auto row = new_row("1", "base");
  row.down_sql = "drop table a;";
  row.down_checksum = migration::checksum_of(*row.down_sql);
  prepared->insert_row(row);
  const auto down = [&] { return prepared->read_down_sql(Version("1")); };
  CHECK(down() == "drop table a;");

  const auto writer = new_role(prepared.url);
  const auto root = new_role(prepared.url, "superuser");
  for (const std::string& grant :
       std::vector<std::string>{"grant insert on headway.history to " + writer,
                                "grant update on headway.history to public",
                                "grant delete on headway.history to " + writer,
                                "grant update (down_sql) on headway.history to " + writer}) {
    CAPTURE(grant);
    exec(prepared.url, grant);
    CHECK(failure_of(down).id == ErrorId::UnsafeHistory);
    exec(prepared.url, "revoke all on headway.history from " + writer +
                           ", public; revoke all (down_sql) on "
                           "headway.history from " +
                           writer);
  }
  exec(prepared.url, "grant select on headway.history to " + writer +
                         "; grant all on headway.history to " + root);
  CHECK(down() == "drop table a;");
  exec(prepared.url, "update headway.history set down_sql = 'drop table b;' where version = '1'");
  CHECK(failure_of(down).id == ErrorId::UnsafeHistory);
  CHECK(failure_of([&] { return prepared->read_down_sql(Version("9")); }).id == ErrorId::StalePlan);
  exec(prepared.url, "drop owned by " + root + ", " + writer);
}

TEST_CASE("a history that somebody else owns is not used") {
  const auto url = TempCluster::shared().create_database();
  const auto plain = new_role(url);
  const auto stranger = new_role(url);
  exec(url, "grant create on database " + value(url, "select quote_ident(current_database())") +
                " to " + plain + ", " + stranger);
  connect(url)->ensure_tables();
  exec(url, "grant all on schema headway to " + plain +
                "; grant all on all tables in schema headway to " + plain);
  auto settings = settings_for(with_parameter(url, "user", plain));
  CHECK(failure_of([&] { connect(settings)->ensure_tables(); }).id == ErrorId::UnsafeHistory);
  exec(url, "alter table headway.history owner to " + stranger);
  CHECK(failure_of([&] { connect(settings)->ensure_tables(); }).id == ErrorId::UnsafeHistory);
  exec(url, "grant " + stranger + " to " + plain);
  connect(settings)->ensure_tables();
  exec(url, "drop owned by " + plain + " cascade; drop owned by " + stranger + " cascade");
}

TEST_CASE("a history is not ours because its owner is a role that ours may administer") {
  // From 16 on who creates a role is a member of it, without what its members may do.
  const auto url = TempCluster::shared().create_database();
  const auto creator = new_role(url, "createrole");
  const auto created = unique_name("created");
  exec(with_parameter(url, "user", creator), "create role " + created);
  connect(url)->ensure_tables();
  exec(url, "grant all on schema headway to " + creator + ", " + created +
                "; alter table headway.history owner to " + created +
                "; grant all on all tables in schema headway to " + creator);
  auto settings = settings_for(with_parameter(url, "user", creator));
  CHECK(failure_of([&] { connect(settings)->ensure_tables(); }).id == ErrorId::UnsafeHistory);
  exec(url, "drop owned by " + creator + " cascade; drop owned by " + created + " cascade");
}

TEST_CASE("at head USAGE and SELECT are enough, and what is missing is told as GRANTs") {
  Prepared prepared;
  fill(*prepared, 2);
  const auto reader_role = new_role(prepared.url);
  auto settings = settings_for(with_parameter(prepared.url, "user", reader_role));
  const auto info = failure_of([&] { connect(settings)->read_history(); });
  CHECK(info.id == ErrorId::PermissionDenied);
  CHECK(info.next.find("GRANT USAGE ON SCHEMA headway TO " + reader_role) != std::string::npos);
  CHECK(info.next.find("GRANT SELECT") != std::string::npos);

  auto granting = settings_for(prepared.url);
  granting.history_readers = {reader_role};
  connect(granting)->ensure_tables();
  const auto reader = connect(settings);
  CHECK(chain(reader->read_history().history) == "base<1 1<2");
  CHECK_FALSE(reader->last_failure());
  CHECK(failure_of([&] { reader->insert_row(new_row("3", "2")); }).id == ErrorId::PermissionDenied);

  granting.history_readers = {"no_such_reader_role"};
  const auto missing = failure_of([&] { connect(granting)->ensure_tables(); });
  CHECK(missing.id == ErrorId::BadConfiguration);
  CHECK(missing.message.find("no_such_reader_role") != std::string::npos);
  exec(prepared.url, "drop owned by " + reader_role);
}

TEST_CASE("a role that may not create tables is told what it lacks") {
  const auto url = TempCluster::shared().create_database();
  const auto nocreate = new_role(url);
  auto settings = settings_for(with_parameter(url, "user", nocreate));
  const auto connection = connect(settings);
  CHECK_FALSE(connection->read_history().exists);
  auto info = failure_of([&] { connection->ensure_tables(); });
  CHECK(info.id == ErrorId::PermissionDenied);
  CHECK(info.next.find("GRANT CREATE ON DATABASE") != std::string::npos);
  CHECK(info.next.find("headway init --sql") != std::string::npos);
  // The failed attempt leaves the session usable.
  CHECK_FALSE(connection->read_history().exists);
  exec(url, "create schema headway");
  info = failure_of([&] { connection->ensure_tables(); });
  CHECK(info.next.find("GRANT USAGE, CREATE ON SCHEMA headway TO " + nocreate) !=
        std::string::npos);
}
