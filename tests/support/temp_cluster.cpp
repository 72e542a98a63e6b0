#include "support/temp_cluster.hpp"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>

#include "support/await.hpp"
#include "support/postgres_programs.hpp"
#include "support/sql.hpp"

namespace headway::testing {

namespace {

constexpr const char* kUser = "postgres";

const char* given_dsn() {
  const char* dsn = std::getenv("HEADWAY_TEST_DSN");
  return dsn != nullptr && *dsn != '\0' ? dsn : nullptr;
}

std::string quote_setting(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

// The server and its backends work in their data directory.
std::vector<pid_t> processes_in(const std::filesystem::path& directory) {
  std::vector<pid_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path() / "cwd", gone) == directory) {
      out.push_back(std::stoi(name));
    }
  }
  return out;
}

// Whatever form the DSN has: a URL to another database of the same server.
std::string other_database(const std::string& dsn, std::string_view database,
                           std::string_view user) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(dsn.c_str(), &message), &PQconninfoFree);
  if (!options) {
    const std::string text = message != nullptr ? message : "";
    PQfreemem(message);
    throw std::runtime_error("HEADWAY_TEST_DSN: " + text);
  }
  std::string url = "postgresql:///" + percent_encode(database);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    if (option->val == nullptr || keyword == "dbname") continue;
    if (keyword == "user" && !user.empty()) continue;
    url = with_parameter(url, keyword, option->val);
  }
  return user.empty() ? url : with_parameter(url, "user", user);
}

}  // namespace

int free_port() {
  // Below the range from which the kernel gives ports to outgoing connections: one of these would
  // hold the port before a server can.
  std::random_device random;
  std::uniform_int_distribution<int> ports(20000, 32767);
  for (int tries = 0; tries < 1000; ++tries) {
    const int port = ports(random);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool ok = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (fd >= 0) close(fd);
    if (ok) return port;
  }
  throw std::runtime_error(std::string("no free port: ") + std::strerror(errno));
}

TempCluster::TempCluster(ClusterOptions options)
    : options_(std::move(options)), data_(dir_.path() / "data") {
  if (options_.tcp) port_ = free_port();
  initialize();
  if (options_.start) start();
}

TempCluster::TempCluster(std::string dsn) : dsn_(std::move(dsn)) {}

TempCluster::~TempCluster() {
  try {
    if (server_) stop(StopMode::Immediate);
    for (const auto& name : databases_) exec(dsn_, "drop database if exists " + name);
  } catch (const std::exception&) {
    return;  // ~Process kills what is left
  }
}

TempCluster& TempCluster::shared() {
  static const std::unique_ptr<TempCluster> cluster(
      given_dsn() != nullptr ? new TempCluster(std::string(given_dsn())) : new TempCluster());
  return *cluster;
}

bool TempCluster::available() { return given_dsn() != nullptr || !postgres_bindir().empty(); }

void TempCluster::initialize() {
  // The server's user owns the directory: it holds the socket as well.
  run({.args = {"chown", kUser, dir_.path().string()}});
  const Exit exit = run({.args = {postgres_program("initdb"), "-N", "-A", "trust", "-U", kUser,
                                  "--encoding=UTF8", "--locale=C.UTF-8", "-D", data_.string()},
                         .working_directory = "/",
                         .user = kUser});
  if (exit.code != 0) throw std::runtime_error("initdb: " + exit.text());

  configure("fsync", "off");
  configure("synchronous_commit", "off");
  configure("full_page_writes", "off");
  configure("wal_level", "minimal");
  configure("max_wal_senders", "0");
  configure("shared_buffers", "16MB");
  configure("autovacuum", "off");
  configure("log_statement", "none");
  configure("log_line_prefix", "%m [%p] %a ");
  configure("unix_socket_directories", dir_.path().string());
  configure("port", std::to_string(port_));
  configure("listen_addresses", options_.tcp ? "127.0.0.1" : "");
  for (const auto& [name, value] : options_.settings) configure(name, value);

  std::string hba;
  for (const auto& line : options_.hba) hba += line + "\n";
  hba += "local all all trust\nlocal replication all trust\n";
  hba += std::string("host all all 127.0.0.1/32 ") +
         (options_.password.empty() ? "trust" : "scram-sha-256") + "\n";
  write_file(data_ / "pg_hba.conf", hba);
}

void TempCluster::configure(std::string_view setting, std::string_view value) {
  require_own();
  const auto path = data_ / "postgresql.auto.conf";  // wins, and the last line in it wins
  write_file(path, read_file(path) + std::string(setting) + " = " + quote_setting(value) + "\n");
}

void TempCluster::start_only() {
  require_own();
  if (running()) throw std::runtime_error("the server runs already");
  if (server_) old_log_ += server_->err();
  server_ = std::make_unique<Process>(
      Command{.args = {postgres_program("postgres"), "-D", data_.string()},
              .working_directory = "/",
              .user = kUser,
              .death_signal = SIGQUIT});
}

void TempCluster::start() {
  start_only();
  try {
    await("the server accepts connections", [this] {
      if (!server_->running()) throw std::runtime_error("the server ended");
      return PQping(url().c_str()) == PQPING_OK;
    });
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string(error.what()) + "\n" + log());
  }
  if (!options_.password.empty()) {
    exec(url(), "alter role postgres password " + quote_setting(options_.password));
  }
}

void TempCluster::stop(StopMode mode) {
  require_own();
  if (!server_) return;
  const int signal = mode == StopMode::Smart ? SIGTERM : mode == StopMode::Fast ? SIGINT : SIGQUIT;
  if (server_->stop(signal).timed_out)
    throw std::runtime_error("the server did not stop: " + log());
}

void TempCluster::restart(StopMode mode) {
  stop(mode);
  start();
}

void TempCluster::crash() {
  require_own();
  server_->stop(SIGKILL);
  // A new server would wait for the backends, and a busy one does not notice by itself.
  await("the backends are gone", [this] {
    const std::vector<pid_t> left = processes_in(data_);
    for (const pid_t pid : left) kill(pid, SIGKILL);
    return left.empty();
  });
}

void TempCluster::reload() const {
  require_own();
  server_->send_signal(SIGHUP);
}

bool TempCluster::running() const { return server_ && server_->running(); }

const std::filesystem::path& TempCluster::socket_directory() const {
  require_own();
  return dir_.path();
}

pid_t TempCluster::postmaster_pid() const {
  require_own();
  return server_->pid();
}

std::string TempCluster::log() const { return old_log_ + (server_ ? server_->err() : ""); }

std::string TempCluster::create_database() {
  const std::string name = unique_name("t");
  if (dsn_.empty()) {
    exec(url("postgres"), "create database " + name);
    return url(name);
  }
  exec(dsn_, "create database " + name);
  const std::lock_guard lock(mutex_);
  databases_.push_back(name);
  return other_database(dsn_, name, {});
}

std::string TempCluster::url(std::string_view database, std::string_view user) const {
  if (!dsn_.empty()) return other_database(dsn_, database, user == kUser ? "" : user);
  std::string url = "postgresql://" + percent_encode(user) + "@/" + percent_encode(database) +
                    "?host=" + dir_.path().string();
  if (port_ != 5432) url += "&port=" + std::to_string(port_);
  return url;
}

std::string TempCluster::tcp_url(std::string_view database, std::string_view user) const {
  if (!options_.tcp) throw std::runtime_error("this cluster does not listen on TCP");
  std::string credentials = percent_encode(user);
  if (!options_.password.empty()) credentials += ":" + percent_encode(options_.password);
  return "postgresql://" + credentials + "@127.0.0.1:" + std::to_string(port_) + "/" +
         percent_encode(database);
}

void TempCluster::require_own() const {
  if (!dsn_.empty()) {
    throw std::runtime_error("HEADWAY_TEST_DSN names this server: tests can't control it");
  }
}

}  // namespace headway::testing
