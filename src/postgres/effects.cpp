#include "postgres/effects.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "postgres/queries.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

using engine::EffectFound;
using State = EffectFound::State;

constexpr std::string_view kWhat = "look for what a statement left behind";

EffectFound found(State state, std::string what = {}) {
  EffectFound out;
  out.state = state;
  out.what = std::move(what);
  return out;
}

/// The query with the names of the effect, as texts, in place of $1 and $2.
std::string with_names(std::string_view query, const std::string& first,
                       const std::string& second = {}) {
  std::string out;
  for (std::size_t at = 0; at < query.size(); ++at) {
    const std::string_view rest = query.substr(at);
    const bool is_first = rest.starts_with("$1");
    if (is_first || rest.starts_with("$2")) {
      out += sql::quote_literal(is_first ? first : second);
      ++at;
    } else {
      out += query[at];
    }
  }
  return out;
}

struct Definition {
  bool unique = false;
  std::string text;  ///< from USING on
  bool operator==(const Definition&) const = default;
};

Definition definition(const PGresult* result, int column) {
  return {is_true(result, 0, column), std::string(field(result, 0, column + 1))};
}

/// How the server would write down the index that the statement asks for: it is made on an empty
/// table of the same columns, which nobody sees.  Nothing if our role may not.
std::optional<Definition> wanted_definition(Wire& wire, const sql::Effect& effect) {
  const std::string script = fmt::format(
      "BEGIN; CREATE TEMPORARY TABLE headway_definition (LIKE {}) ON COMMIT DROP; "
      "{}pg_temp.headway_definition{}; {}",
      effect.table, effect.definition_head, effect.definition_tail, queries::kIndexDefinition);
  const auto results = wire.try_execute(script, kWhat);
  std::optional<Definition> out;
  if (PQresultStatus(results.back().get()) == PGRES_TUPLES_OK &&
      PQntuples(results.back().get()) == 1) {
    out = definition(results.back().get(), 0);
  }
  wire.execute("ROLLBACK", kWhat);
  return out;
}

EffectFound find_index(Wire& wire, const sql::Effect& effect) {
  const auto results =
      wire.execute(with_names(queries::kFindIndex, effect.table, effect.name), kWhat);
  const PGresult* index = results.back().get();
  if (PQntuples(index) == 0) return found(State::NotDone);
  const std::string name(field(index, 0, 0));
  const bool valid = is_true(index, 0, 1);
  const auto wanted = wanted_definition(wire, effect);
  const bool ours = wanted && *wanted == definition(index, 2);
  if (valid) return found(ours ? State::Done : State::NotDone);
  if (!wanted) {
    return found(State::Unknown, fmt::format("the index {} is invalid, and whether it is this "
                                             "statement's can't be told",
                                             name));
  }
  if (!ours) {
    return found(State::Unknown,
                 fmt::format("the index {} is invalid, and defined in another way", name));
  }
  if (is_true(index, 0, 4)) {
    return found(State::Unknown,
                 fmt::format("the index {} is invalid, and no plain index: it belongs to a "
                             "constraint or to a partitioned one",
                             name));
  }
  if (PQgetisnull(index, 0, 5) == 0) {
    return found(State::Unknown, fmt::format("the index {} is being built by process {}", name,
                                             field(index, 0, 5)));
  }
  EffectFound out = found(State::Remainder, fmt::format("the invalid index {}", name));
  out.cleanup.push_back("DROP INDEX CONCURRENTLY IF EXISTS " + name);
  return out;
}

EffectFound find_reindex(Wire& wire, const sql::Effect& effect) {
  const auto results = wire.execute(with_names(queries::kReindexLeftovers, effect.name), kWhat);
  const PGresult* leftovers = results.back().get();
  EffectFound out = found(State::NotDone);  // done or not, it may be done again
  for (int row = 0; row < PQntuples(leftovers); ++row) {
    const std::string name(field(leftovers, row, 0));
    out.state = State::Remainder;
    out.what += (out.what.empty() ? "the invalid index " : ", ") + name;
    out.cleanup.push_back("DROP INDEX CONCURRENTLY IF EXISTS " + name);
  }
  return out;
}

EffectFound find_partition(Wire& wire, const sql::Effect& effect) {
  const auto results =
      wire.execute(with_names(queries::kFindPartition, effect.table, effect.name), kWhat);
  const PGresult* row = results.back().get();
  if (!is_true(row, 0, 0)) return found(State::Unknown, "one of its tables is gone");
  if (PQgetisnull(row, 0, 1) != 0) return found(State::Done);
  if (!is_true(row, 0, 1)) return found(State::NotDone);
  EffectFound out =
      found(State::Remainder, fmt::format("the detaching of {}, which is pending", effect.name));
  out.cleanup.push_back(
      fmt::format("ALTER TABLE {} DETACH PARTITION {} FINALIZE", effect.table, effect.name));
  out.cleanup_finishes = true;
  return out;
}

bool exists(Wire& wire, std::string_view query, const std::string& name) {
  const auto results = wire.execute(with_names(query, name), kWhat);
  return is_true(results.back().get(), 0, 0);
}

}  // namespace

EffectFound find_effect(Wire& wire, const sql::Effect& effect) {
  using Kind = sql::Effect::Kind;
  switch (effect.kind) {
    case Kind::Unknown: return found(State::Unknown);
    case Kind::Again: return found(State::NotDone);
    case Kind::CreateIndex: return find_index(wire, effect);
    case Kind::ReindexIndex:
    case Kind::ReindexTable: return find_reindex(wire, effect);
    case Kind::Detach: return find_partition(wire, effect);
    case Kind::DropIndex:
      return found(exists(wire, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", effect.name)
                       ? State::NotDone
                       : State::Done);
    case Kind::CreateDatabase:
      return found(exists(wire, queries::kFindDatabase, effect.name) ? State::Done
                                                                     : State::NotDone);
    case Kind::DropDatabase:
      return found(exists(wire, queries::kFindDatabase, effect.name) ? State::NotDone
                                                                     : State::Done);
  }
  return found(State::Unknown);
}

}  // namespace headway::postgres
