// Databases in which a dry run may do as it likes, made on the server of the one that it is about.
//
// A scratch database is called headway_scratch_<OID of that database>_<8 hexadecimal digits>, and
// whoever made it holds an advisory lock of these digits as long as it is in use: one whose lock is
// free was left behind by a run that was killed.  Use from one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "postgres/connector.hpp"

namespace headway::postgres {

struct RelationSize {
  std::string relation;  ///< as engine::StatementSeen names it
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> rows;  ///< as of the last ANALYZE
};

/// A lock on a relation that a session holds, as pg_locks tells it.
struct HeldLock {
  std::string relation;  ///< its OID
  std::string mode;      ///< "AccessShareLock"
};

struct Leftover {
  std::string database;
  std::string problem;  ///< why it is still there; empty: it was dropped
};

/// Connected to the database that the dry run is about, or to the one that was given for it.
class ScratchServer {
 public:
  virtual ~ScratchServer() = default;
  ScratchServer() = default;
  ScratchServer(const ScratchServer&) = delete;
  ScratchServer& operator=(const ScratchServer&) = delete;

  /// Drops what killed runs on this database have left behind.
  virtual std::vector<Leftover> sweep() = 0;
  /// Makes an empty database with the encoding and the locale of this one; returns its name.
  /// Throws Error PermissionDenied where the role lacks CREATEDB.
  virtual std::string create() = 0;
  virtual void drop(const std::string& database) = 0;

  /// What ALTER DATABASE .. SET and ALTER ROLE .. IN DATABASE .. SET say for this one.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> settings() = 0;
  /// Of tables and their indexes, without touching them: as VACUUM and ANALYZE have last seen them.
  [[nodiscard]] virtual std::vector<RelationSize> sizes() = 0;

  /// Those that the session of a backend holds in this database.
  [[nodiscard]] virtual std::vector<HeldLock> locks_of(int backend) = 0;
  /// The first thing found in it that is neither the server's nor an extension's; empty: none.
  [[nodiscard]] virtual std::string content() = 0;
  /// Whether both are connected to the same database, whatever names lead there.
  [[nodiscard]] virtual bool is_same(ScratchServer& other) = 0;
};

/// One attempt, as Connector::connect().  Not through a pooler: Error Pooler.
[[nodiscard]] std::unique_ptr<ScratchServer> connect_scratch_server(
    const ConnectorSettings& settings, const std::stop_token& stop, Milliseconds longest);

}  // namespace headway::postgres
