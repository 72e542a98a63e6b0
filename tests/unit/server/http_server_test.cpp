#include "server/http_server.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "unit/server/raw_client.hpp"

using namespace headway;
using namespace headway::server;
using namespace headway::testing;
using Steady = std::chrono::steady_clock;

namespace {

HttpResponse handler(std::string_view path) {
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", "up 1\n"};
  if (path == "/large") return {200, "text/plain", std::string(4'000'000, 'x')};
  if (path == "/throws") throw std::runtime_error("a broken promise");
  return {404, "text/plain; charset=utf-8", "not found: " + std::string(path) + "\n"};
}

std::unique_ptr<HttpServer> start(const HttpLimits& limits = {}) {
  return start_http_server("127.0.0.1:0", handler, limits);
}

/// Far below every timeout of a connection, and far above what a busy machine adds.
constexpr std::chrono::seconds kAtOnce{3};

constexpr std::string_view kGet = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

/// One request on a connection of its own, answered until the server closes.
std::string ask(const HttpServer& server, std::string_view request) {
  const RawClient client(server.port());
  client.send(request);
  return client.receive();
}

std::string status_line(const std::string& response) {
  return response.substr(0, response.find("\r\n"));
}

}  // namespace

TEST_CASE("GET brings what the handler says") {
  const auto server = start();
  const std::string response =
      ask(*server, "GET /metrics?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(status_line(response) == "HTTP/1.1 200 OK");
  CHECK(response.find("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n") !=
        std::string::npos);
  CHECK(response.find("\r\nContent-Length: 5\r\n") != std::string::npos);
  CHECK(response.find("\r\nConnection: close\r\n") != std::string::npos);
  CHECK(response.ends_with("\r\n\r\nup 1\n"));
}

TEST_CASE("HEAD brings the same header without a body") {
  const auto server = start();
  const std::string response =
      ask(*server, "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(status_line(response) == "HTTP/1.1 200 OK");
  CHECK(response.find("\r\nContent-Length: 5\r\n") != std::string::npos);
  CHECK(response.ends_with("\r\n\r\n"));
}

TEST_CASE("an answer larger than the socket's buffer comes whole") {
  const auto server = start();
  const std::string response = ask(*server, "GET /large HTTP/1.0\r\n\r\n");
  CHECK(response.size() > 4'000'000);
  CHECK(response.ends_with("xxx"));
}

TEST_CASE("what is not for this server is refused with a reason") {
  const auto server = start();
  const auto status = [&](const std::string& request) {
    return status_line(ask(*server, request));
  };
  const std::string close = "Host: x\r\nConnection: close\r\n\r\n";
  CHECK(status("GET /nothing HTTP/1.1\r\n" + close) == "HTTP/1.1 404 Not Found");
  CHECK(status("DELETE /metrics HTTP/1.1\r\n" + close) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(status("BREW /metrics HTTP/1.1\r\n" + close) == "HTTP/1.1 405 Method Not Allowed");
  CHECK(status("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") ==
        "HTTP/1.1 405 Method Not Allowed");
  CHECK(status("GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") ==
        "HTTP/1.1 413 Payload Too Large");
  CHECK(status("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n") ==
        "HTTP/1.1 413 Payload Too Large");
  CHECK(status("GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n") == "HTTP/1.1 400 Bad Request");
  CHECK(status("GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") ==
        "HTTP/1.1 400 Bad Request");
  CHECK(status("hello\r\n\r\n") == "HTTP/1.1 400 Bad Request");
  CHECK(status("GET /metrics HTTP/1.1\r\nno colon\r\n\r\n") == "HTTP/1.1 400 Bad Request");
  CHECK(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == "HTTP/1.1 400 Bad Request");
  CHECK(status(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15)) ==
        "HTTP/1.1 400 Bad Request");  // TLS
  CHECK(status(std::string(100, '\0') + "\r\n\r\n") == "HTTP/1.1 400 Bad Request");
  CHECK(status("GET /throws HTTP/1.1\r\n" + close) == "HTTP/1.1 500 Internal Server Error");
}

TEST_CASE("a header has at most 8 KiB") {
  const auto server = start();
  const std::string head = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ";
  CHECK(status_line(ask(*server, head + std::string(7000, 'c') + "\r\n\r\n")) == "HTTP/1.1 200 OK");
  CHECK(status_line(ask(*server, head + std::string(9000, 'c') + "\r\n\r\n")) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
  CHECK(status_line(ask(*server, "GET /" + std::string(50'000, 'p') + " HTTP/1.1\r\n\r\n")) ==
        "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE("a connection is kept, and pipelined requests are answered in order") {
  const auto server = start();
  const RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    REQUIRE(client.send(kGet));
    CHECK(client.receive("up 1\n").ends_with("up 1\n"));
  }
  REQUIRE(
      client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"
                  "HEAD /c HTTP/1.1\r\nHost: x\r\n\r\n"
                  "GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string all = client.receive();
  const std::size_t a = all.find("not found: /a");
  const std::size_t b = all.find("not found: /b");
  const std::size_t d = all.find("not found: /d");
  REQUIRE(d != std::string::npos);
  CHECK(a < b);
  CHECK(b < d);
  CHECK(all.find("not found: /c") == std::string::npos);
}

TEST_CASE("HTTP/1.0 closes, and a proxy's form of the target is understood") {
  const auto server = start();
  CHECK(ask(*server, "GET /metrics HTTP/1.0\r\n\r\n").ends_with("up 1\n"));
  CHECK(ask(*server, "GET http://h:1/metrics HTTP/1.0\r\n\r\n").ends_with("up 1\n"));
  CHECK(ask(*server, "GET http://h HTTP/1.0\r\n\r\n").ends_with("not found: /\n"));
}

TEST_CASE("a client that sends byte by byte is answered, and blocks nobody") {
  const auto server = start();
  const RawClient slow(server->port());
  for (std::size_t i = 0; i < kGet.size(); ++i) {
    REQUIRE(slow.send(kGet.substr(i, 1)));
    if (i % 10 == 0) {
      const RawClient quick(server->port());
      REQUIRE(quick.send(kGet));
      CHECK(quick.receive("up 1\n").ends_with("up 1\n"));
    }
  }
  CHECK(slow.receive("up 1\n").ends_with("up 1\n"));
}

TEST_CASE("a request that does not get finished ends with its time") {
  HttpLimits limits;
  limits.request = Milliseconds{150};
  const auto server = start(limits);
  const RawClient silent(server->port());
  const RawClient dribbling(server->port());
  const auto begin = Steady::now();
  bool alive = true;
  while (alive && Steady::now() - begin < std::chrono::seconds{10}) {
    alive = dribbling.send("G") && !dribbling.closed(Milliseconds{10});
  }
  CHECK_FALSE(alive);
  CHECK(Steady::now() - begin >= Milliseconds{140});
  CHECK(Steady::now() - begin < std::chrono::seconds{5});
  CHECK(silent.closed(std::chrono::seconds{5}));
}

TEST_CASE("a client that does not read its answer ends with its time") {
  HttpLimits limits;
  limits.request = Milliseconds{150};
  const auto server = start(limits);
  const RawClient deaf(server->port());
  for (int i = 0; i < 20; ++i) deaf.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(Milliseconds{400});  // the time itself is what is tested
  const std::string got = deaf.receive();
  CHECK(got.size() < 20 * std::size_t{4'000'000});
  CHECK(got.find("<nothing more came>") == std::string::npos);
}

TEST_CASE("an idle connection ends with its time") {
  HttpLimits limits;
  limits.idle = Milliseconds{100};
  const auto server = start(limits);
  const RawClient client(server->port());
  REQUIRE(client.send(kGet));
  CHECK(client.receive("up 1\n").ends_with("up 1\n"));
  CHECK_FALSE(client.closed(Milliseconds{30}));
  CHECK(client.closed(std::chrono::seconds{5}));
}

TEST_CASE("a full house lets the newcomer in and the quietest go") {
  HttpLimits limits;
  limits.connections = 3;
  const auto server = start(limits);
  std::deque<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(server->port());
    REQUIRE(clients.back().send(kGet));
    CHECK(clients.back().receive("up 1\n").ends_with("up 1\n"));
  }
  REQUIRE(clients[0].send(kGet));  // now the second is the quietest
  CHECK(clients[0].receive("up 1\n").ends_with("up 1\n"));
  const RawClient newcomer(server->port());
  REQUIRE(newcomer.send(kGet));
  CHECK(newcomer.receive("up 1\n").ends_with("up 1\n"));
  CHECK(clients[1].closed(std::chrono::seconds{5}));
  CHECK_FALSE(clients[0].closed(Milliseconds{0}));
  CHECK_FALSE(clients[2].closed(Milliseconds{0}));
}

TEST_CASE("a thousand idle connections keep nobody out, and the server stops at once") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_cur < 2500) return;  // both ends of the connections are ours
  auto server = start();
  std::deque<RawClient> idle;
  for (int i = 0; i < 1000; ++i) idle.emplace_back(server->port());
  const RawClient client(server->port());
  REQUIRE(client.send(kGet));
  CHECK(client.receive("up 1\n").ends_with("up 1\n"));
  CHECK_FALSE(idle.front().closed(Milliseconds{0}));
  const auto begin = Steady::now();
  server.reset();
  CHECK(Steady::now() - begin < kAtOnce);
  CHECK(idle.front().closed(std::chrono::seconds{5}));
}

TEST_CASE("a server stops while requests are under way") {
  auto server = start();
  const RawClient half(server->port());
  REQUIRE(half.send("GET /met"));
  const RawClient deaf(server->port());
  REQUIRE(deaf.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto begin = Steady::now();
  server.reset();
  CHECK(Steady::now() - begin < kAtOnce);
}

TEST_CASE("a client that is gone before its answer does no harm") {
  const auto server = start();
  for (int i = 0; i < 50; ++i) {
    const RawClient client(server->port());
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  CHECK(ask(*server, "GET /metrics HTTP/1.0\r\n\r\n").ends_with("up 1\n"));
}

TEST_CASE("addresses that are taken or can't be are refused by name") {
  const auto server = start();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  for (const std::string& address : {taken, std::string("192.0.2.1:0"), std::string("9490"),
                                     std::string("no.such.host.invalid:1")}) {
    CAPTURE(address);
    try {
      const auto never = start_http_server(address, handler);
      FAIL("nothing was thrown");
    } catch (const Error& error) {
      CHECK(error.id() == ErrorId::BadConfiguration);
      CHECK(error.info().message.find(address) != std::string::npos);
    }
  }
}

TEST_CASE("without a host it listens on all addresses") {
  const auto server = start_http_server(":0", handler);
  CHECK(ask(*server, "GET /metrics HTTP/1.0\r\n\r\n").ends_with("up 1\n"));
}
