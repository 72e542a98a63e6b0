// What most starts of most pods ask, and nothing else: is there anything to do?
//
// A backend that has just been forked knows none of the catalogue, and each function, operator and
// index that a query names costs it more than the query: COPY needs the table alone, and answers a
// session that was not set up at all.
#pragma once
#include <optional>

#include "engine/connection.hpp"
#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// The history with what an upgrade plans with (no journal, no way back, not who, where and how
/// long), in one round trip.  Nothing: only a look at everything tells, perhaps why it can't be
/// had.  Throws Error only for a connection that is lost.
[[nodiscard]] std::optional<engine::HistorySnapshot> quick_look(Wire& wire,
                                                                const TableNames& names);

}  // namespace headway::postgres
