// One deadline bounds everything: the name, the connection, TLS, the request and the answer.
//
// Operations are started asynchronously and run to their end one by one, which reads like blocking
// code.  Only the name can't be bounded that way: getaddrinfo() blocks for as long as it likes, so
// it gets a thread that is left behind when time is up.
#include "server/http_client.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "base/mutex.hpp"
#include "server/url.hpp"

namespace headway::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kBodyLimit = 4 * 1024;

/// Why there is no answer, for people.
class Problem : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// ---- the name ----

struct Lookup {
  Mutex mutex;
  Condition changed;
  bool done HEADWAY_GUARDED_BY(mutex) = false;
  int error HEADWAY_GUARDED_BY(mutex) = 0;
  std::vector<tcp::endpoint> endpoints HEADWAY_GUARDED_BY(mutex);
};

void look_up(const std::string& host, std::uint16_t port, Lookup& lookup) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  const MutexLock lock(lookup.mutex);
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(entry->ai_addrlen);
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    lookup.endpoints.push_back(endpoint);
  }
  if (list != nullptr) ::freeaddrinfo(list);
  lookup.error = error;
  lookup.done = true;
  lookup.changed.notify_all();
}

std::vector<tcp::endpoint> resolve(const Url& url, Steady::time_point deadline) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(url.host, not_literal);
  if (!not_literal) return {{literal, url.port}};

  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host = url.host, port = url.port] {
    look_up(host, port, *lookup);
  }).detach();
  const MutexLock lock(lookup->mutex);
  while (!lookup->done) {
    if (lookup->changed.wait_until(lookup->mutex, deadline) == std::cv_status::timeout) break;
  }
  if (!lookup->done) throw Problem(fmt::format("the name {} was not resolved in time", url.host));
  if (lookup->endpoints.empty()) {
    throw Problem(
        fmt::format("the name {} is not known: {}", url.host, ::gai_strerror(lookup->error)));
  }
  return lookup->endpoints;
}

// ---- the connection ----

/// Runs asynchronous operations to their end.
class Runner {
 public:
  explicit Runner(asio::io_context& io) : io_(io) {}

  /// `start` is given a handler that takes an error and, perhaps, more.  Whatever it starts works
  /// on `socket`.  error::timed_out: not done by `deadline`; the socket is closed then.
  template <typename Start>
  error_code run(Socket& socket, Steady::time_point deadline, Start start) {
    error_code result;
    start([&result](error_code error, auto...) { result = error; });
    io_.restart();
    io_.run_until(deadline);
    if (io_.stopped()) return result;
    error_code ignored;
    socket.close(ignored);
    io_.run();  // lets the cancelled handler go
    return asio::error::timed_out;
  }

 private:
  asio::io_context& io_;
};

void connect(Runner& runner, Socket& socket, const Url& url, Steady::time_point deadline) {
  const std::vector<tcp::endpoint> endpoints = resolve(url, deadline);
  error_code error;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // An address that swallows packets leaves the others their share of the time.
    const auto now = Steady::now();
    const auto share = (deadline - now) / static_cast<int>(endpoints.size() - i);
    socket.close(error);
    error = runner.run(socket, now + share, [&](auto handler) {
      socket.async_connect(endpoints[i], std::move(handler));
    });
    if (!error) return;
  }
  throw Problem(fmt::format("no connection to {}: {}", url.authority(), error.message()));
}

// ---- TLS ----

/// Where distributions keep the bundle that the built-in default does not find.
constexpr std::array kBundles{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, distroless
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine
};

void load_authorities(ssl::context& context) {
  error_code ignored;
  context.set_default_verify_paths(ignored);
  if (std::getenv("SSL_CERT_FILE") != nullptr || std::getenv("SSL_CERT_DIR") != nullptr) return;
  for (const char* bundle : kBundles) {
    error_code error;
    context.load_verify_file(bundle, error);
    if (!error) return;
  }
}

/// OpenSSL's own check, not Asio's: it tells a wrong name from a wrong authority.
void expect_host(SSL* tls, const std::string& host) {
  error_code not_literal;
  asio::ip::make_address(host, not_literal);
  if (!not_literal) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls), host.c_str());
    return;
  }
  ::SSL_set1_host(tls, host.c_str());
  std::string name = host;  // RFC 6066: a name is announced, an address never
  ::SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

std::string handshake_problem(const Url& url, SSL* tls, const error_code& error) {
  const long verdict = ::SSL_get_verify_result(tls);
  if (verdict == X509_V_OK) {
    return fmt::format("no TLS connection to {}: {}", url.authority(), error.message());
  }
  std::string out = fmt::format("the certificate of {} is not accepted: {}", url.authority(),
                                ::X509_verify_cert_error_string(verdict));
  if (verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
      verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
      verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
    out +=
        "; an image that holds only Headway has no CA certificates: mount a bundle and name it in "
        "SSL_CERT_FILE";
  }
  return out;
}

// ---- the exchange ----

struct Request {
  std::string_view method;
  std::string_view content_type;  ///< empty: there is no body
  std::string_view body;
};

std::string request_text(const Url& url, const Request& request) {
  std::string out =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: headway\r\nConnection: close\r\n",
                  request.method, url.target, url.authority());
  if (!request.content_type.empty()) {
    out += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request.content_type,
                       request.body.size());
  }
  if (!url.credentials.empty()) {
    out += fmt::format("Authorization: Basic {}\r\n", base64(url.credentials));
  }
  out += "\r\n";
  out += request.body;
  return out;
}

using Parser = http::response_parser<http::string_body>;

void prepare(std::optional<Parser>& parser) {
  parser.emplace();
  parser->eager(true);
  parser->body_limit(boost::none);  // what is read of it is bounded below
}

template <typename Stream>
HttpResult exchange(Runner& runner, Socket& socket, Stream& stream, const Url& url,
                    Steady::time_point deadline, const std::string& request) {
  const auto check = [&](const error_code& error, std::string_view what) {
    if (!error) return;
    if (error == asio::error::timed_out) {
      throw Problem(fmt::format("no answer from {} in time", url.authority()));
    }
    throw Problem(fmt::format("{} {}: {}", what, url.authority(), error.message()));
  };
  check(runner.run(socket, deadline,
                   [&](auto handler) {
                     asio::async_write(stream, asio::buffer(request), std::move(handler));
                   }),
        "the connection broke while sending to");

  boost::beast::flat_buffer buffer(64 * std::size_t{1024});
  std::optional<Parser> parser;
  prepare(parser);
  while (!parser->is_done() && parser->get().body().size() < kBodyLimit) {
    std::size_t count = 0;
    error_code error = runner.run(socket, deadline, [&](auto handler) {
      stream.async_read_some(buffer.prepare(kBodyLimit),
                             [&count, handler](error_code e, std::size_t n) {
                               count = n;
                               handler(e);
                             });
    });
    // A server that ends the connection without TLS's farewell is common, and harmless where the
    // length is known.
    if (error == asio::error::eof || error == ssl::error::stream_truncated) {
      if (parser->got_some()) parser->put_eof(error);
      if (error || !parser->is_done()) {
        throw Problem(fmt::format("{} closed the connection without an answer", url.authority()));
      }
      break;
    }
    check(error, "the connection broke while waiting for");
    buffer.commit(count);
    while (buffer.size() > 0 && !parser->is_done()) {
      buffer.consume(parser->put(buffer.data(), error));
      if (error == http::error::need_more) break;
      if (error) throw Problem(fmt::format("{} does not answer in HTTP", url.authority()));
      if (parser->is_done() && parser->get().result_int() < 200) prepare(parser);  // 100 Continue
    }
  }
  HttpResult result;
  result.status = static_cast<int>(parser->get().result_int());
  result.body = parser->get().body().substr(0, kBodyLimit);
  return result;
}

HttpResult send(const Url& url, const Request& what, Steady::time_point deadline) {
  asio::io_context io(1);
  Runner runner(io);
  const std::string request = request_text(url, what);
  if (!url.tls) {
    Socket socket(io);
    connect(runner, socket, url, deadline);
    return exchange(runner, socket, socket, url, deadline, request);
  }
  ssl::context context(ssl::context::tls_client);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  load_authorities(context);
  ssl::stream<Socket> stream(io, context);
  stream.set_verify_mode(ssl::verify_peer);
  expect_host(stream.native_handle(), url.host);
  connect(runner, stream.next_layer(), url, deadline);
  const error_code error = runner.run(stream.next_layer(), deadline, [&](auto handler) {
    stream.async_handshake(ssl::stream_base::client, std::move(handler));
  });
  if (error) throw Problem(handshake_problem(url, stream.native_handle(), error));
  return exchange(runner, stream.next_layer(), stream, url, deadline, request);
}

HttpResult send_within(const std::string& url, const Request& request, Milliseconds timeout) {
  HttpResult result;
  try {
    const auto parsed = parse_url(url);
    if (!parsed) throw Problem("the URL is not of the form http://HOST:PORT/PATH or https://...");
    return send(*parsed, request, Steady::now() + timeout);
  } catch (const std::exception& problem) {
    result.problem = problem.what();
  }
  return result;
}

}  // namespace

HttpResult http_get(const std::string& url, Milliseconds timeout) {
  return send_within(url, {"GET", "", ""}, timeout);
}

HttpResult http_post(const std::string& url, const std::string& content_type,
                     const std::string& body, Milliseconds timeout) {
  return send_within(url, {"POST", content_type, body}, timeout);
}

}  // namespace headway::server
