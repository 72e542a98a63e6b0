#include "postgres/pooler.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>

namespace headway::postgres {
namespace {

constexpr int kStatementsAsked = 3;

}  // namespace

std::string pooler_sign(int told_pid, int answering_pid) {
  if (told_pid == answering_pid) return {};
  return fmt::format("the process id differs: {} at connect, {} in a statement", told_pid,
                     answering_pid);
}

bool is_own_address(PGconn* connection, std::string_view address, std::string_view port) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (getsockname(PQsocket(connection), reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    return false;
  }
  std::array<char, NI_MAXHOST> own_address{};
  std::array<char, NI_MAXSERV> own_port{};
  if (own.ss_family != AF_INET && own.ss_family != AF_INET6) return false;
  if (getnameinfo(reinterpret_cast<sockaddr*>(&own), size, own_address.data(), own_address.size(),
                  own_port.data(), own_port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return false;
  }
  return address == own_address.data() && port == own_port.data();
}

bool is_pgpool(Wire& wire) {
  const auto results = wire.try_execute("SHOW pool_version", "ask for Pgpool");
  const auto* last = results.back().get();
  if (wire.lost()) throw lost_error(wire.raw(), "ask for Pgpool");
  return PQresultStatus(last) == PGRES_TUPLES_OK;
}

void require_one_backend(Wire& wire, int expected_pid) {
  const auto expected = std::to_string(expected_pid);
  for (int i = 0; i < kStatementsAsked; ++i) {
    const auto results =
        wire.execute("SELECT pg_catalog.pg_backend_pid()", "ask for the process id");
    const auto pid = field(results.back().get(), 0, 0);
    if (pid == expected) continue;
    throw Error(ErrorId::Pooler,
                fmt::format("the pooler does not keep one server connection per client: process "
                            "{} answered, and before that {}",
                            pid, expected))
        .next(
            "Give Headway a pool in session mode or a direct connection, or choose "
            "--pooler=transaction.");
  }
}

Error pooler_refused(const std::string& sign) {
  return {ErrorId::Pooler,
          fmt::format("there is a pooler between Headway and PostgreSQL ({}), and --pooler=refuse "
                      "is in force",
                      sign)};
}

}  // namespace headway::postgres
