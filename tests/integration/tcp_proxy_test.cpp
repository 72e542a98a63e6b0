#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temp_cluster.hpp"

using namespace headway::testing;
using std::chrono::milliseconds;

namespace {

TempCluster& cluster() {
  static TempCluster own;
  return own;
}

/// A database with a table, and a proxy before it.
struct Scene {
  Scene() { exec(direct, "create table t (a int)"); }
  [[nodiscard]] std::string count() const { return value(direct, "select count(*) from t"); }
  [[nodiscard]] std::string backends() const {
    return value(direct,
                 "select count(*) from pg_stat_activity where datname = current_database() and pid "
                 "<> pg_backend_pid()");
  }

  std::string direct = cluster().create_database();
  TcpProxy proxy{cluster()};
  std::string url = proxy.through(direct);
};

constexpr const char* kInsert = "insert into t values (1)";

}  // namespace

TEST_CASE("the proxy lets through what is not to be broken") {
  const Scene scene;
  CHECK(value(scene.url, "select repeat('x', 3000000)").size() == 3'000'000);
  const std::string long_text(2'000'000, 'y');
  CHECK(value(scene.url, "select length('" + long_text + "')") == "2000000");
  CHECK(value(scene.proxy.tcp_url(database_of(scene.direct)), "select 7") == "7");
  CHECK(scene.proxy.connections() == 3);
  await("the connections are closed", [&] { return scene.proxy.open_connections() == 0; });
}

TEST_CASE("a connection cut before COMMIT leaves nothing behind") {
  Scene scene;
  scene.proxy.arm({.bytes = "COMMIT"});
  SqlSession session(scene.url);
  session.exec("BEGIN");
  session.exec(kInsert);
  CHECK(scene.proxy.fired() == 0);
  CHECK_THROWS_AS(session.exec("COMMIT"), SqlError);
  CHECK(scene.proxy.fired() == 1);
  await("the backend is gone", [&] { return scene.backends() == "0"; });
  CHECK(scene.count() == "0");
  CHECK(value(scene.url, "select 1") == "1");  // fired once
}

TEST_CASE("a connection cut after COMMIT was forwarded has committed") {
  Scene scene;
  scene.proxy.arm({.bytes = "COMMIT", .when = TcpProxy::When::After});
  SqlSession session(scene.url);
  session.exec("BEGIN");
  session.exec(kInsert);
  CHECK_THROWS_AS(session.exec("COMMIT"), SqlError);
  await("the transaction is committed", [&] { return scene.count() == "1"; });
}

TEST_CASE("the server's answer to COMMIT can be lost") {
  Scene scene;
  scene.proxy.arm({.from = TcpProxy::From::Server, .bytes = "COMMIT"});
  SqlSession session(scene.url);
  session.exec("BEGIN");
  session.exec(kInsert);
  CHECK_THROWS_AS(session.exec("COMMIT"), SqlError);
  CHECK(scene.count() == "1");
}

TEST_CASE("a client can be cut off while its backend lives on with its locks") {
  Scene scene;
  scene.proxy.arm({.bytes = "into t", .then = TcpProxy::Then::CutClient});
  SqlSession session(scene.url);
  session.exec("select pg_advisory_lock(1)");
  CHECK_THROWS_AS(session.exec(kInsert), SqlError);
  const char* try_lock = "select pg_try_advisory_lock(1)";
  CHECK(value(scene.direct, try_lock) == "f");
  // The session that asked for the lock may take a moment to go.
  await("the client's backend alone is left", [&] { return scene.backends() == "1"; });
  scene.proxy.release();
  await("the lock is free", [&] { return value(scene.direct, try_lock) == "t"; });
  CHECK(scene.count() == "0");
}

TEST_CASE("a stalled connection goes on when it may") {
  Scene scene;
  scene.proxy.arm({.bytes = "into t", .then = TcpProxy::Then::Stall});
  SqlSession session(scene.url);
  session.send(kInsert);
  scene.proxy.await_fired();
  CHECK(scene.count() == "0");
  CHECK(value(scene.url, "select 1") == "1");  // others are not concerned
  scene.proxy.resume();
  session.receive();
  CHECK(scene.count() == "1");
}

TEST_CASE("the how manieth counts, over all connections") {
  Scene scene;
  scene.proxy.arm({.bytes = "into t", .occurrence = 3});
  exec(scene.url, kInsert);
  exec(scene.url, kInsert);
  CHECK_THROWS_AS(exec(scene.url, kInsert), SqlError);
  exec(scene.url, kInsert);
  CHECK(scene.count() == "3");
}

TEST_CASE("a network can be down for a while") {
  Scene scene;
  SqlSession session(scene.url);
  session.exec(kInsert);
  scene.proxy.refuse(true);
  scene.proxy.cut();
  CHECK_THROWS_AS(session.exec(kInsert), SqlError);
  CHECK_FALSE(can_connect(scene.url));
  scene.proxy.refuse(false);
  CHECK(can_connect(scene.url));
}

TEST_CASE("a slow network takes its time both ways") {
  Scene scene;
  SqlSession session(scene.url);
  scene.proxy.delay(milliseconds{30});
  const auto begin = std::chrono::steady_clock::now();
  session.exec("select 1");
  session.exec("select 1");
  CHECK(std::chrono::steady_clock::now() - begin >= milliseconds{120});
}
