#include "postgres/lock.hpp"

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

Parameters as_integers(LockKey key) {
  return {std::to_string(key.space), std::to_string(key.object)};
}

}  // namespace

LockKey lock_key(const std::string& schema, const std::string& table) {
  const auto digest = sha256(schema + '.' + table);
  std::uint32_t object = 0;
  for (std::size_t i = 0; i < 4; ++i) object = (object << 8U) | digest[i];
  return {kLockSpace, static_cast<std::int32_t>(object)};
}

LockAnswer AdvisoryLock::try_acquire() {
  const auto result =
      wire_.execute(std::string(queries::kTryLock), as_integers(key_), "take the migration lock");
  const auto row = result[0];
  return {row[0].as<bool>(), row[1].as<int>(), row[2].as<bool>()};
}

std::string AdvisoryLock::held_sql() const {
  std::string sql(queries::kHoldsLock);
  const auto keys = as_oids(key_);
  for (const std::size_t i : {0U, 1U}) {
    const std::string placeholder = "$" + std::to_string(i + 1);
    sql.replace(sql.find(placeholder), placeholder.size(), *keys[i]);
  }
  return sql;
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
  return out;
}

void AdvisoryLock::release() {
  wire_.execute(std::string(queries::kUnlock), as_integers(key_), "release the migration lock");
}

}  // namespace headway::postgres
