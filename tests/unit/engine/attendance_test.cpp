// What goes on around the session that migrates: words, and when a migration gives way.
#include <doctest/doctest.h>

#include "engine/activity.hpp"
#include "engine/script.hpp"

using namespace headway;
using namespace headway::engine;
using Patience = PreparedStatement::Patience;

namespace {

std::vector<Patience> patiences(const std::string& text, bool directive = false) {
  migration::Script script;
  script.path = "1_a.sql";
  script.text = text;
  if (directive) script.lock_timeout = std::chrono::milliseconds{5000};
  std::vector<Patience> out;
  for (const PreparedStatement& statement : prepare(script).statements) {
    out.push_back(statement.patience);
  }
  return out;
}

}  // namespace

TEST_CASE("a session is told in one line, with what our role may see of it") {
  SessionSeen session;
  session.pid = 4711;
  CHECK(session.text() == "process 4711");
  session.application_name = "shop";
  CHECK(session.text() == "process 4711 (shop)");
  session.transaction_age = Milliseconds{90'000};
  CHECK(session.text() == "process 4711 (shop), in a transaction for 90 s");
  session.state = "idle in transaction";
  session.query = "SELECT $1";
  CHECK(session.text() == "process 4711 (shop), idle in transaction for 90 s, last with SELECT $1");
  session.state = "active";
  CHECK(session.text() == "process 4711 (shop), active for 90 s, with SELECT $1");
  session.prevents_wraparound = true;
  CHECK(session.text() ==
        "process 4711 (shop), an autovacuum that prevents wraparound and gives way to nobody");
}

TEST_CASE("of several sessions the first is told, and how many there are") {
  SessionSeen session;
  session.pid = 1;
  CHECK(text_of({}) == "nobody");
  CHECK(text_of({session}) == "process 1");
  CHECK(text_of({session, session}) == "2 sessions, among them process 1");
}

TEST_CASE("progress is told as far as the server tells it") {
  CHECK(CommandProgress{"CREATE INDEX", "", std::nullopt}.text() == "CREATE INDEX");
  CHECK(CommandProgress{"CREATE INDEX", "building index", 0.425}.text() ==
        "CREATE INDEX, building index, 42 %");
}

TEST_CASE("what blocks others waits for a short time, what changes rows for as long as it takes") {
  CHECK(patiences("alter table t add c int; update t set c = 1; create index on t (c);") ==
        std::vector{Patience::Short, Patience::Unlimited, Patience::Short});
  CHECK(
      patiences("insert into t select 1; delete from t; copy t from '/x'; select 1;") ==
      std::vector{Patience::Unlimited, Patience::Unlimited, Patience::Unlimited, Patience::Short});
}

TEST_CASE("a file that sets its lock timeout keeps it") {
  CHECK(patiences("create table a (); set local lock_timeout = '9s'; alter table t add c int;") ==
        std::vector{Patience::Short, Patience::Own, Patience::Own});
  CHECK(patiences("select set_config('lock_timeout', '9s', true); update t set c = 1;") ==
        std::vector{Patience::Own, Patience::Own});
  CHECK(patiences("update t set c = 1;", true) == std::vector{Patience::Own});
}

TEST_CASE("the timeout is set only where it changes") {
  Patience current = Patience::Short;
  const auto change = [&current](Patience next) {
    PreparedStatement statement;
    statement.patience = next;
    return change_of_patience(current, statement, std::chrono::milliseconds{2000});
  };
  CHECK_FALSE(change(Patience::Short));
  CHECK(change(Patience::Unlimited) == std::chrono::milliseconds{0});
  CHECK_FALSE(change(Patience::Unlimited));
  CHECK(change(Patience::Short) == std::chrono::milliseconds{2000});
  CHECK_FALSE(change(Patience::Own));
}
