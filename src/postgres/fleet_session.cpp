#include "postgres/fleet_session.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

#include "postgres/history_store.hpp"
#include "postgres/queries.hpp"
#include "postgres/session.hpp"
#include "postgres/session_settings.hpp"

namespace headway::postgres {
namespace {

constexpr std::size_t kStatements = 3;  // of one history
constexpr Oid kNameOid = 19;
constexpr Oid kTextOid = 25;
constexpr Oid kVarcharOid = 1043;

std::string array_text(const std::set<std::string_view>& items) {
  std::string out = "{";
  for (const std::string_view item : items) {
    out += out.size() == 1 ? "\"" : ",\"";
    for (const char c : item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + '}';
}

Error bad_query(std::string problem) {
  return Error(ErrorId::BadConfiguration, "the query that lists the targets " + std::move(problem))
      .next("Write one SELECT with one column of type name, text or varchar.");
}

}  // namespace

FleetSession::FleetSession(PGconn* connection, const ConnectorSettings& settings,
                           const ConnectionParameters& parameters,
                           std::chrono::steady_clock::time_point deadline)
    : wire_(connection, settings.log_literals) {
  const char* version = PQparameterStatus(connection, "server_version");
  require_server_version(PQserverVersion(connection), version == nullptr ? "" : version);
  SessionSettings own(settings, parameters, PQserverVersion(connection));
  // It is short-lived and holds nothing that a dead client's backend could keep.
  own.without_connection_check();
  const Wire::Deadline in_time(wire_, deadline);
  // Where a pooler answers nothing is set: what it hands out belongs to others as well.
  const auto results =
      wire_.execute(own.session_sql(PQbackendPID(connection)) + std::string(queries::kServerInfo),
                    "set up the session");
  const PGresult* info = results.back().get();
  direct_ = settings.pooler == PoolerMode::Refuse &&
            field(info, 0, 3) == std::to_string(PQbackendPID(connection));
  plain_primary_ = direct_ && !is_true(info, 0, 4) && field(info, 0, 5) == "origin";
}

std::vector<std::string> FleetSession::list(const std::string& query) {
  wire_.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", "begin a transaction");
  // With parameters, even none, the server takes no more than one statement.
  const ResultPtr result(
      PQexecParams(wire_.raw(), query.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
  if (wire_.lost()) throw lost_error(wire_.raw(), "list the targets");
  if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
    auto info = own_error(result.get(), wire_.context(), "list the targets").info();
    // Interrupted, or a lack of rights, stays what it is.
    if (info.id == ErrorId::MigrationFailed || info.id == ErrorId::ReadOnly) {
      info.id = ErrorId::BadConfiguration;
    }
    throw Error(std::move(info));
  }
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw bad_query("answers no rows");
  if (PQnfields(result.get()) != 1) {
    throw bad_query(fmt::format("answers {} columns", PQnfields(result.get())));
  }
  const Oid type = PQftype(result.get(), 0);
  if (type != kNameOid && type != kTextOid && type != kVarcharOid) {
    throw bad_query("answers a column that is no text");
  }
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(PQntuples(result.get())));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    if (PQgetisnull(result.get(), row, 0) != 0) throw bad_query("answers a NULL");
    out.emplace_back(field(result.get(), row, 0));
  }
  wire_.execute("ROLLBACK", "end the transaction");
  return out;
}

std::vector<std::optional<engine::HistorySnapshot>> FleetSession::read(
    std::span<const HistoryPlace> places) {
  std::vector<std::optional<engine::HistorySnapshot>> out(places.size());
  std::vector<TableNames> names;
  names.reserve(places.size());
  std::set<std::string_view> schemas;
  std::set<std::string_view> tables;
  for (const HistoryPlace& place : places) {
    const TableNames& n = names.emplace_back(place.schema, place.table);
    schemas.insert(place.schema);
    tables.insert({n.history(), n.repeatable(), n.events(), n.layout()});
  }
  const pqxx::result found = wire_.execute(std::string(queries::kFleetTables),
                                           Parameters{array_text(schemas), array_text(tables)},
                                           "look for the history tables");
  std::set<std::pair<std::string_view, std::string_view>> there;
  for (const auto& row : found) there.emplace(row[0].view(), row[1].view());

  std::vector<std::size_t> readable;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string& schema = names[i].schema();
    const auto has = [&](const std::string& table) { return there.contains({schema, table}); };
    if (has(names[i].history()) && has(names[i].repeatable()) && has(names[i].events()) &&
        has(names[i].layout())) {
      readable.push_back(i);
    }
  }
  if (readable.empty()) return out;
  constexpr std::string_view kWhat = "read the histories";
  if (PQenterPipelineMode(wire_.raw()) == 0) throw lost_error(wire_.raw(), kWhat);
  // libpq reads what has come whenever it can't send, so neither side waits for the other.
  for (const std::size_t i : readable) send(names[i]);
  for (const std::size_t i : readable) out[i] = receive(names[i]);
  if (PQexitPipelineMode(wire_.raw()) == 0) throw lost_error(wire_.raw(), kWhat);
  return out;
}

/// Each history by itself: one that fails takes no other with it, and locks are let go of at once.
void FleetSession::send(const TableNames& names) {
  bool sent = true;
  for (const std::string_view query :
       {queries::kSelectHistory, queries::kSelectRepeatable, queries::kSelectLayout}) {
    const std::string sql = names.fill(query);
    sent = sent && PQsendQueryParams(wire_.raw(), sql.c_str(), 0, nullptr, nullptr, nullptr,
                                     nullptr, 0) != 0;
  }
  if (!sent || PQpipelineSync(wire_.raw()) == 0) {
    throw lost_error(wire_.raw(), "read the histories");
  }
}

std::optional<engine::HistorySnapshot> FleetSession::receive(const TableNames& names) {
  std::array<ResultPtr, kStatements> results;
  bool good = true;
  for (ResultPtr& result : results) {
    result.reset(PQgetResult(wire_.raw()));
    if (!result || wire_.lost()) throw lost_error(wire_.raw(), "read the histories");
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) good = false;
    // The end of a statement's results.
    while (ResultPtr(PQgetResult(wire_.raw()))) good = false;
  }
  const ResultPtr sync(PQgetResult(wire_.raw()));
  if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) {
    throw lost_error(wire_.raw(), "read the histories");
  }
  if (!good) return std::nullopt;
  const PGresult* layout = results[2].get();
  if (PQgetisnull(layout, 0, 0) != 0 || !is_true(layout, 0, 1)) return std::nullopt;
  engine::HistorySnapshot out;
  out.exists = true;
  try {
    require_layout(std::stoi(std::string(field(layout, 0, 0))), names);
    std::vector<migration::HistoryRow> rows;
    const PGresult* history = results[0].get();
    rows.reserve(static_cast<std::size_t>(PQntuples(history)));
    for (int row = 0; row < PQntuples(history); ++row) {
      if (field(history, row, 0) != migration::kBase) rows.push_back(history_row(history, row));
    }
    std::vector<migration::RepeatableRow> repeatables;
    for (int row = 0; row < PQntuples(results[1].get()); ++row) {
      repeatables.push_back(repeatable_row(results[1].get(), row));
    }
    out.history = migration::History(std::move(rows), std::move(repeatables));
  } catch (const Error&) {
    // A newer layout, not one chain ...: its own session says what is wrong with it.
    return std::nullopt;
  }
  return out;
}

}  // namespace headway::postgres
