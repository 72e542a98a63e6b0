// A place in a migration where it waits until the test lets it through: a place to strike at.
#pragma once
#include <string>

#include "support/await.hpp"
#include "support/sql.hpp"

namespace headway::testing {

/// Shut from construction to open(), for every migration of the database that holds one of the
/// statements below.  Who waits longer than --lock-timeout at it rolls back and tries again, so the
/// tests give that time: kPatience.
class Gate {
 public:
  static constexpr const char* kPass = "select pg_catalog.pg_advisory_xact_lock_shared(4711);";
  /// For a migration without a transaction of its own.
  static constexpr const char* kPassInSession = "select pg_catalog.pg_advisory_lock_shared(4711);";

  static constexpr const char* kPatience = "--lock-timeout=10m";

  explicit Gate(const std::string& url) : url_(url), session_(url) {
    session_.exec("select pg_advisory_lock(4711)");
  }
  void open() { session_.exec("select pg_advisory_unlock(4711)"); }
  /// The backend that waits at the gate.
  [[nodiscard]] std::string waiting_backend() const {
    static constexpr const char* kQuery =
        "select coalesce(max(pid), 0) from pg_locks where locktype = 'advisory' and not granted "
        "and objid = 4711 and database = (select oid from pg_database where datname = "
        "current_database())";
    std::string pid;
    await("a migration stands at the gate", [&] { return (pid = value(url_, kQuery)) != "0"; });
    return pid;
  }

 private:
  std::string url_;
  SqlSession session_;
};

}  // namespace headway::testing
