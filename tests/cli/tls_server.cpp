#include "cli/tls_server.hpp"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "support/sql.hpp"

namespace headway::testing {

TlsServer::TlsServer(const Authority& clients)
    : cluster_({.tcp = true,
                .password = kPassword,
                .settings = {{"ssl", "on"}, {"ssl_ca_file", "clients.crt"}},
                .hba = {"hostssl all certified 127.0.0.1/32 cert",
                        "hostssl all doubly 127.0.0.1/32 scram-sha-256 clientcert=verify-full",
                        "hostssl all all 127.0.0.1/32 scram-sha-256", "host all all all reject"},
                .start = false}) {
  put("clients.crt", clients.certificate());
}

void TlsServer::use(const Issued& identity) {
  const bool first = !cluster_.running();
  if (!first) cluster_.stop();
  put("server.crt", identity.certificate);
  put("server.key", identity.key);
  cluster_.start();
  if (first) {
    exec(cluster_.url(),
         std::string("create role certified login; create role doubly login password '") +
             kPassword + "'");
  }
}

void TlsServer::revoke(const std::string& revocation_list) {
  put("clients.crl", revocation_list);
  set("ssl_crl_file", "clients.crl");
}

void TlsServer::set(const char* setting, const char* value) {
  cluster_.configure(setting, value);
  cluster_.restart();
}

std::string TlsServer::new_database() { return cluster_.create_database(); }

std::string TlsServer::url(const std::string& parameters, const std::string& host,
                           const std::string& user) const {
  return "postgresql://" + user + "@" + host + ":" + std::to_string(cluster_.port()) +
         "/postgres?hostaddr=127.0.0.1&" + parameters;
}

// The server's user owns what is in its directory, and nobody else may read a key.
void TlsServer::put(const char* name, const std::string& text) const {
  const auto path = cluster_.data_directory() / name;
  std::filesystem::remove(path);  // which may not be written to
  write_file(path, text);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  if (geteuid() != 0) return;
  const Exit exit = run({.args = {"chown", "postgres", path.string()}});
  if (exit.code != 0) throw std::runtime_error(exit.text());
}

}  // namespace headway::testing
