// Cuts a table into ranges of a key.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "engine/connection.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// See engine::Connection.
[[nodiscard]] engine::BatchTable find_batch_table(Wire& wire, const migration::Batch& batch,
                                                  const std::string& target);
[[nodiscard]] std::optional<std::string> last_key(Wire& wire, const engine::BatchTable& table);
[[nodiscard]] std::optional<engine::BatchRange> next_range(Wire& wire,
                                                           const engine::BatchTable& table,
                                                           const std::optional<std::string>& after,
                                                           const std::string& until,
                                                           std::size_t size);

}  // namespace headway::postgres
