// All connections live on one thread, so nothing here is locked.  What a client can cost is fixed:
// kBufferSize bytes, one timer, and its place in a list from which the one that has been quiet for
// longest is thrown out when the house is full.
//
// The bytes are read and written here and only parsed by Beast: its stream algorithms would bring
// four times the code for what is one read and one write.
#include "server/http_server.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <exception>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "server/listen_address.hpp"

namespace headway::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
// The executor's real type: the type-erased default costs code and an allocation per handler.
using Executor = asio::io_context::executor_type;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using asio::ip::tcp;

constexpr std::size_t kHeaderLimit = 8 * 1024;
constexpr std::size_t kBufferSize = 2 * kHeaderLimit;
/// Descriptors that connections must leave alone: the database, files, the log.
constexpr std::size_t kReservedDescriptors = 100;
constexpr std::chrono::milliseconds kAcceptPause{50};

class Connection;
using Connections = std::list<std::shared_ptr<Connection>>;

/// What connections share.  They are destroyed before it.
struct House {
  HttpHandler handler;
  HttpLimits limits;
  Connections connections;  ///< longest without a finished request first
};

std::string serialized(const HttpResponse& response, std::string_view extra, bool head,
                       bool keep_alive) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{}\r\n",
      response.status, std::string_view(reason.data(), reason.size()), response.content_type,
      response.body.size(), keep_alive ? "keep-alive" : "close", extra);
  if (!head) out += response.body;
  return out;
}

HttpResponse plain(int status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", fmt::format("{}\n", text)};
}

/// The path of a request target: without query, without the scheme and host of a proxy's form.
std::string_view path_of(std::string_view target) {
  if (!target.starts_with('/')) {
    const std::size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const std::size_t slash = target.find('/', scheme + 3);
      target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
  }
  return target.substr(0, target.find_first_of("?#"));
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, House& house)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        buffer_(kBufferSize),
        house_(house) {}

  void start(Connections::iterator place) {
    place_ = place;
    wait_at_most(house_.limits.request);
    next_request();
  }

  /// Leaves the house; handlers that are under way find the socket closed.
  void close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    house_.connections.erase(place_);  // *this lives on in the caller's hands
  }

 private:
  using Parser = http::request_parser<http::empty_body>;

  void wait_at_most(Milliseconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      // One that had struck already when it was set anew comes without an error.
      if (!error && self->timer_.expiry() <= std::chrono::steady_clock::now()) self->close();
    });
  }

  void next_request() {
    parser_.emplace();
    parser_->eager(false);
    parser_->header_limit(kHeaderLimit);
    in_request_ = false;
    if (buffer_.size() > 0) {
      parse();  // pipelined
    } else {
      buffer_.shrink_to_fit();
      read();
    }
  }

  void read() {
    const std::size_t room = std::min(buffer_.max_size() - buffer_.size(), kHeaderLimit / 4);
    socket_.async_read_some(buffer_.prepare(room),
                            [self = shared_from_this()](error_code error, std::size_t count) {
                              self->on_read(error, count);
                            });
  }

  void on_read(error_code error, std::size_t count) {
    if (closed_) return;
    if (error) return close();
    buffer_.commit(count);
    parse();
  }

  void parse() {
    if (!in_request_) {
      in_request_ = true;
      wait_at_most(house_.limits.request);
    }
    error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http::error::need_more) {
      if (buffer_.size() < buffer_.max_size()) return read();
      error = http::error::header_limit;
    }
    if (error == http::error::header_limit) {
      return refuse(plain(431, "the request's header is larger than 8 KiB"));
    }
    if (error) return refuse(plain(400, "this is not an HTTP request"));
    if (!parser_->is_header_done()) return read();
    answer();
  }

  void answer() {
    const auto& request = parser_->get();
    const auto length = parser_->content_length();
    const bool has_body = parser_->chunked() || (length && *length > 0);
    const bool keep_alive = request.keep_alive() && !has_body;
    if (request.version() == 11 && request.count(http::field::host) != 1) {
      return refuse(plain(400, "the request does not name its host"));
    }
    const bool head = request.method() == http::verb::head;
    if (!head && request.method() != http::verb::get) {
      return respond(
          serialized(plain(405, "only GET and HEAD"), "Allow: GET, HEAD\r\n", false, keep_alive),
          keep_alive);
    }
    if (has_body) return refuse(plain(413, "a request here has no body"));
    const std::string_view target(request.target().data(), request.target().size());
    respond(serialized(handled(path_of(target)), "", head, keep_alive), keep_alive);
  }

  [[nodiscard]] HttpResponse handled(std::string_view path) const {
    try {
      return house_.handler(path);
    } catch (const std::exception&) {
      return plain(500, "internal error");  // it breaks its promise; that ends no other connection
    }
  }

  void refuse(const HttpResponse& response) {
    respond(serialized(response, "", false, false), false);
  }

  void respond(std::string text, bool keep_alive) {
    response_ = std::move(text);
    asio::async_write(socket_, asio::buffer(response_),
                      [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                        self->on_written(error, keep_alive);
                      });
  }

  void on_written(error_code error, bool keep_alive) {
    if (closed_) return;
    if (error) return close();
    if (!keep_alive) {
      // Unread input would turn the close into a reset, which can eat the answer on its way: say
      // that we are done, and let the client hang up.
      socket_.shutdown(tcp::socket::shutdown_send, error);
      buffer_.clear();
      return drain();
    }
    response_ = {};
    house_.connections.splice(house_.connections.end(), house_.connections, place_);
    wait_at_most(house_.limits.idle);
    next_request();
  }

  /// Until the client hangs up or the timer of the request strikes.
  void drain() {
    socket_.async_read_some(buffer_.prepare(kHeaderLimit / 4),
                            [self = shared_from_this()](error_code error, std::size_t count) {
                              if (self->closed_) return;
                              self->drained_ += count;
                              if (error || self->drained_ > kDrainLimit) return self->close();
                              self->drain();
                            });
  }

  static constexpr std::size_t kDrainLimit = std::size_t{1024} * 1024;

  Socket socket_;
  Timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string response_;
  House& house_;
  Connections::iterator place_;
  std::size_t drained_ = 0;
  bool in_request_ = false;
  bool closed_ = false;
};

/// Makes room for `wanted` connections where the soft limit is the historic 1024; the hard limit of
/// a container is far above.  Returns how many may be open at once.
std::size_t connection_limit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::min(wanted, kReservedDescriptors);
  if (limit.rlim_cur < wanted + kReservedDescriptors) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(wanted + kReservedDescriptors, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  const rlim_t usable = std::max<rlim_t>(limit.rlim_cur, 2 * kReservedDescriptors);
  return std::min<std::size_t>(wanted, usable - kReservedDescriptors);
}

/// Blocks all signals while it lives: a thread made meanwhile never handles one.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

class Server final : public HttpServer {
 public:
  Server(const std::string& address, HttpHandler handler, const HttpLimits& limits)
      : io_(1),  // one thread runs it
        acceptor_(io_.get_executor()),
        pause_(io_.get_executor()) {
    house_.handler = std::move(handler);
    house_.limits = limits;
    house_.limits.connections = connection_limit(limits.connections);
    listen(address);
    accept();
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
  }

  /// Waits for the one handler that may be running, and for nobody else: stop() wakes run(), which
  /// begins no other, what is under way is dropped with its socket, and no socket lingers.
  ~Server() override {
    io_.stop();
    thread_.join();
    house_.connections.clear();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  void listen(const std::string& text) {
    const ListenAddress address = parse_listen_address(text);
    error_code error;
    for (const tcp::endpoint& endpoint : endpoints(address, text)) {
      error = try_listen(endpoint, address.host.empty());
      if (!error) {
        port_ = acceptor_.local_endpoint().port();
        return;
      }
    }
    throw Error(ErrorId::BadConfiguration,
                fmt::format("can't listen on \"{}\": {}", text, error.message()))
        .next("Choose another address with --http, or end the process that uses this one.");
  }

  std::vector<tcp::endpoint> endpoints(const ListenAddress& address, const std::string& text) {
    // IPv6 with IPv4 mapped into it; IPv4 alone where the kernel has no IPv6.
    if (address.host.empty()) {
      return {{asio::ip::address_v6::any(), address.port},
              {asio::ip::address_v4::any(), address.port}};
    }
    error_code error;
    const auto literal = asio::ip::make_address(address.host, error);
    if (!error) return {{literal, address.port}};
    asio::ip::basic_resolver<tcp, Executor> resolver(io_.get_executor());
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error) {
      throw Error(ErrorId::BadConfiguration,
                  fmt::format("can't listen on \"{}\": the host name is not known: {}", text,
                              error.message()));
    }
    std::vector<tcp::endpoint> all;
    for (const auto& entry : found) all.push_back(entry.endpoint());
    return all;
  }

  error_code try_listen(const tcp::endpoint& endpoint, bool both) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (error) return error;
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.protocol() == tcp::v6()) {
      acceptor_.set_option(asio::ip::v6_only(!both), error);
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) {
      error_code ignored;
      acceptor_.close(ignored);
    }
    return error;
  }

  void run() {
    // What is left to throw is an allocation.  The request that wanted it is forgotten, and its
    // connection ends with its timer.
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception&) {
        continue;
      }
    }
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, Socket socket) {
      if (error) return retry_accept();
      accept();
      make_room();
      socket.set_option(tcp::no_delay(true), error);
      auto& connections = house_.connections;
      connections.push_back(std::make_shared<Connection>(std::move(socket), house_));
      connections.back()->start(std::prev(connections.end()));
    });
  }

  void make_room() {
    while (house_.connections.size() >= house_.limits.connections) drop_quietest();
  }

  void drop_quietest() {
    const std::shared_ptr<Connection> quietest = house_.connections.front();
    quietest->close();
  }

  /// Out of descriptors or memory, or the client went away before it was let in.
  void retry_accept() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](error_code error) {
      if (error) return;
      accept();
    });
  }

  asio::io_context io_;
  House house_;
  Acceptor acceptor_;
  Timer pause_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpServer> start_http_server(const std::string& address, HttpHandler handler,
                                              const HttpLimits& limits) {
  return std::make_unique<Server>(address, std::move(handler), limits);
}

}  // namespace headway::server
