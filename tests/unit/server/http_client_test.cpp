#include "server/http_client.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

using namespace headway;
using namespace headway::server;
using Steady = std::chrono::steady_clock;

namespace {

/// Listens on a loopback port; `serve` gets the first connection on a thread.
class Peer {
 public:
  explicit Peer(std::function<void(int)> serve = {})
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_, 8) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    if (serve) {
      thread_ = std::thread([this, serve = std::move(serve)] {
        const int connection = ::accept(fd_, nullptr, nullptr);
        if (connection < 0) return;
        serve(connection);
        ::close(connection);
      });
    }
  }
  ~Peer() {
    ::shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(fd_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string receive_until(int fd, std::string_view end) {
  std::string out;
  char buffer[4096];
  while (out.find(end) == std::string::npos) {
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    out.append(buffer, static_cast<std::size_t>(n));
  }
  return out;
}

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// A peer that reads a request that ends with "body" and answers `response`.
HttpResult answered(const std::string& response, std::string* request = nullptr,
                    const std::string& credentials = "") {
  const Peer peer([&](int fd) {
    const std::string got = receive_until(fd, "body");
    if (request != nullptr) *request = got;
    send_all(fd, response);
  });
  return http_post("http://" + credentials + peer.host() + "/x", "text/plain", "body",
                   std::chrono::seconds{20});
}

}  // namespace

TEST_CASE("a POST sends its body and brings the answer") {
  std::string request;
  const HttpResult result =
      answered("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok", &request);
  CHECK(result.problem.empty());
  CHECK(result.status == 202);
  CHECK(result.body == "ok");
  CHECK(request.starts_with("POST /x HTTP/1.1\r\nHost: 127.0.0.1:"));
  CHECK(request.find("\r\nContent-Type: text/plain\r\n") != std::string::npos);
  CHECK(request.find("\r\nContent-Length: 4\r\n") != std::string::npos);
  CHECK(request.find("Authorization") == std::string::npos);
  CHECK(request.ends_with("\r\n\r\nbody"));
}

TEST_CASE("credentials of the URL become Basic authentication") {
  std::string request;
  const HttpResult result =
      answered("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", &request, "me:s%3Acret@");
  CHECK(result.status == 401);
  CHECK(request.find("\r\nAuthorization: Basic bWU6czpjcmV0\r\n") != std::string::npos);
  CHECK(request.find("Host: 127") != std::string::npos);
}

TEST_CASE("answers are read in every form HTTP has for them") {
  CHECK(answered("HTTP/1.1 200 OK\r\n\r\nuntil the end").body == "until the end");
  CHECK(
      answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").body ==
      "abc");
  CHECK(answered("HTTP/1.1 204 No Content\r\n\r\n").status == 204);
  CHECK(
      answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx").body ==
      "x");
  const HttpResult redirect =
      answered("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n");
  CHECK(redirect.status == 302);
  CHECK(redirect.problem.empty());
}

TEST_CASE("of a long answer the first 4 KiB are kept") {
  const HttpResult result = answered(
      "HTTP/1.1 500 Internal Server Error\r\nContent-Length: "
      "5000000\r\n\r\n" +
      std::string(5'000'000, 'x'));
  CHECK(result.status == 500);
  CHECK(result.body == std::string(4096, 'x'));
}

TEST_CASE("what is no answer is a problem") {
  const HttpResult empty = answered("");
  CHECK(empty.status == 0);
  CHECK(empty.problem.find("closed the connection without an answer") != std::string::npos);
  CHECK(answered("HTTP/1.1 200 OK\r\nContent-Le").problem.find("without an answer") !=
        std::string::npos);
  CHECK(answered("SSH-2.0-OpenSSH_9.2\r\n").problem.find("does not answer in HTTP") !=
        std::string::npos);
  CHECK(answered("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')).status == 0);
}

TEST_CASE("a server that hangs costs the timeout and no more") {
  const auto bounded = [](const std::string& url) {
    const auto begin = Steady::now();
    const HttpResult result = http_post(url, "text/plain", "body", Milliseconds{150});
    const auto took = Steady::now() - begin;
    CHECK(result.status == 0);
    CHECK_FALSE(result.problem.empty());
    CHECK(took >= Milliseconds{140});
    CHECK(took < std::chrono::seconds{5});
    return result.problem;
  };
  const Peer silent;  // the kernel accepts for it
  CHECK(bounded("http://" + silent.host() + "/").find("in time") != std::string::npos);
  bounded("https://" + silent.host() + "/");
  const Peer dribbling([](int fd) {
    for (int i = 0; i < 1000; ++i) {
      if (::send(fd, "H", i < 1 ? 1 : 0, MSG_NOSIGNAL) < 0) return;
      char byte = 0;
      if (::recv(fd, &byte, 1, 0) <= 0) return;
    }
  });
  bounded("http://" + dribbling.host() + "/");
}

TEST_CASE("a problem names the host and never the credentials") {
  std::string closed;
  {
    const Peer peer;
    closed = peer.host();
  }
  const auto problem = [](const std::string& url) {
    const HttpResult result = http_post(url, "text/plain", "", std::chrono::seconds{20});
    CHECK(result.status == 0);
    CHECK(result.problem.find("s3cret") == std::string::npos);
    return result.problem;
  };
  CHECK(problem("http://me:s3cret@" + closed + "/").find("no connection to " + closed) == 0);
  CHECK(problem("http://me:s3cret@no.such.host.invalid/").find("no.such.host.invalid") !=
        std::string::npos);
  CHECK(problem("me:s3cret@host").find("http://HOST") != std::string::npos);
}

TEST_CASE("a plain server behind https is a TLS problem") {
  const Peer peer([](int fd) {
    char buffer[512];
    if (::recv(fd, buffer, sizeof buffer, 0) > 0) send_all(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const HttpResult result =
      http_post("https://" + peer.host() + "/", "text/plain", "", std::chrono::seconds{20});
  CHECK(result.status == 0);
  CHECK(result.problem.find("no TLS connection to " + peer.host()) == 0);
}
