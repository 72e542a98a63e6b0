#include "postgres/scratch_session.hpp"

#include <fmt/format.h>

#include <random>

#include "postgres/queries.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

constexpr int kLockSpace = 0x48445753;  // not that of the migration lock
constexpr std::string_view kMake = "make a scratch database";

std::string random_digits() {
  std::random_device random;
  return fmt::format("{:08x}", static_cast<std::uint32_t>(random()));
}

/// The digits as an integer of the server's.
std::string lock_sql(std::string_view function, std::string_view digits) {
  return fmt::format("SELECT pg_catalog.{}({}, x'{}'::pg_catalog.int4)", function, kLockSpace,
                     digits);
}

std::uint64_t to_number(std::string_view text) { return std::stoull(std::string(text)); }

Error named(const Error& error, std::string_view next) {
  auto info = error.info();
  if (info.id == ErrorId::PermissionDenied) info.next = next;
  return Error(std::move(info));
}

}  // namespace

ScratchSession::ScratchSession(PGconn* connection, const ConnectorSettings& settings)
    : wire_(connection, settings.log_literals), role_(settings.role) {
  const auto results = wire_.execute(
      "SELECT pg_catalog.set_config('lock_timeout', '5s', false), pg_catalog.set_config("
      "'statement_timeout', '0', false), pg_catalog.pg_backend_pid(), d.oid FROM "
      "pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) "
      "pg_catalog.current_database()",
      "set up the session");
  const PGresult* row = results.back().get();
  if (field(row, 0, 2) != std::to_string(PQbackendPID(connection))) {
    throw Error(ErrorId::Pooler,
                "a scratch database can't be made, and not be found, through a pooler")
        .next("Connect to PostgreSQL directly.");
  }
  prefix_ = fmt::format("headway_scratch_{}_", field(row, 0, 3));
}

std::string ScratchSession::value(const std::string& sql, std::string_view what) {
  const auto results = wire_.execute(sql, what);
  const PGresult* rows = results.back().get();
  return PQntuples(rows) == 0 ? std::string() : std::string(field(rows, 0, 0));
}

bool ScratchSession::try_lock(std::string_view digits) {
  return value(lock_sql("pg_try_advisory_lock", digits), "lock the scratch database") == "t";
}

void ScratchSession::unlock(std::string_view digits) {
  wire_.execute(lock_sql("pg_advisory_unlock", digits), "unlock the scratch database");
}

std::vector<Leftover> ScratchSession::sweep() {
  const auto results =
      wire_.execute(fmt::format("SELECT d.datname FROM pg_catalog.pg_database AS d WHERE d.datname "
                                "OPERATOR(pg_catalog.~) '^{}[0-9a-f]{{8}}$'",
                                prefix_),
                    "look for scratch databases");
  std::vector<Leftover> out;
  for (int row = 0; row < PQntuples(results.back().get()); ++row) {
    Leftover found{std::string(field(results.back().get(), row, 0)), {}};
    const std::string digits = found.database.substr(prefix_.size());
    if (!try_lock(digits)) continue;  // in use
    try {
      drop(found.database);
    } catch (const Error& error) {
      if (wire_.lost()) throw;
      found.problem = error.info().message;
    }
    unlock(digits);
    out.push_back(std::move(found));
  }
  return out;
}

std::string ScratchSession::create() {
  const std::string kind = value(std::string(queries::kDatabaseKind), kMake);
  std::string digits = random_digits();
  while (!try_lock(digits)) digits = random_digits();
  std::string database = prefix_ + digits;
  const std::string owner = role_.empty() ? "" : " OWNER " + sql::quote_identifier(role_);
  try {
    wire_.execute(fmt::format("CREATE DATABASE {}{}{}", database, kind, owner), kMake);
  } catch (const Error& error) {
    throw named(error, "ALTER ROLE .. CREATEDB, or name an empty database with --scratch-url.");
  }
  return database;
}

void ScratchSession::drop(const std::string& database) {
  // A connection that was cut off may still have its backend there.
  wire_.execute(
      fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", sql::quote_identifier(database)),
      fmt::format("drop the scratch database {}", database));
}

std::vector<std::pair<std::string, std::string>> ScratchSession::settings() {
  const auto results =
      wire_.execute(std::string(queries::kDatabaseSettings), "read the database's settings");
  std::vector<std::pair<std::string, std::string>> out;
  const PGresult* rows = results.back().get();
  for (int row = 0; row < PQntuples(rows); ++row) {
    out.emplace_back(field(rows, row, 0), field(rows, row, 1));
  }
  return out;
}

std::vector<RelationSize> ScratchSession::sizes() {
  const auto results =
      wire_.execute(std::string(queries::kRelationSizes), "read the sizes of the tables");
  std::vector<RelationSize> out;
  const PGresult* rows = results.back().get();
  for (int row = 0; row < PQntuples(rows); ++row) {
    RelationSize size{std::string(field(rows, row, 0)), to_number(field(rows, row, 1)), {}};
    if (PQgetisnull(rows, row, 2) == 0) size.rows = to_number(field(rows, row, 2));
    out.push_back(std::move(size));
  }
  return out;
}

std::vector<HeldLock> ScratchSession::locks_of(int backend) {
  const auto results = wire_.execute(
      fmt::format("SELECT l.relation, l.mode FROM pg_catalog.pg_locks AS l WHERE l.pid "
                  "OPERATOR(pg_catalog.=) {} AND l.locktype OPERATOR(pg_catalog.=) 'relation' AND "
                  "l.granted AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM "
                  "pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) "
                  "pg_catalog.current_database())",
                  backend),
      "look at the locks");
  std::vector<HeldLock> out;
  const PGresult* rows = results.back().get();
  for (int row = 0; row < PQntuples(rows); ++row) {
    out.push_back({std::string(field(rows, row, 0)), std::string(field(rows, row, 1))});
  }
  return out;
}

std::string ScratchSession::content() {
  return value(std::string(queries::kDatabaseContent), "look into the scratch database");
}

bool ScratchSession::sees_lock(std::string_view digits) {
  return value(fmt::format(
                   "SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks AS l JOIN "
                   "pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) l.database WHERE "
                   "l.locktype OPERATOR(pg_catalog.=) 'advisory' AND d.datname "
                   "OPERATOR(pg_catalog.=) pg_catalog.current_database() AND l.classid "
                   "OPERATOR(pg_catalog.=) {}::pg_catalog.oid AND l.objid OPERATOR(pg_catalog.=) "
                   "{}::pg_catalog.oid",
                   kLockSpace, std::stoul(std::string(digits), nullptr, 16)),
               "look for a lock") != "0";
}

bool ScratchSession::is_same(ScratchServer& other) {
  std::string digits = random_digits();
  while (!try_lock(digits)) digits = random_digits();
  const bool same = dynamic_cast<ScratchSession&>(other).sees_lock(digits);
  unlock(digits);
  return same;
}

}  // namespace headway::postgres
