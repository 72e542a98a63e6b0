// A PostgreSQL that takes TCP connections with TLS alone, as one in production does.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "support/authority.hpp"
#include "support/temp_cluster.hpp"

namespace headway::testing {

class TlsServer {
 public:
  static constexpr const char* kHost = "db.test";
  static constexpr const char* kPassword = "tls-s3cret";

  /// Roles besides postgres: `certified` logs in by certificate alone, `doubly` by certificate and
  /// password.  `clients` vouches for certificates of clients.
  explicit TlsServer(const Authority& clients);

  /// What the server shows from now on.
  void use(const Issued& identity);
  /// Certificates of clients that it refuses.
  void revoke(const std::string& revocation_list);
  void set(const char* setting, const char* value);

  /// Through the socket.
  [[nodiscard]] std::string new_database();
  /// To 127.0.0.1 by the name `host`.  `parameters`: "sslmode=require&...".
  [[nodiscard]] std::string url(const std::string& parameters, const std::string& host = kHost,
                                const std::string& user = "postgres:tls-s3cret") const;
  [[nodiscard]] int port() const { return cluster_.port(); }
  [[nodiscard]] const TempCluster& cluster() const { return cluster_; }

 private:
  void put(const char* name, const std::string& text) const;

  TempCluster cluster_;
};

}  // namespace headway::testing
