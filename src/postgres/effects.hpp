// Looks into the catalogue for what statements that can't run in a transaction have left behind.
#pragma once
#include "engine/connection.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// Outside of a transaction.  Throws Error for a connection that is lost.
[[nodiscard]] engine::EffectFound find_effect(Wire& wire, const sql::Effect& effect);

}  // namespace headway::postgres
