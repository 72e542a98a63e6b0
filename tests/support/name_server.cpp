#include "support/name_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace headway::testing {

namespace {

constexpr std::size_t kHeaderSize = 12;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("name server: " + what + ": " + std::strerror(errno));
}

/// The first question of a message: its name, its type and where it ends.
struct Question {
  std::string name;
  unsigned type = 0;
  std::size_t end = 0;
};

Question question_of(std::string_view message) {
  const auto byte = [&](std::size_t at) -> unsigned {
    return static_cast<unsigned char>(message.at(at));
  };
  Question out;
  std::size_t at = kHeaderSize;
  for (unsigned length = 0; (length = byte(at)) > 0; at += length + 1) {
    if (!out.name.empty()) out.name += '.';
    out.name += message.substr(at + 1, length);
  }
  out.type = byte(at + 1) << 8U | byte(at + 2);
  out.end = at + 5;  // the end of the name, the type and the class
  return out;
}

}  // namespace

NameServer::NameServer(std::string host, std::string host_address)
    : host_(std::move(host)), host_address_(std::move(host_address)) {
  socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("cannot make a socket");
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(53);
  // All of 127/8 is this machine, and another test may run beside this one.
  const auto pid = static_cast<std::uint32_t>(getpid());
  place.sin_addr.s_addr = htonl(0x7F350000U | (pid & 0xFFFFU));
  std::array<char, INET_ADDRSTRLEN> text{};
  address_ = inet_ntop(AF_INET, &place.sin_addr, text.data(), text.size());
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
    const int reason = errno;
    close(socket_);
    errno = reason;
    fail("cannot listen on " + address_ + ":53");
  }
  stop_ = eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  eventfd_write(stop_, 1);
  thread_.join();
  close(stop_);
  close(socket_);
}

void NameServer::serve() const {
  for (;;) {
    std::array<pollfd, 2> fds{{{socket_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    poll(fds.data(), fds.size(), -1);
    if (fds[1].revents != 0) return;
    std::array<char, 1500> buffer{};
    sockaddr_in client{};
    socklen_t length = sizeof client;
    auto* generic = reinterpret_cast<sockaddr*>(&client);
    const ssize_t n =
        recvfrom(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT, generic, &length);
    if (n < static_cast<ssize_t>(kHeaderSize)) continue;
    const std::string reply = answer({buffer.data(), static_cast<std::size_t>(n)});
    sendto(socket_, reply.data(), reply.size(), 0, generic, length);
  }
}

std::string NameServer::answer(const std::string& query) const {
  using namespace std::string_literals;
  static constexpr unsigned kAddress = 1;  // a record of type A
  const Question question = question_of(query);
  const bool known = question.name == host_;
  const bool told = known && question.type == kAddress;
  // Recursion was wanted and is available; 3: there is no such name.
  std::string out = query.substr(0, 2) + '\x81' + (known ? '\x80' : '\x83');
  out += "\0\1\0"s + (told ? '\1' : '\0') + "\0\0\0\0"s;
  out += query.substr(kHeaderSize, question.end - kHeaderSize);
  if (told) {
    in_addr address{};
    inet_pton(AF_INET, host_address_.c_str(), &address);
    // The name of the question, type and class, a minute to keep it, four bytes.
    out += "\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4"s;
    out.append(reinterpret_cast<const char*>(&address), sizeof address);
  }
  return out;
}

}  // namespace headway::testing
