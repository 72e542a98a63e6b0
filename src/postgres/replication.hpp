// Asks the primary how far its replicas are.
#pragma once
#include "engine/replica_lag.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

[[nodiscard]] engine::Replication read_replication(Wire& wire);

}  // namespace headway::postgres
