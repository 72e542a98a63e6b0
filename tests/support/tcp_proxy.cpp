#include "support/tcp_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "support/await.hpp"
#include "support/sql.hpp"
#include "support/temp_dir.hpp"

namespace headway::testing {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr const char* kSocketPort = "5432";
constexpr std::size_t kFull = std::size_t{1} << 20U;  // beyond it the sender has to wait

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("proxy: " + what + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  /// As a network does: the peer gets a reset, not a farewell.
  void reset() {
    const linger at_once{1, 0};
    if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

 private:
  int fd_;
};

sockaddr_un socket_address(const std::string& directory, const std::string& port) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory + "/.s.PGSQL." + port;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Descriptor listen_on_socket(const std::string& directory) {
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = socket_address(directory, kSocketPort);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(address.sun_path, 0777) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
    fail("cannot listen");
  }
  return fd;
}

Descriptor listen_on_port(int& port) {
  Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), generic, length) != 0 || listen(fd.get(), SOMAXCONN) != 0 ||
      getsockname(fd.get(), generic, &length) != 0) {
    fail("cannot listen");
  }
  port = ntohs(address.sin_port);
  return fd;
}

/// Where the messages of a client end: a type and a length, but for the first, which has no type.
class ClientMessages {
 public:
  /// Goes on through `data`; returns the end of the message that reaches to `position` or beyond,
  /// at most data.size().
  std::size_t pass(std::string_view data, std::size_t position) {
    std::size_t out = data.size();
    for (std::size_t at = 0; at < data.size();) {
      if (left_ == 0) {
        header_ += data[at++];
        if (header_.size() == header_size()) begin_body();
      } else {
        const std::size_t step = std::min(left_, data.size() - at);
        left_ -= step;
        at += step;
      }
      if (left_ == 0 && header_.empty() && at >= position) out = std::min(out, at);
    }
    return out;
  }

 private:
  // Of a first message the code behind the length counts as well.
  [[nodiscard]] std::size_t header_size() const { return first_ ? 8 : 5; }

  void begin_body() {
    static constexpr std::uint32_t kSslRequest = 80877103;
    static constexpr std::uint32_t kGssRequest = 80877104;
    const std::uint32_t length = number_at(first_ ? 0 : 1);
    left_ = first_ ? length - 8 : length - 4;
    // Behind these the real first message follows.
    const bool again = first_ && (number_at(4) == kSslRequest || number_at(4) == kGssRequest);
    first_ = again;
    header_.clear();
  }

  [[nodiscard]] std::uint32_t number_at(std::size_t at) const {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      out = out << 8U | static_cast<unsigned char>(header_[at + i]);
    }
    return out;
  }

  bool first_ = true;
  std::string header_;
  std::size_t left_ = 0;
};

/// What goes one way.
struct Flow {
  struct Piece {
    steady_clock::time_point due;
    std::string data;
  };
  std::deque<Piece> queue;
  std::size_t queued = 0;
  std::string tail;    // the end of what was seen: a pattern may come in two pieces
  bool ended = false;  // the sender has said farewell
  bool ended_told = false;
};

struct Link {
  Descriptor client;
  Descriptor server;
  Flow up;    // from client to server
  Flow down;  // from server to client
  ClientMessages messages;
  bool stalled = false;
  bool abandoned = false;  // CutClient: what the server says is dropped
};

}  // namespace

class TcpProxy::Impl {
 public:
  explicit Impl(const TempCluster& cluster)
      : cluster_(
            socket_address(cluster.socket_directory().string(), std::to_string(cluster.port()))),
        socket_(listen_on_socket(dir_.path().string())),
        tcp_(listen_on_port(port_)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::thread([this] { work(); });
  }

  ~Impl() {
    change([this] { stop_ = true; });
    thread_.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Every change from outside wakes the thread.
  template <typename Action>
  void change(Action action) {
    {
      const std::lock_guard lock(mutex_);
      action();
    }
    const std::uint64_t one = 1;
    if (write(wake_.get(), &one, sizeof one) < 0 && errno != EAGAIN) fail("cannot wake");
  }

  template <typename Question>
  auto ask(Question question) const {
    const std::lock_guard lock(mutex_);
    return question();
  }

  struct Armed {
    Trigger trigger;
    int seen = 0;
  };

  static void abandon(Link& link) {
    link.client.reset();
    link.abandoned = true;
    link.down = {};
  }

  TempDir dir_{"hw-net"};
  int port_ = 0;
  std::vector<Armed> armed_;
  int fired_ = 0;
  int connections_ = 0;
  bool refuse_ = false;
  milliseconds delay_{0};
  std::list<Link> links_;

 private:
  void work() {
    for (;;) {
      std::vector<pollfd> fds;
      milliseconds timeout{};
      {
        const std::lock_guard lock(mutex_);
        if (stop_) return;
        fds = watched();
        timeout = time_to_next();
      }
      poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
      const std::lock_guard lock(mutex_);
      std::uint64_t ignored = 0;
      while (read(wake_.get(), &ignored, sizeof ignored) > 0) continue;
      accept_from(socket_);
      accept_from(tcp_);
      for (auto& link : links_) serve(link);
      std::erase_if(links_, [](const Link& link) { return is_over(link); });
    }
  }

  [[nodiscard]] std::vector<pollfd> watched() const {
    std::vector<pollfd> out{
        {wake_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}};
    const auto now = steady_clock::now();
    for (const auto& link : links_) {
      if (link.stalled) continue;
      watch(out, link.client, link.up, link.down, now);
      watch(out, link.server, link.down, link.up, now);
    }
    return out;
  }

  static void watch(std::vector<pollfd>& out, const Descriptor& fd, const Flow& from_it,
                    const Flow& to_it, steady_clock::time_point now) {
    short events = 0;
    if (!from_it.ended && from_it.queued < kFull) events |= POLLIN;
    if (!to_it.queue.empty() && to_it.queue.front().due <= now) events |= POLLOUT;
    if (fd.open() && events != 0) out.push_back({fd.get(), events, 0});
  }

  /// -1, poll's "for ever", when nothing is delayed.
  [[nodiscard]] milliseconds time_to_next() const {
    milliseconds out{-1};
    const auto now = steady_clock::now();
    for (const auto& link : links_) {
      if (link.stalled) continue;
      for (const Flow* flow : {&link.up, &link.down}) {
        if (flow->queue.empty() || flow->queue.front().due <= now) continue;
        const auto left = std::chrono::ceil<milliseconds>(flow->queue.front().due - now);
        out = out.count() < 0 ? left : std::min(out, left);
      }
    }
    return out;
  }

  void accept_from(const Descriptor& listener) {
    for (;;) {
      Descriptor client(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!client.open()) return;
      ++connections_;
      if (refuse_) {
        client.reset();
        continue;
      }
      Descriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (connect(server.get(), reinterpret_cast<const sockaddr*>(&cluster_), sizeof cluster_) !=
          0) {
        client.reset();  // the server is down
        continue;
      }
      fcntl(server.get(), F_SETFL, O_NONBLOCK);
      Link link;
      link.client = std::move(client);
      link.server = std::move(server);
      links_.push_back(std::move(link));
    }
  }

  void serve(Link& link) {
    receive(link, From::Client);
    receive(link, From::Server);
    if (link.stalled) return;
    send(link.up, link.server);
    send(link.down, link.client);
  }

  void receive(Link& link, From from) {
    Flow& flow = from == From::Client ? link.up : link.down;
    std::array<char, 65536> buffer{};
    while (!link.stalled && !flow.ended && flow.queued < kFull) {
      // A trigger closes both.
      const Descriptor& fd = from == From::Client ? link.client : link.server;
      if (!fd.open()) return;
      const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (n <= 0) {
        flow.ended = true;
        return;
      }
      if (!link.abandoned) take(link, from, {buffer.data(), static_cast<std::size_t>(n)});
    }
  }

  void take(Link& link, From from, std::string_view data) {
    Flow& flow = from == From::Client ? link.up : link.down;
    std::size_t end = std::string_view::npos;
    const auto fires = [&](Armed& armed) {
      if (end != std::string_view::npos || armed.trigger.from != from) return false;
      end = find_end(armed, flow.tail, data);
      return end != std::string_view::npos;
    };
    const auto armed = std::find_if(armed_.begin(), armed_.end(), fires);
    const bool fired = armed != armed_.end();
    const std::size_t message_end =
        from == From::Client ? link.messages.pass(data, fired ? end : 0) : data.size();
    remember(flow, data);
    if (!fired) return enqueue(flow, data);

    const Trigger trigger = armed->trigger;
    armed_.erase(armed);
    // What of the pattern went ahead in an earlier piece can't be called back.
    const std::size_t split =
        trigger.when == When::Before ? end - std::min(end, trigger.bytes.size()) : message_end;
    enqueue(flow, data.substr(0, split));
    fire(link, trigger);
    if (link.stalled) enqueue(flow, data.substr(split));
  }

  /// Where in `data` the bytes end that make the trigger fire.
  static std::size_t find_end(Armed& armed, const std::string& tail, std::string_view data) {
    const std::string& bytes = armed.trigger.bytes;
    const std::size_t kept = std::min(tail.size(), bytes.size() - 1);
    const std::string text = tail.substr(tail.size() - kept) + std::string(data);
    for (std::size_t at = 0; (at = text.find(bytes, at)) != std::string::npos; ++at) {
      if (++armed.seen == armed.trigger.occurrence) return at + bytes.size() - kept;
    }
    return std::string_view::npos;
  }

  static void remember(Flow& flow, std::string_view data) {
    static constexpr std::size_t kLongestPattern = 1024;
    flow.tail += data;
    if (flow.tail.size() > kLongestPattern) flow.tail.erase(0, flow.tail.size() - kLongestPattern);
  }

  void enqueue(Flow& flow, std::string_view data) const {
    if (data.empty()) return;
    flow.queue.push_back({steady_clock::now() + delay_, std::string(data)});
    flow.queued += data.size();
  }

  void fire(Link& link, const Trigger& trigger) {
    ++fired_;
    if (trigger.when == When::After) {  // delayed or not, it has to arrive
      Flow& flow = trigger.from == From::Client ? link.up : link.down;
      for (auto& piece : flow.queue) piece.due = {};
      send(flow, trigger.from == From::Client ? link.server : link.client);
    }
    switch (trigger.then) {
      case Then::Stall: link.stalled = true; return;
      case Then::CutClient: abandon(link); return;
      case Then::Cut: link.client.reset(); link.server.close();
    }
  }

  static void send(Flow& flow, Descriptor& to) {
    while (to.open() && !flow.queue.empty() && flow.queue.front().due <= steady_clock::now()) {
      std::string& data = flow.queue.front().data;
      const ssize_t n = ::send(to.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (n < 0) return to.close();
      flow.queued -= static_cast<std::size_t>(n);
      data.erase(0, static_cast<std::size_t>(n));
      if (data.empty()) flow.queue.pop_front();
    }
    if (flow.ended && !flow.ended_told && flow.queue.empty() && to.open()) {
      shutdown(to.get(), SHUT_WR);
      flow.ended_told = true;
    }
  }

  static bool is_over(const Link& link) {
    if (link.stalled) return false;
    if (link.abandoned) return link.down.ended || !link.server.open();
    if (!link.client.open() || !link.server.open()) return true;
    // A server that has ended reads no more; a client that has ended still gets the rest.
    return link.down.ended_told || (link.up.ended_told && link.down.ended);
  }

  sockaddr_un cluster_;
  Descriptor socket_;
  Descriptor tcp_;
  Descriptor wake_;
  mutable std::mutex mutex_;
  bool stop_ = false;
  std::thread thread_;
};

TcpProxy::TcpProxy(const TempCluster& cluster) : impl_(std::make_unique<Impl>(cluster)) {}
TcpProxy::~TcpProxy() = default;

std::string TcpProxy::url(std::string_view database, std::string_view user) const {
  return "postgresql://" + percent_encode(user) + "@/" + percent_encode(database) +
         "?host=" + impl_->dir_.path().string();
}

std::string TcpProxy::tcp_url(std::string_view database, std::string_view user) const {
  return "postgresql://" + percent_encode(user) + "@127.0.0.1:" + std::to_string(impl_->port_) +
         "/" + percent_encode(database);
}

std::string TcpProxy::through(const std::string& cluster_url) const {
  return url(database_of(cluster_url));
}

void TcpProxy::arm(Trigger trigger) {
  if (trigger.bytes.empty()) throw std::runtime_error("a trigger needs bytes");
  impl_->change([&] { impl_->armed_.push_back({std::move(trigger)}); });
}

int TcpProxy::fired() const {
  return impl_->ask([this] { return impl_->fired_; });
}

void TcpProxy::await_fired(int count) const {
  await("the proxy's trigger has fired", [&] { return fired() >= count; });
}

void TcpProxy::cut() {
  impl_->change([this] {
    for (auto& link : impl_->links_) link.client.reset();
    impl_->links_.clear();
  });
}

void TcpProxy::cut_clients() {
  impl_->change([this] {
    for (auto& link : impl_->links_) Impl::abandon(link);
  });
}

void TcpProxy::resume() {
  impl_->change([this] {
    for (auto& link : impl_->links_) link.stalled = false;
  });
}

void TcpProxy::release() {
  impl_->change(
      [this] { std::erase_if(impl_->links_, [](const Link& link) { return link.abandoned; }); });
}

void TcpProxy::refuse(bool on) {
  impl_->change([&] { impl_->refuse_ = on; });
}

void TcpProxy::delay(milliseconds each_way) {
  impl_->change([&] { impl_->delay_ = each_way; });
}

int TcpProxy::connections() const {
  return impl_->ask([this] { return impl_->connections_; });
}

int TcpProxy::open_connections() const {
  return impl_->ask([this] { return static_cast<int>(impl_->links_.size()); });
}

}  // namespace headway::testing
