// Other tools' history tables, found and read.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/foreign_history.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// See engine::Connection.
[[nodiscard]] std::vector<formats::FoundTable> find_tables(Wire& wire,
                                                           std::span<const std::string> names,
                                                           std::span<const std::string> columns);
[[nodiscard]] std::vector<formats::ForeignRow> read_rows(Wire& wire, const std::string& query);
[[nodiscard]] bool try_foreign_lock(Wire& wire, std::int64_t key);
void release_foreign_lock(Wire& wire, std::int64_t key);

}  // namespace headway::postgres
