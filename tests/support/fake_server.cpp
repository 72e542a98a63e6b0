#include "support/fake_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

namespace headway::testing {

namespace {

constexpr std::uint32_t kSslRequest = 80877103;
constexpr std::uint32_t kGssRequest = 80877104;

std::string number(std::uint32_t value) {
  const std::uint32_t bytes = htonl(value);
  return {reinterpret_cast<const char*>(&bytes), sizeof bytes};
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return ntohl(value);
}

std::string message(char type, const std::string& body) {
  return type + number(static_cast<std::uint32_t>(body.size() + sizeof(std::uint32_t))) + body;
}

std::string parameter(std::string_view name, std::string_view value) {
  std::string body(name);
  body += '\0';
  body += value;
  body += '\0';
  return message('S', body);
}

/// Empty: the client has gone.
std::optional<std::string> read_exactly(int fd, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = recv(fd, out.data() + done, size - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    done += static_cast<std::size_t>(got);
  }
  return out;
}

/// What follows a message's type: its own length, and then that many bytes.
std::optional<std::string> read_body(int fd) {
  const auto length = read_exactly(fd, sizeof(std::uint32_t));
  if (!length || number_at(*length, 0) < sizeof(std::uint32_t)) return std::nullopt;
  return read_exactly(fd, number_at(*length, 0) - sizeof(std::uint32_t));
}

void send_all(int fd, const std::string& bytes) {
  // A client that has gone is noticed when it is read from.
  [[maybe_unused]] const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

FakeServer::FakeServer(std::string version) : version_(std::move(version)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = dir_.path().string() + "/.s.PGSQL.5432";
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0 ||
      bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 8) != 0) {
    throw std::runtime_error("fake server: " + std::string(std::strerror(errno)));
  }
  thread_ = std::thread([this] { serve(); });
}

FakeServer::~FakeServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    if (client_ >= 0) shutdown(client_, SHUT_RDWR);
  }
  thread_.join();
  close(listener_);
}

std::string FakeServer::url() const {
  return "postgresql://postgres@/postgres?host=" + dir_.path().string();
}

std::string FakeServer::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void FakeServer::serve() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0 && errno == EINTR) continue;
    if (client < 0) return;
    {
      const std::lock_guard lock(mutex_);
      client_ = client;
      if (stopping_) shutdown(client, SHUT_RDWR);
    }
    talk_to(client);
    const std::lock_guard lock(mutex_);
    client_ = -1;
    close(client);
  }
}

void FakeServer::talk_to(int client) {
  auto start = read_body(client);
  while (start && start->size() == sizeof(std::uint32_t) &&
         (number_at(*start, 0) == kSslRequest || number_at(*start, 0) == kGssRequest)) {
    send_all(client, "N");
    start = read_body(client);
  }
  if (!start) return;
  send_all(client, message('R', number(0)) + parameter("server_version", version_) +
                       parameter("client_encoding", "UTF8") +
                       parameter("standard_conforming_strings", "on") +
                       message('K', number(4711) + number(42)) + message('Z', "I"));
  while (const auto type = read_exactly(client, 1)) {
    if (!read_body(client)) return;
    const std::lock_guard lock(mutex_);
    heard_ += *type;
  }
}

}  // namespace headway::testing
