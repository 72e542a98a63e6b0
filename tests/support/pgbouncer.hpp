// Debian's PgBouncer in front of a TempCluster, on a unix socket of its own.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_dir.hpp"

namespace headway::testing {

enum class PoolMode { Session, Transaction, Statement };

class Pgbouncer {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;  ///< of section [pgbouncer]

  /// Every role of the cluster may log in, to every database, without a password.
  Pgbouncer(const TempCluster& cluster, PoolMode mode, const Settings& settings = {});

  [[nodiscard]] static bool available();

  /// The URL of a database through the pooler.
  [[nodiscard]] std::string url(std::string_view database,
                                std::string_view user = "postgres") const;
  /// The pooler's URL for the database that a URL of the cluster names.
  [[nodiscard]] std::string through(const std::string& cluster_url) const;
  void stop() { process_.stop(SIGTERM); }
  [[nodiscard]] std::string log() const { return process_.err(); }

 private:
  TempDir dir_;
  Process process_;
};

}  // namespace headway::testing
