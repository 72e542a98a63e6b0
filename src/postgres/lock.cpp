#include "postgres/lock.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/sha256.hpp"
#include "postgres/queries.hpp"

namespace headway::postgres {
namespace {

constexpr int kLockSpace = 0x48445759;  // "HDWY"

/// pg_locks shows the two keys as oid, which is unsigned.
Parameters as_oids(LockKey key) {
  return {std::to_string(static_cast<std::uint32_t>(key.space)),
          std::to_string(static_cast<std::uint32_t>(key.object))};
}

}  // namespace

LockKey lock_key(const std::string& schema, const std::string& table) {
  const auto digest = sha256(schema + '.' + table);
  std::uint32_t object = 0;
  for (std::size_t i = 0; i < 4; ++i) object = (object << 8U) | digest[i];
  return {kLockSpace, static_cast<std::int32_t>(object)};
}

std::string AdvisoryLock::call(std::string_view function) const {
  return fmt::format("pg_catalog.{}('{}'::integer, '{}'::integer)", function, key_.space,
                     key_.object);
}

std::string AdvisoryLock::try_sql(std::optional<int> only_pid) const {
  std::string taken =
      fmt::format("CASE WHEN {0} THEN {0} ELSE false END", call("pg_try_advisory_lock"));
  if (only_pid) {
    taken = fmt::format(
        "CASE WHEN pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {} THEN {} ELSE false END",
        *only_pid, taken);
  }
  return "SELECT " + taken + ", pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery()";
}

std::string AdvisoryLock::held_sql() const {
  return fmt::format("SELECT CASE WHEN {} THEN {} ELSE false END", call("pg_advisory_unlock"),
                     call("pg_try_advisory_lock"));
}

std::optional<engine::LockHolder> AdvisoryLock::holder() {
  const auto result = wire_.execute(std::string(queries::kLockHolder), as_oids(key_),
                                    "look up the holder of the migration lock");
  if (result.empty()) return std::nullopt;
  const auto row = result[0];
  engine::LockHolder out;
  out.pid = row[0].as<int>();
  out.application_name = row[1].as<std::string>("");
  out.client = row[2].as<std::string>("");
  if (!row[3].is_null()) out.since = Timestamp(Microseconds(row[3].as<std::int64_t>()));
  out.slots_are_scarce = row[4].as<bool>();
  return out;
}

std::string AdvisoryLock::channel() const {
  return fmt::format("headway_{:08x}", static_cast<std::uint32_t>(key_.object));
}

void AdvisoryLock::listen() {
  wire_.execute("LISTEN " + channel(), "listen for the release of the migration lock");
}

bool AdvisoryLock::await_release(Milliseconds longest, const std::stop_token& stop) {
  return wire_.await_notification(longest, stop);
}

// Nothing is lost with the notification: who misses it polls.
void AdvisoryLock::release() {
  wire_.execute(fmt::format("SELECT {0}, {0}; SET LOCAL synchronous_commit = off; NOTIFY {1}",
                            call("pg_advisory_unlock"), channel()),
                "release the migration lock");
}

}  // namespace headway::postgres
