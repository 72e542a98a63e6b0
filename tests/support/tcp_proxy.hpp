// A network between client and server that a test can break at a chosen byte.
//
//   TcpProxy proxy(cluster);
//   proxy.arm({.bytes = "COMMIT", .when = TcpProxy::When::Before});   // the server never hears it
//   proxy.arm({.from = TcpProxy::From::Server, .bytes = "COMMIT"});   // it did, the client never
//   does run_headway(proxy.through(url)); CHECK(proxy.fired() == 1);
//
// It listens on a unix socket and on a TCP port, speaks to the cluster's socket, and works on a
// thread of its own.  Any thread may call.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "support/temp_cluster.hpp"

namespace headway::testing {

class TcpProxy {
 public:
  enum class From { Client, Server };
  /// Before the bytes are forwarded, or after the protocol message that holds them has been (of
  /// the server's messages: the whole piece that was received).
  enum class When { Before, After };
  enum class Then {
    Cut,        ///< both sides see the connection close
    CutClient,  ///< the client does; the server, which knows nothing, keeps its backend: release()
    Stall,      ///< nobody sees anything, and nothing gets through any more: resume()
  };

  /// Fires once, on the first connection that carries the bytes, and is gone: who connects again
  /// gets through.
  struct Trigger {
    From from = From::Client;
    std::string bytes;
    When when = When::Before;
    Then then = Then::Cut;
    int occurrence = 1;  ///< the how manieth of them, counted over all connections
  };

  explicit TcpProxy(const TempCluster& cluster);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  /// The URL of a database through the proxy's socket.
  [[nodiscard]] std::string url(std::string_view database,
                                std::string_view user = "postgres") const;
  [[nodiscard]] std::string tcp_url(std::string_view database,
                                    std::string_view user = "postgres") const;
  /// The proxy's URL for the database that a URL of the cluster names.
  [[nodiscard]] std::string through(const std::string& cluster_url) const;

  /// Triggers may be several; each fires by itself.
  void arm(Trigger trigger);
  /// How many have fired.
  [[nodiscard]] int fired() const;
  void await_fired(int count = 1) const;

  /// Closes every connection now.
  void cut();
  /// Lets stalled connections go on.
  void resume();
  /// Does to every connection what CutClient does.
  void cut_clients();
  /// Ends the backends that CutClient has left alone.
  void release();
  /// New connections are closed as soon as they are made.
  void refuse(bool on);
  /// Everything arrives so much later, each way.
  void delay(std::chrono::milliseconds each_way);

  /// How many connections have been made, and how many are open now.
  [[nodiscard]] int connections() const;
  [[nodiscard]] int open_connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::testing
