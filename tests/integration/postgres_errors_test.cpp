// What an error of the server becomes: place in the file, id, and no secret in it.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <thread>

#include "integration/postgres_fixture.hpp"

using namespace headway;
using namespace headway::testing;

namespace {

ErrorInfo failing(const std::string& script, bool log_literals = false) {
  auto settings = settings_for(TempCluster::shared().create_database());
  settings.log_literals = log_literals;
  const auto connection = connect(settings);
  connection->begin("");
  return failure_of([&] { run(*connection, script); });
}

bool mentions(const ErrorInfo& info, std::string_view text) {
  for (const auto* part : {&info.message, &info.statement, &info.server_text, &info.server_hint,
                           &info.detail, &info.next}) {
    if (part->find(text) != std::string::npos) return true;
  }
  return false;
}

postgres::ConnectorSettings to(std::vector<std::pair<std::string, std::string>> keywords) {
  auto settings = settings_for("");
  settings.parameters = [keywords] {
    postgres::ConnectionParameters parameters;
    parameters.keywords = keywords;
    return parameters;
  };
  return settings;
}

/// Takes connections and says nothing.
class SilentListener {
 public:
  SilentListener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(socket_, generic, size) == 0);
    REQUIRE(::listen(socket_, 8) == 0);
    REQUIRE(::getsockname(socket_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentListener() { ::close(socket_); }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;
  [[nodiscard]] int port() const { return port_; }

 protected:
  [[nodiscard]] int socket() const { return socket_; }

 private:
  int socket_;
  int port_ = 0;
};

/// Answers the first connection's startup packet with `answer` and hangs up.
class RefusingListener : public SilentListener {
 public:
  explicit RefusingListener(std::string answer)
      : thread_([this, text = std::move(answer)] {
          const int client = ::accept(socket(), nullptr, nullptr);
          std::array<char, 4096> startup{};
          if (::read(client, startup.data(), startup.size()) > 0) {
            ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
          }
          ::close(client);
        }) {}

 private:
  std::jthread thread_;
};

/// The server's ErrorResponse, in a language of its own.
std::string error_response(const std::string& sqlstate, const std::string& text) {
  std::string fields = std::string("SFATALE") + '\0' + "VFATAL" + '\0' + 'C' + sqlstate + '\0' +
                       'M' + text + '\0' + "Fpostmaster.c" + '\0' + "L77" + '\0' + "RProcess" +
                       '\0' + '\0';
  const auto size = static_cast<std::uint32_t>(fields.size() + 4);
  std::string out = "E";
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
  }
  return out + fields;
}

ErrorInfo answered_with(const std::string& answer) {
  const RefusingListener listener(answer);
  auto settings = to({{"host", "127.0.0.1"},
                      {"port", std::to_string(listener.port())},
                      {"user", "postgres"},
                      {"sslmode", "disable"}});
  settings.attempt_timeout = Milliseconds(5000);
  return failure_of([&] { connect(settings); });
}

}  // namespace

TEST_CASE("an error's place is exact") {
  SUBCASE("on the first line") {
    const auto info = failing("select nothing");
    CHECK(info.where.text() == "m.sql:1:8");
    CHECK(info.id == ErrorId::MigrationFailed);
    CHECK(info.sqlstate == "42703");
    CHECK(info.message == "column \"nothing\" does not exist");
    CHECK(info.statement == "select nothing");
  }
  SUBCASE("after other statements and comments") {
    CHECK(failing("select 1;\n-- x\n/* y */ select 2;  select\n  1,\n    nothing").where ==
          Location{"m.sql", 5, 5});
  }
  SUBCASE("behind characters of several bytes") {
    CHECK(failing("select 'äöü€😀', nothing").where.text() == "m.sql:1:17");
    CHECK(failing("/* 😀é */ select 'ä', \"é\",\n'€€', nothing").where.text() == "m.sql:1:22");
    CHECK(failing("/* 😀é */ select 'ä',\n'€€', nothing").where.text() == "m.sql:2:7");
  }
  SUBCASE("a syntax error at the end") {
    CHECK(failing("select 1;\nselect 1 +").where.text() == "m.sql:2:11");
  }
  SUBCASE("without a position of its own: the statement's") {
    CHECK(failing("\n\n  select 1/0").where.text() == "m.sql:3:3");
  }
  SUBCASE("inside DO: the line of the block") {
    const auto info =
        failing("select 1;\ndo $body$\nbegin\n  perform 1;\n  raise 'no';\nend\n$body$");
    CHECK(info.where.text() == "m.sql:5");
  }
  SUBCASE("inside the data of COPY: the line of the data") {
    const auto info =
        failing("create table t (a int);\ncopy t\n  from stdin;\n1\n2\nthree\n4\n\\.\nselect 1;");
    CHECK(info.where.text() == "m.sql:6");
    CHECK(info.sqlstate == "22P02");
  }
}

TEST_CASE("SQLSTATEs become ids") {
  CHECK(failing("do $$begin raise 'x' using errcode = '40P01'; end$$").id == ErrorId::Deadlock);
  CHECK(failing("do $$begin raise 'x' using errcode = '40001'; end$$").id ==
        ErrorId::Serialization);
  CHECK(failing("do $$begin raise 'x' using errcode = '55P03'; end$$").id == ErrorId::LockTimeout);
  CHECK(failing("do $$begin raise 'x' using errcode = '42501'; end$$").id ==
        ErrorId::PermissionDenied);
  // What looks like a lost connection, but is a foreign server's or somebody's joke.
  CHECK(failing("do $$begin raise 'x' using errcode = '08006'; end$$").id ==
        ErrorId::MigrationFailed);
  CHECK(failing("do $$begin raise 'x' using errcode = '57P01'; end$$").id ==
        ErrorId::MigrationFailed);
  CHECK(failing("do $$begin raise 'x' using errcode = '57014'; end$$").id ==
        ErrorId::MigrationFailed);
  // A violation of the migration's own constraints is not a stale history.
  CHECK(failing("create table k (a int primary key); insert into k values (1), (1)").id ==
        ErrorId::MigrationFailed);
  CHECK(failing("select 1/0").id == ErrorId::MigrationFailed);
}

TEST_CASE("no literal of a statement comes back unless asked for") {
  const std::string script =
      "create role r_leak_test; alter role r_leak_test password 'hunter2-secret' valid until "
      "'hunter2-when'";
  CHECK_FALSE(mentions(failing(script), "hunter2"));
  CHECK_FALSE(mentions(failing("select 'hunter2-secret'::int"), "hunter2"));
  CHECK_FALSE(mentions(failing("do $$begin raise 'hunter2-secret'; end$$"), "hunter2"));
  const std::string unique =
      "create table u (a text unique); insert into u values ('hunter2-secret'), ('hunter2-secret')";
  CHECK_FALSE(mentions(failing(unique), "hunter2"));
  const auto open = failing(unique, true);
  CHECK(open.detail.find("hunter2-secret") != std::string::npos);
  CHECK(failing("select 'hunter2-secret'::int", true).message.find("hunter2") != std::string::npos);
  CHECK_FALSE(mentions(
      failing("create table c (a int);\ncopy c from stdin;\nhunter2-secret\n\\.\n"), "hunter2"));
}

TEST_CASE("the server's hint is kept") {
  const auto info = failing("create table t (name text); select nam from t");
  CHECK(info.server_hint.find("t.name") != std::string::npos);
}

TEST_CASE("a server's refusal is told by its SQLSTATE, in any language") {
  const std::vector<std::pair<std::string, ErrorId>> cases{
      {"57P03", ErrorId::Unreachable},          {"53300", ErrorId::Unreachable},
      {"57P01", ErrorId::Unreachable},          {"55000", ErrorId::Unreachable},
      {"08P01", ErrorId::Unreachable},          {"25006", ErrorId::ReadOnly},
      {"28P01", ErrorId::AuthenticationFailed}, {"28000", ErrorId::AuthenticationFailed},
      {"3D000", ErrorId::NoSuchDatabase},       {"42501", ErrorId::PermissionDenied},
  };
  for (const auto& expected : cases) {
    const auto& sqlstate = expected.first;
    CAPTURE(sqlstate);
    const auto info = answered_with(error_response(sqlstate, "questo:  non va: bene"));
    CHECK(info.sqlstate == sqlstate);
    CHECK(info.id == expected.second);
    CHECK(info.message.ends_with("FATALE:  questo:  non va: bene"));
  }
  CHECK(answered_with("").id == ErrorId::Unreachable);
}

TEST_CASE("why a connection can't be made") {
  TempCluster cluster({.tcp = true, .password = "right-one"});
  const auto port = std::to_string(cluster.port());
  const auto failure = [](std::vector<std::pair<std::string, std::string>> keywords) {
    auto settings = to(std::move(keywords));
    settings.attempt_timeout = Milliseconds(3000);
    return failure_of([&] { connect(settings); });
  };
  const auto with = [&](const std::string& user, const std::string& password,
                        const std::string& database) {
    return failure({{"host", "127.0.0.1"},
                    {"port", port},
                    {"user", user},
                    {"password", password},
                    {"dbname", database}});
  };
  SUBCASE("a wrong password") {
    const auto info = with("postgres", "wrong-one", "postgres");
    CHECK(info.id == ErrorId::AuthenticationFailed);
    CHECK(info.sqlstate == "28P01");
    CHECK_FALSE(mentions(info, "wrong-one"));
    CHECK_FALSE(mentions(info, "LOCATION"));
    CHECK(info.message.find("28P01") == std::string::npos);
    CHECK(info.message.find("password authentication failed for user \"postgres\"") !=
          std::string::npos);
  }
  SUBCASE("no password") {
    CHECK(with("postgres", "", "postgres").id == ErrorId::AuthenticationFailed);
  }
  SUBCASE("a role that is not there") {
    CHECK(with("nobody_here", "x", "postgres").id == ErrorId::AuthenticationFailed);
  }
  SUBCASE("a database that is not there") {
    const auto info = with("postgres", "right-one", "no_such_db");
    CHECK(info.id == ErrorId::NoSuchDatabase);
    CHECK(info.sqlstate == "3D000");
  }
  SUBCASE("no right to connect") {
    exec(cluster.url(), "create database closed");
    exec(cluster.url(),
         "create role r_out login password 'right-one'; revoke connect on database closed from "
         "public");
    const auto info = with("r_out", "right-one", "closed");
    CHECK(info.id == ErrorId::PermissionDenied);
    CHECK(engine::retry_class(info) == engine::RetryClass::Never);
  }
  SUBCASE("nobody listens") {
    cluster.stop();
    const auto info = with("postgres", "right-one", "postgres");
    CHECK(info.id == ErrorId::Unreachable);
    CHECK(info.message.find("127.0.0.1") != std::string::npos);
  }
  SUBCASE("a name without an address") {
    const auto info = failure({{"host", "no-such-host.invalid"}, {"user", "postgres"}});
    CHECK(info.id == ErrorId::Unreachable);
    CHECK(info.message.find("no-such-host.invalid") != std::string::npos);
  }
  SUBCASE("an address that does not answer, in bounded time") {
    const SilentListener listener;
    auto settings = to(
        {{"host", "127.0.0.1"}, {"port", std::to_string(listener.port())}, {"user", "postgres"}});
    settings.attempt_timeout = Milliseconds(300);
    const auto before = std::chrono::steady_clock::now();
    CHECK(failure_of([&] { connect(settings); }).id == ErrorId::Unreachable);
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(3));
  }
  SUBCASE("no slot is free") {
    exec(cluster.url(), "create role r_one login connection limit 0");
    const auto info = failure_of([&] { connect(settings_for(cluster.url("postgres", "r_one"))); });
    CHECK(info.id == ErrorId::Unreachable);
    CHECK(info.sqlstate == "53300");
  }
  SUBCASE("a server that is read-only for who wants to write") {
    cluster.configure("default_transaction_read_only", "on");
    cluster.reload();
    await("it is read-only",
          [&] { return value(cluster.url(), "show default_transaction_read_only") == "on"; });
    auto settings = settings_for(cluster.url());
    auto parameters = settings.parameters();
    parameters.keywords.emplace_back("target_session_attrs", "read-write");
    settings.parameters = [parameters] { return parameters; };
    CHECK(failure_of([&] { connect(settings); }).id == ErrorId::ReadOnly);
  }
  SUBCASE("a keyword with a wrong value") {
    CHECK(failure({{"host", "127.0.0.1"}, {"user", "u"}, {"sslmode", "sometimes"}}).id ==
          ErrorId::BadConfiguration);
  }
}
