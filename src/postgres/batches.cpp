#include "postgres/batches.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "postgres/queries.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string problem_of(const PGresult* found, const migration::Batch& batch) {
  if (PQntuples(found) == 0) return fmt::format("there is no table {}", batch.table);
  const std::string_view kind = field(found, 0, 0);
  const std::string_view table = field(found, 0, 1);
  const std::string_view column = field(found, 0, 2);
  if (kind != "r" && kind != "p") return fmt::format("{} is not a table", table);
  if (PQgetisnull(found, 0, 2) != 0) return fmt::format("{} has no column {}", table, batch.key);
  if (kind == "r" && is_true(found, 0, 5)) {
    return fmt::format(
        "tables inherit from {}, and an index of its own says nothing about their "
        "{}",
        table, column);
  }
  if (!is_true(found, 0, 4)) return fmt::format("the key {} of {} may be NULL", column, table);
  if (PQgetisnull(found, 0, 6) != 0) {
    return fmt::format(
        "the key {} of {} has no valid unique B-tree index over it alone and over "
        "all rows",
        column, table);
  }
  return {};
}

std::string constant(const std::string& key, const engine::BatchTable& table) {
  return fmt::format("CAST({} AS {})", sql::quote_literal(key), table.type);
}

/// Asks in the transaction that is open, and leaves no setting of its own in it: a key has to read
/// the same for a run with other settings, and the statement has to find the ones that its file has
/// set.
ResultPtr ask_for_keys(Wire& wire, const std::string& query, std::string_view what) {
  static constexpr std::string_view kBegin =
      "SAVEPOINT headway_range; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = "
      "'postgres'; SET LOCAL extra_float_digits = 1";
  static constexpr std::string_view kEnd =
      "ROLLBACK TO SAVEPOINT headway_range; RELEASE SAVEPOINT headway_range";
  auto results = wire.execute(fmt::format("{}; {}; {}", kBegin, query, kEnd), what);
  constexpr std::size_t kQuery = 4;  // behind those that begin
  return std::move(results[kQuery]);
}

}  // namespace

engine::BatchTable find_batch_table(Wire& wire, const migration::Batch& batch,
                                    const std::string& target) {
  Parameters parameters{batch.table, batch.key, std::nullopt};
  if (!target.empty()) parameters[2] = target;
  const auto result = wire.ask({.sql = std::string(queries::kBatchTable),
                                .parameters = std::move(parameters),
                                .what = "look up the table of a batch"});
  const PGresult* found = result.get();
  engine::BatchTable out;
  out.problem = problem_of(found, batch);
  if (!out.problem.empty()) return out;
  out.table = field(found, 0, 1);
  out.column = field(found, 0, 2);
  out.type = field(found, 0, 3);
  out.greater = field(found, 0, 6);
  out.is_target = is_true(found, 0, 7);
  const std::uint64_t rows = number(field(found, 0, 8));
  if (rows > 0) out.rows = rows;  // 0: perhaps nobody has counted
  return out;
}

std::optional<std::string> last_key(Wire& wire, const engine::BatchTable& table) {
  const auto result = ask_for_keys(
      wire,
      fmt::format("SELECT r.key::pg_catalog.text FROM (SELECT t.{0} AS key FROM {1} AS t ORDER BY "
                  "t.{0} DESC LIMIT 1) AS r",
                  table.column, table.table),
      "look for the last key");
  if (PQntuples(result.get()) == 0) return std::nullopt;
  return std::string(field(result.get(), 0, 0));
}

std::optional<engine::BatchRange> next_range(Wire& wire, const engine::BatchTable& table,
                                             const std::optional<std::string>& after,
                                             const std::string& until, std::size_t size) {
  const std::string behind =
      after ? fmt::format(" WHERE t.{} {} {}", table.column, table.greater, constant(*after, table))
            : std::string();
  const std::string query = fmt::format(
      "SELECT w.first::pg_catalog.text, w.key::pg_catalog.text, w.number FROM (SELECT r.key, "
      "pg_catalog.first_value(r.key) OVER ordered AS first, pg_catalog.row_number() OVER ordered "
      "AS number FROM (SELECT t.{0} AS key FROM {1} AS t{2} ORDER BY t.{0} LIMIT {3}) AS r WHERE "
      "NOT r.key {4} {5} WINDOW ordered AS (ORDER BY r.key)) AS w ORDER BY w.number DESC LIMIT 1",
      table.column, table.table, behind, size, table.greater, constant(until, table));
  const auto result = ask_for_keys(wire, query, "look for the next range of keys");
  const PGresult* found = result.get();
  if (PQntuples(found) == 0) return std::nullopt;
  engine::BatchRange out;
  out.first = field(found, 0, 0);
  out.last = field(found, 0, 1);
  out.rows = number(field(found, 0, 2));
  return out;
}

}  // namespace headway::postgres
