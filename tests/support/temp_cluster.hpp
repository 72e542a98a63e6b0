// A PostgreSQL server of the tests' own: made by initdb without fsync, on a unix socket in a short
// directory under /tmp, run as user postgres when we are root, gone with the test however it ends.
//
// Most tests take a fresh database of TempCluster::shared(), one server per test executable.  A
// test that stops, restarts or reconfigures the server makes a TempCluster of its own.
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace headway::testing {

struct ClusterOptions {
  bool tcp = false;  ///< also listen on 127.0.0.1, on a free port
  /// Not empty: TCP connections need this password of user postgres (scram-sha-256); the socket
  /// stays open to everybody.
  std::string password = {};
  std::vector<std::pair<std::string, std::string>> settings =
      {};                             ///< of postgresql.conf, later wins
  std::vector<std::string> hba = {};  ///< lines that come first in pg_hba.conf
  bool start = true;
};

enum class StopMode { Smart, Fast, Immediate };

class TempCluster {
 public:
  /// Throws std::runtime_error, with the server's log, if it can't be started.
  explicit TempCluster(ClusterOptions options = {});
  ~TempCluster();
  TempCluster(const TempCluster&) = delete;
  TempCluster& operator=(const TempCluster&) = delete;

  /// The one of this test executable, started at the first call; the server that HEADWAY_TEST_DSN
  /// names, if it is set: then everything that controls a server throws.
  static TempCluster& shared();
  /// Whether a server can be had.  integration_main.cpp asks it.
  [[nodiscard]] static bool available();

  /// A new, empty database with a random name; returns its URL:
  /// postgresql://postgres@/t_abc?host=/tmp/hw-xyz
  std::string create_database();
  /// A URL through the socket.
  [[nodiscard]] std::string url(std::string_view database = "postgres",
                                std::string_view user = "postgres") const;
  /// A URL through 127.0.0.1, with the password if the cluster has one.
  [[nodiscard]] std::string tcp_url(std::string_view database = "postgres",
                                    std::string_view user = "postgres") const;

  void start();       ///< returns when connections are accepted
  void start_only();  ///< returns at once
  void stop(StopMode mode = StopMode::Fast);
  void restart(StopMode mode = StopMode::Fast);
  /// kill -9 of the postmaster; returns when all its children are gone too.
  void crash();
  /// Appends to postgresql.conf; takes effect at restart(), or at reload().
  void configure(std::string_view setting, std::string_view value);
  void reload() const;

  [[nodiscard]] bool running() const;
  [[nodiscard]] const std::filesystem::path& socket_directory() const;
  [[nodiscard]] const std::filesystem::path& data_directory() const { return data_; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t postmaster_pid() const;
  /// What the server has logged.
  [[nodiscard]] std::string log() const;

 private:
  explicit TempCluster(std::string dsn);
  void initialize();
  void require_own() const;

  ClusterOptions options_;
  std::string dsn_;  // not empty: a server that is not ours
  TempDir dir_;
  std::filesystem::path data_;
  int port_ = 5432;
  std::string old_log_;  // of the servers before a restart
  std::unique_ptr<Process> server_;
  std::mutex mutex_;                    // of databases_
  std::vector<std::string> databases_;  // made on a server that is not ours
};

/// A TCP port of 127.0.0.1 that nobody listens on.
[[nodiscard]] int free_port();

}  // namespace headway::testing
