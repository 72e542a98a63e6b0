#include "support/pgbouncer.hpp"

#include <unistd.h>

#include <array>
#include <stdexcept>

#include "support/await.hpp"
#include "support/sql.hpp"

namespace headway::testing {

namespace {

constexpr const char* kPort = "6432";

std::string program() {
  for (const char* path :
       {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

std::string_view name_of(PoolMode mode) {
  switch (mode) {
    case PoolMode::Session: return "session";
    case PoolMode::Transaction: return "transaction";
    case PoolMode::Statement: return "statement";
  }
  return "";
}

Process launch(const TempDir& dir, const TempCluster& cluster, PoolMode mode,
               const Pgbouncer::Settings& settings) {
  if (program().empty()) throw std::runtime_error("PgBouncer is not installed");
  std::string ini = "[databases]\n* = host=" + cluster.socket_directory().string() +
                    " port=" + std::to_string(cluster.port()) +
                    " auth_user=postgres\n[pgbouncer]\n";
  const auto set = [&ini](std::string_view name, std::string_view value) {
    ini += std::string(name) + " = " + std::string(value) + "\n";
  };
  set("pool_mode", name_of(mode));
  set("unix_socket_dir", dir.path().string());
  set("listen_port", kPort);
  set("auth_type", "trust");
  set("auth_file", dir.write("users.txt", "\"postgres\" \"\"\n").string());
  set("server_round_robin", "1");  // makes a change of backend likely, which is what tests want
  for (const auto& [name, value] : settings) set(name, value);
  const auto path = dir.write("pgbouncer.ini", ini);
  run({.args = {"chown", "-R", "postgres", dir.path().string()}});
  return Process(Command{.args = {program(), path.string()},
                         .working_directory = "/",
                         .user = "postgres",
                         .death_signal = SIGTERM});
}

}  // namespace

Pgbouncer::Pgbouncer(const TempCluster& cluster, PoolMode mode, const Settings& settings)
    : process_(launch(dir_, cluster, mode, settings)) {
  await("PgBouncer answers", [this] {
    if (!process_.running()) throw std::runtime_error("PgBouncer: " + process_.wait().text());
    return can_connect(url("postgres"));
  });
}

bool Pgbouncer::available() { return !program().empty(); }

std::string Pgbouncer::url(std::string_view database, std::string_view user) const {
  return "postgresql://" + percent_encode(user) + "@/" + percent_encode(database) +
         "?host=" + dir_.path().string() + "&port=" + kPort;
}

std::string Pgbouncer::through(const std::string& cluster_url) const {
  return url(database_of(cluster_url));
}

}  // namespace headway::testing
