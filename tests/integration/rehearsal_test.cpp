// A connection for rehearsals, given what a caller ought never to give it.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>

#include "engine/connection.hpp"
#include "postgres/connector.hpp"
#include "postgres/conninfo.hpp"
#include "sql/outlives_rollback.hpp"
#include "support/sql.hpp"
#include "support/temp_cluster.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

struct Rehearsing {
  Rehearsing() : url(TempCluster::shared().create_database()) {
    postgres::ConnectorSettings settings;
    settings.parameters = [this] { return postgres::parse_database_url(url, "test"); };
    settings.rehearsal = true;
    connector = postgres::make_connector(std::move(settings));
    connection = connector->connect({}, std::chrono::seconds{10});
  }
  void run(const std::string& text) const {
    engine::PreparedStatement statement;
    statement.text = text;
    connection->run(statement, "1_test.sql");
  }
  [[nodiscard]] static ErrorInfo error_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.info();
    }
    FAIL("nothing was thrown");
    return {};
  }
  [[nodiscard]] bool is_there(const std::string& table) const {
    return value(url, "select to_regclass('" + table + "') is not null") == "t";
  }

  std::string url;
  std::unique_ptr<engine::Connector> connector;
  std::unique_ptr<engine::Connection> connection;
};

}  // namespace

TEST_CASE("a connection for rehearsals does not commit") {
  const Rehearsing rehearsing;
  rehearsing.connection->begin("");
  rehearsing.run("create table t ()");
  CHECK(Rehearsing::error_of([&] { rehearsing.connection->commit(); }).id == ErrorId::Internal);
  rehearsing.connection->check_deferred();
  rehearsing.connection->rollback();
  CHECK_FALSE(rehearsing.is_there("t"));
}

TEST_CASE("a connection for rehearsals runs nothing outside a transaction") {
  const Rehearsing rehearsing;
  CHECK(Rehearsing::error_of([&] { rehearsing.run("create table t ()"); }).id ==
        ErrorId::TransactionControl);
  CHECK_FALSE(rehearsing.is_there("t"));
}

TEST_CASE("the server takes one command of a rehearsed statement, and refuses two") {
  for (const char* const text : {"create table u (); commit", "select 1; commit; select 2",
                                 "select 1;; end --", "select 1;prepare transaction 'gid'"}) {
    CAPTURE(text);
    REQUIRE_FALSE(sql::outlives_rollback(text));  // its first word is innocent
    const Rehearsing rehearsing;
    rehearsing.connection->begin("");
    rehearsing.run("create table t ()");
    CHECK(Rehearsing::error_of([&] { rehearsing.run(text); }).sqlstate == "42601");
    rehearsing.connection->rollback();
    CHECK_FALSE(rehearsing.is_there("t"));
    CHECK_FALSE(rehearsing.is_there("u"));
  }
}

TEST_CASE("a statement that would end the transaction is not sent") {
  for (const char* const text : {"commit", "rollback and chain", "--x\rcommit", "\v commit",
                                 "; end", "abort", "prepare transaction 'gid'"}) {
    CAPTURE(text);
    const Rehearsing rehearsing;
    rehearsing.connection->begin("");
    rehearsing.run("create table t ()");
    CHECK(Rehearsing::error_of([&] { rehearsing.run(text); }).id == ErrorId::TransactionControl);
    rehearsing.connection->rollback();
    CHECK_FALSE(rehearsing.is_there("t"));
  }
}

TEST_CASE(
    "of all the server's keywords none that ends a transaction begins a rehearsed statement") {
  const std::string url = TempCluster::shared().create_database();
  SqlSession session(url);
  int ends = 0;
  for (const Row& keyword : rows(url, "select word from pg_get_keywords()")) {
    for (const std::string& text :
         {keyword[0], keyword[0] + " work", keyword[0] + " and chain",
          keyword[0] + " transaction 'gid'", keyword[0] + " prepared 'gid'"}) {
      CAPTURE(text);
      session.exec("begin");
      const std::string before = session.value("select pg_current_xact_id()");
      try {
        session.exec(text);
        if (session.value("select pg_current_xact_id()") == before) {
          session.exec("rollback");
          continue;
        }
      } catch (const SqlError& error) {
        session.exec("rollback");
        if (error.sqlstate() == "42601") continue;  // no statement
        // PREPARE TRANSACTION is refused by this server, and ends the transaction all the same.
        if (error.sqlstate() != "55000") continue;
      }
      session.exec("rollback");
      ++ends;
      CHECK(sql::outlives_rollback(text));
    }
  }
  CHECK(ends >= 12);  // COMMIT, END, ROLLBACK and ABORT in three forms each
}
