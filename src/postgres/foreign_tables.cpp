#include "postgres/foreign_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "postgres/queries.hpp"

namespace headway::postgres {

std::vector<formats::FoundTable> find_tables(Wire& wire, std::span<const std::string> names,
                                             std::span<const std::string> columns) {
  const auto result = wire.ask({.sql = std::string(queries::kFindTables),
                                .parameters = {fmt::format("{}", fmt::join(names, "\n")),
                                               fmt::format("{}", fmt::join(columns, "\n"))},
                                .what = "look for another tool's history"});
  const PGresult* found = result.get();
  std::vector<formats::FoundTable> out;
  for (int row = 0; row < PQntuples(found); ++row) {
    const std::string_view schema = field(found, row, 0);
    const std::string_view name = field(found, row, 1);
    if (out.empty() || out.back().schema != schema || out.back().name != name) {
      out.push_back({std::string(schema),
                     std::string(name),
                     {},
                     is_true(found, row, 3),
                     is_true(found, row, 4)});
    }
    out.back().columns.emplace_back(field(found, row, 2));
  }
  return out;
}

std::vector<formats::ForeignRow> read_rows(Wire& wire, const std::string& query) {
  const auto result =
      wire.ask({.sql = query, .parameters = {}, .what = "read another tool's history"});
  const PGresult* found = result.get();
  std::vector<formats::ForeignRow> out;
  for (int row = 0; row < PQntuples(found); ++row) {
    formats::ForeignRow& fields = out.emplace_back();
    for (int column = 0; column < PQnfields(found); ++column) {
      if (PQgetisnull(found, row, column) != 0) {
        fields.emplace_back(std::nullopt);
      } else {
        fields.emplace_back(std::string(field(found, row, column)));
      }
    }
  }
  return out;
}

bool try_foreign_lock(Wire& wire, std::int64_t key) {
  const auto result = wire.ask(
      {.sql = fmt::format("SELECT pg_catalog.pg_try_advisory_lock({}::pg_catalog.int8)", key),
       .parameters = {},
       .what = "take another tool's lock"});
  return is_true(result.get(), 0, 0);
}

void release_foreign_lock(Wire& wire, std::int64_t key) {
  const auto result = wire.ask(
      {.sql = fmt::format("SELECT pg_catalog.pg_advisory_unlock({}::pg_catalog.int8)", key),
       .parameters = {},
       .what = "release another tool's lock"});
  static_cast<void>(result);
}

}  // namespace headway::postgres
