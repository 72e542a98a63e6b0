#include "postgres/history_store.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/queries.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

using migration::RowKind;
using migration::RowState;

constexpr std::array<std::pair<RowKind, std::string_view>, 3> kKinds{{
    {RowKind::Migration, "migration"},
    {RowKind::Baseline, "baseline"},
    {RowKind::Adopted, "adopted"},
}};
constexpr std::array<std::pair<RowState, std::string_view>, 3> kStates{{
    {RowState::Applied, "applied"},
    {RowState::Running, "running"},
    {RowState::Failed, "failed"},
}};

template <typename Table, typename Value>
std::string name_in(const Table& table, Value value) {
  for (const auto& [key, name] : table) {
    if (key == value) return std::string(name);
  }
  throw Error(ErrorId::Internal, "a value without a name in the history");
}

template <typename Table>
auto value_in(const Table& table, std::string_view text) {
  for (const auto& [key, name] : table) {
    if (name == text) return key;
  }
  throw Error(ErrorId::UnsupportedLayout,
              fmt::format("the history holds \"{}\", which this version does not know", text));
}

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::optional<std::string> or_null(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::optional<Microseconds> duration_of(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::nullopt;
  return Microseconds(number(field(result, row, column)));
}

std::vector<std::string> split_journal(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    out.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return out;
}

}  // namespace

RowKind row_kind(std::string_view text) { return value_in(kKinds, text); }

RowState row_state(std::string_view text) { return value_in(kStates, text); }

migration::HistoryRow history_row(const PGresult* result, int row) {
  const auto text = [result, row](int column) { return std::string(field(result, row, column)); };
  migration::HistoryRow out;
  out.version = migration::Version(text(0));
  out.previous = migration::Version(text(1));
  out.name = text(2);
  out.checksum = migration::Checksum(text(3));
  out.kind = row_kind(field(result, row, 4));
  out.state = row_state(field(result, row, 5));
  out.attempt = static_cast<int>(number(field(result, row, 6)));
  migration::set_journal(out, split_journal(field(result, row, 7)));
  out.has_down = is_true(result, row, 8);
  out.down_checksum = migration::Checksum(text(9));
  out.irreversible = is_true(result, row, 10);
  out.run_id = text(11);
  out.applied_at = Timestamp(Microseconds(number(field(result, row, 12))));
  out.duration = duration_of(result, row, 13);
  out.applied_by = text(14);
  out.applied_from = text(15);
  out.headway_version = text(16);
  return out;
}

migration::RepeatableRow repeatable_row(const PGresult* result, int row) {
  migration::RepeatableRow out;
  out.name = std::string(field(result, row, 0));
  out.checksum = migration::Checksum(std::string(field(result, row, 1)));
  out.current = is_true(result, row, 2);
  out.applied_at = Timestamp(Microseconds(number(field(result, row, 3))));
  out.duration = duration_of(result, row, 4);
  out.run_id = std::string(field(result, row, 5));
  return out;
}

namespace {

std::string changing(std::string_view verb, const migration::Version& version) {
  return fmt::format("{} the history row of {}", verb, version.text());
}

}  // namespace

pqxx::result HistoryStore::execute(std::string_view query, const Parameters& parameters,
                                   std::string_view what) {
  const bool own_transaction = !transaction_settings_.empty() && wire_.idle();
  try {
    if (own_transaction) wire_.execute("BEGIN;\n" + transaction_settings_, what);
    auto result = wire_.execute(names_.fill(query), parameters, what);
    if (own_transaction) wire_.execute("COMMIT", what);
    return result;
  } catch (const Error& error) {
    if (own_transaction && error.sqlstate() == "08P01") {
      // PgBouncer's statement mode knows no transactions and hangs up.
      auto info = error.info();
      info.id = ErrorId::Pooler;
      throw Error(std::move(info));
    }
    if (own_transaction && !wire_.lost()) wire_.try_execute("ROLLBACK", what);
    throw with_grants(error, "SELECT, INSERT, UPDATE, DELETE");
  }
}

void HistoryStore::execute_soon(std::string_view name, std::string_view query,
                                Parameters parameters, std::string what) {
  // Behind a transaction pooler everything is said plainly, message by message.
  if (transaction_settings_.empty() && wire_.in_transaction()) {
    wire_.later({names_.fill(query), std::move(parameters), std::move(what), std::string(name)});
  } else {
    execute(query, parameters, what);
  }
}

Error HistoryStore::with_grants(const Error& error, std::string_view rights) const {
  if (error.id() != ErrorId::PermissionDenied) return error;
  auto info = error.info();
  const auto role = sql::quote_identifier(role_);
  const auto schema = sql::quote_identifier(names_.schema());
  info.next = fmt::format(
      "Run as the owner: GRANT USAGE ON SCHEMA {} TO {}; GRANT {} ON ALL TABLES IN SCHEMA {} TO "
      "{};",
      schema, role, rights, schema, role);
  return Error(std::move(info));
}

Reading HistoryStore::put_reading(const TablesFound& found, Batch& batch) const {
  Reading reading;
  if (!found.history || !found.history_readable) return reading;
  reading.history = batch.add(names_.fill(queries::kSelectHistory));
  // Who may read the history and nothing else may look: most sources hold no repeatable.
  if (found.repeatable && found.repeatable_granted) {
    reading.repeatables = batch.add(names_.fill(queries::kSelectRepeatable));
  }
  if (found.layout && found.layout_granted) {
    reading.layout = batch.add(names_.fill(queries::kSelectLayout));
  }
  return reading;
}

engine::HistorySnapshot HistoryStore::snapshot(const TablesFound& found, const Reading& reading,
                                               std::span<const ResultPtr> results) const {
  engine::HistorySnapshot out;
  out.exists = found.history;
  out.complete = found.complete();
  if (found.repeatable && !found.repeatable_granted) {
    Error denied(ErrorId::PermissionDenied,
                 fmt::format("permission denied for the table of repeatables beside {}",
                             names_.qualified_history()));
    out.repeatables_denied = with_grants(denied, "SELECT").info();
  }
  if (!reading.history) return out;
  if (reading.layout) {
    const PGresult* layout = results[*reading.layout].get();
    if (PQgetisnull(layout, 0, 0) == 0) {
      require_layout(static_cast<int>(number(field(layout, 0, 0))), names_);
    }
    if (!is_true(layout, 0, 1)) out.complete = false;
  }
  std::vector<migration::HistoryRow> rows;
  const PGresult* history = results[*reading.history].get();
  rows.reserve(static_cast<std::size_t>(PQntuples(history)));
  for (int row = 0; row < PQntuples(history); ++row) {
    if (field(history, row, 0) == migration::kBase) continue;
    rows.push_back(history_row(history, row));
  }
  std::vector<migration::RepeatableRow> repeatables;
  if (reading.repeatables) {
    const PGresult* listed = results[*reading.repeatables].get();
    for (int row = 0; row < PQntuples(listed); ++row) {
      repeatables.push_back(repeatable_row(listed, row));
    }
  }
  out.history = migration::History(std::move(rows), std::move(repeatables));
  return out;
}

engine::HistorySnapshot HistoryStore::read(const TablesFound& found, const std::string& prefix) {
  Batch batch;
  if (!prefix.empty()) batch.add(prefix);
  const Reading reading = put_reading(found, batch);
  if (!reading.history) return snapshot(found, reading, {});
  std::vector<ResultPtr> results;
  try {
    results =
        wire_.execute(batch.sql(), fmt::format("read the history {}", names_.qualified_history()));
  } catch (const Error& error) {
    throw with_grants(error, "SELECT");
  }
  return snapshot(found, reading, results);
}

std::string HistoryStore::read_down_sql(const migration::Version& version) {
  const auto writers =
      execute(queries::kHistoryWriters, Parameters{}, "look up who may write the history");
  if (!writers.empty()) {
    std::string roles;
    for (const auto& row : writers) {
      if (!roles.empty()) roles += ", ";
      roles += row[0].as<std::string>();
    }
    throw Error(ErrorId::UnsafeHistory,
                fmt::format("the stored way back of {} is not to be trusted: besides its owner, {} "
                            "may write {}",
                            version.text(), roles, names_.qualified_history()))
        .version(version.text())
        .next(fmt::format("Run as the owner: REVOKE INSERT, UPDATE, DELETE ON {} FROM {};",
                          names_.qualified_history(), roles));
  }
  const auto result =
      execute(queries::kSelectDown, Parameters{version.text()}, "read the stored way back");
  if (result.empty() || result[0][0].is_null()) {
    throw Error(ErrorId::StalePlan,
                fmt::format("the history holds no way back of {} any more", version.text()))
        .version(version.text());
  }
  auto text = result[0][0].as<std::string>();
  if (migration::checksum_of(text).hex() != result[0][1].as<std::string>("")) {
    throw Error(ErrorId::UnsafeHistory,
                fmt::format("the stored way back of {} does not have the checksum that was stored "
                            "with it: somebody changed it",
                            version.text()))
        .version(version.text())
        .next("Bring the migration's down file back, or write a migration that goes forward.");
  }
  return text;
}

void HistoryStore::insert_row(const engine::NewRow& row) {
  execute_soon(
      "headway_insert_row", queries::kInsertRow,
      Parameters{row.version.text(), row.previous.text(), row.name, or_null(row.checksum.hex()),
                 name_in(kKinds, row.kind), name_in(kStates, row.state), row.down_sql,
                 or_null(row.down_checksum.hex()), row.irreversible ? "t" : "f",
                 or_null(settings_.run_id), or_null(settings_.applied_from),
                 or_null(settings_.headway_version)},
      fmt::format("add {} to the history after {}", row.version.text(), row.previous.text()));
  if (mirror_ != nullptr && row.kind == RowKind::Baseline) reflect(mirror_->applied(row.version));
}

void HistoryStore::reflect(std::string sql) {
  if (sql.empty()) return;
  std::string what = fmt::format("write {}", mirror_->table().table.text());
  if (transaction_settings_.empty()) {
    wire_.later({std::move(sql), {}, std::move(what)});
  } else {
    static_cast<void>(wire_.execute(sql, what));
  }
}

Microseconds HistoryStore::close_row(const migration::Version& version) {
  const auto result = wire_.ask({names_.fill(queries::kCloseRow),
                                 {version.text(), or_null(settings_.run_id)},
                                 changing("close", version),
                                 "headway_close_row"});
  if (mirror_ != nullptr) reflect(mirror_->applied(version));
  return Microseconds(number(field(result.get(), 0, 1)));
}

void HistoryStore::close_row_soon(const migration::Version& version,
                                  std::function<void(Microseconds)> answer) {
  wire_.later({.sql = names_.fill(queries::kCloseRowWithEvent),
               .parameters = {version.text(), or_null(settings_.run_id), "applied",
                              or_null(settings_.applied_from), or_null(settings_.application_name)},
               .what = changing("close", version),
               .name = "headway_close_row_with_event",
               .answer = [answer = std::move(answer)](const PGresult* result) {
                 answer(Microseconds(number(field(result, 0, 1))));
               }});
  if (mirror_ != nullptr) reflect(mirror_->applied(version));
}

Microseconds HistoryStore::finish_row(const migration::Version& version, int attempt) {
  const auto result =
      execute(queries::kFinishRow,
              Parameters{version.text(), std::to_string(attempt), or_null(settings_.run_id)},
              changing("finish", version));
  if (mirror_ != nullptr) reflect(mirror_->applied(version));
  return Microseconds(result[0][1].as<std::int64_t>());
}

void HistoryStore::fail_row(const migration::Version& version, int attempt) {
  execute(queries::kFailRow, Parameters{version.text(), std::to_string(attempt)},
          changing("mark as failed", version));
}

int HistoryStore::resume_row(const migration::HistoryRow& expected) {
  const auto result =
      execute(queries::kResumeRow,
              Parameters{expected.version.text(), expected.previous.text(),
                         name_in(kStates, expected.state), expected.checksum.hex(),
                         std::to_string(expected.attempt), or_null(settings_.run_id),
                         or_null(settings_.applied_from), or_null(settings_.headway_version)},
              changing("resume", expected.version));
  return result[0][1].as<int>();
}

void HistoryStore::write_journal(const migration::Version& version, int attempt,
                                 std::span<const std::string> hashes) {
  // Hashes are hexadecimal, and other entries hardly more: nothing in them needs quoting in an
  // array's text.
  std::string array = "{";
  for (const auto& hash : hashes) {
    if (array.size() > 1) array += ',';
    array += hash;
  }
  array += '}';
  execute(queries::kWriteJournal, Parameters{version.text(), std::to_string(attempt), array},
          changing("write the journal of", version));
}

void HistoryStore::delete_row(const migration::HistoryRow& expected) {
  execute(queries::kDeleteRow,
          Parameters{expected.version.text(), expected.previous.text(),
                     name_in(kStates, expected.state), expected.checksum.hex(),
                     std::to_string(expected.attempt)},
          changing("delete", expected.version));
  if (mirror_ != nullptr) reflect(mirror_->reverted(expected.version));
}

void HistoryStore::set_checksum(const migration::HistoryRow& expected,
                                const migration::Checksum& checksum) {
  execute(queries::kSetChecksum,
          Parameters{expected.version.text(), expected.previous.text(),
                     name_in(kStates, expected.state), expected.checksum.hex(),
                     std::to_string(expected.attempt), or_null(checksum.hex())},
          changing("correct the checksum in", expected.version));
}

void HistoryStore::record_repeatable(const std::string& name, const migration::Checksum& checksum,
                                     const migration::Checksum& expected, Microseconds duration) {
  execute(queries::kRecordRepeatable,
          Parameters{name, checksum.hex(), expected.hex(), std::to_string(duration.count()),
                     or_null(settings_.run_id)},
          fmt::format("record the repeatable migration {}", name));
  if (mirror_ != nullptr) reflect(mirror_->repeated(name));
}

Parameters HistoryStore::parameters_of(const engine::EventRow& event) const {
  std::optional<std::string> duration;
  if (event.duration) duration = std::to_string(event.duration->count());
  return {event.event,
          or_null(event.version),
          duration,
          or_null(event.error_id),
          or_null(event.sqlstate),
          or_null(event.message),
          or_null(settings_.run_id),
          or_null(settings_.applied_from),
          or_null(settings_.application_name)};
}

void HistoryStore::write_event(const engine::EventRow& event) {
  execute_soon("headway_insert_event", queries::kInsertEvent, parameters_of(event),
               fmt::format("record the event \"{}\"", event.event));
}

void HistoryStore::write_event_soon(const engine::EventRow& event) {
  if (!transaction_settings_.empty() || !wire_.idle()) return write_event(event);
  const auto what = fmt::format("record the event \"{}\"", event.event);
  wire_.later({.sql = names_.fill(queries::kInsertEvent),
               .parameters = parameters_of(event),
               .what = what,
               .name = "headway_insert_event",
               .translate = [this, what](const PGresult* result) {
                 return with_grants(own_error(result, wire_.context(), what),
                                    "SELECT, INSERT, UPDATE, DELETE");
               }});
  wire_.later_apart();
}

std::optional<engine::EventRow> HistoryStore::last_failure(const std::string& prefix) {
  std::vector<ResultPtr> results;
  try {
    results = wire_.execute(prefix + names_.fill(queries::kLastFailure), "read the events");
  } catch (const Error& error) {
    throw with_grants(error, "SELECT");
  }
  const auto* found = results.back().get();
  if (PQntuples(found) == 0) return std::nullopt;
  const auto text = [found](int column) { return std::string(field(found, 0, column)); };
  engine::EventRow out;
  out.event = text(0);
  out.version = text(1);
  out.error_id = text(2);
  out.sqlstate = text(3);
  out.message = text(4);
  out.duration = duration_of(found, 0, 5);
  out.at = Timestamp(Microseconds(number(field(found, 0, 6))));
  return out;
}

}  // namespace headway::postgres
