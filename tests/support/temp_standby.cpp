#include "support/temp_standby.hpp"

#include <libpq-fe.h>

#include <csignal>
#include <stdexcept>

#include "support/await.hpp"
#include "support/postgres_programs.hpp"
#include "support/sql.hpp"

namespace headway::testing {

TempStandby::TempStandby(const TempCluster& primary) {
  const std::string data = (dir_.path() / "data").string();
  run({.args = {"chown", "postgres", dir_.path().string()}});
  const Exit copied =
      run({.args = {postgres_program("pg_basebackup"), "--no-sync", "-R", "-c", "fast", "-D", data,
                    "-d",
                    "host=" + primary.socket_directory().string() + " port=" +
                        std::to_string(primary.port()) + " user=postgres application_name=standby"},
           .working_directory = "/",
           .user = "postgres"});
  if (copied.code != 0) throw std::runtime_error("pg_basebackup: " + copied.text());
  server_ =
      std::make_unique<Process>(Command{.args = {postgres_program("postgres"), "-D", data, "-c",
                                                 "unix_socket_directories=" + dir_.path().string(),
                                                 "-c", "listen_addresses=", "-c", "port=5432"},
                                        .working_directory = "/",
                                        .user = "postgres",
                                        .death_signal = SIGQUIT});
  await("the standby accepts connections", [this] {
    if (!server_->running()) throw std::runtime_error("the standby ended: " + server_->err());
    return PQping(url().c_str()) == PQPING_OK;
  });
}

TempStandby::~TempStandby() {
  try {
    server_->stop(SIGQUIT);
  } catch (const std::exception&) {
    return;  // ~Process kills what is left
  }
}

std::string TempStandby::url(std::string_view database) const {
  return "postgresql://postgres@/" + std::string(database) + "?host=" + dir_.path().string();
}

void TempStandby::pause_replay() const { exec(url(), "select pg_wal_replay_pause()"); }

void TempStandby::resume_replay() const { exec(url(), "select pg_wal_replay_resume()"); }

}  // namespace headway::testing
