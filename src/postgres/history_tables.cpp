#include "postgres/history_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

#include "postgres/connector.hpp"
#include "postgres/queries.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

constexpr int kLayout = 1;
constexpr int kCreateAttempts = 3;

constexpr std::array<std::string_view, 17> kHistoryColumns{
    "version",    "previous", "name",       "checksum",      "kind",           "state",
    "attempt",    "journal",  "down_sql",   "down_checksum", "irreversible",   "run_id",
    "applied_at", "duration", "applied_by", "applied_from",  "headway_version"};
constexpr std::array<std::string_view, 6> kRepeatableColumns{"name",     "checksum", "applied_at",
                                                             "duration", "run_id",   "current"};
constexpr std::array<std::string_view, 13> kEventsColumns{
    "id",      "at",     "event",   "version",   "duration",    "error_id", "sqlstate",
    "message", "run_id", "by_role", "from_host", "application", "pid"};
constexpr std::array<std::string_view, 1> kLayoutColumns{"number"};

bool has_all(std::string_view comma_list, std::span<const std::string_view> columns) {
  std::set<std::string_view> found;
  for (;;) {
    const auto comma = comma_list.find(',');
    found.insert(comma_list.substr(0, comma));
    if (comma == std::string_view::npos) break;
    comma_list.remove_prefix(comma + 1);
  }
  return std::all_of(columns.begin(), columns.end(),
                     [&found](std::string_view column) { return found.contains(column); });
}

/// GRANT knows PUBLIC as a word, not as a name.
std::string grantee(const std::string& role) {
  const bool everybody = role == "public" || role == "PUBLIC";
  return everybody ? std::string("PUBLIC") : sql::quote_identifier(role);
}

std::string grant_sql(const TableNames& names, const std::string& reader) {
  static constexpr std::string_view kPlaceholder = "{{reader}}";
  auto text = names.fill(queries::kGrantReader);
  const auto role = grantee(reader);
  for (auto at = text.find(kPlaceholder); at != std::string::npos;
       at = text.find(kPlaceholder, at + role.size())) {
    text.replace(at, kPlaceholder.size(), role);
  }
  return text;
}

/// Another session made the same thing at the same moment: unique violations are those of the
/// catalogue's own indexes.
bool lost_a_race(const Error& error) {
  return error.sqlstate() == "42P07" || error.sqlstate() == "42P06" ||
         error.sqlstate() == "23505" || error.sqlstate() == "42701";
}

}  // namespace

TablesFound tables_found(const PGresult* lookup, const TableNames& names) {
  TablesFound out;
  for (int row = 0; row < PQntuples(lookup); ++row) {
    out.schema = true;
    const auto table = field(lookup, row, 1);
    const auto columns = field(lookup, row, 4);
    const auto note = [&](bool& present, std::span<const std::string_view> needed) {
      present = true;
      const bool all = has_all(columns, needed);
      if (!all) out.columns_complete = false;
      return all;
    };
    if (table == names.history()) {
      out.history_readable = note(out.history, kHistoryColumns);
      out.owner = field(lookup, row, 2);
      out.owner_is_ours = is_true(lookup, row, 3);
    } else if (table == names.repeatable()) {
      // One read covers both, so both have to be readable.
      if (!note(out.repeatable, kRepeatableColumns)) out.history_readable = false;
      out.repeatable_granted = is_true(lookup, row, 5);
    } else if (table == names.events()) {
      note(out.events, kEventsColumns);
    } else if (table == names.layout()) {
      note(out.layout, kLayoutColumns);
      out.layout_granted = is_true(lookup, row, 5);
    }
  }
  return out;
}

void require_layout(int number, const TableNames& names) {
  if (number <= kLayout) return;
  throw Error(ErrorId::UnsupportedLayout,
              fmt::format("the history {} has layout {}, and this version knows layouts up to {}",
                          names.qualified_history(), number, kLayout));
}

TablesFound HistoryTables::look_up() {
  const auto results =
      wire_.execute(names_.fill(queries::kLookupTables), "look for the history tables");
  return tables_found(results.back().get(), names_);
}

void HistoryTables::check_content(TablesFound& found) {
  const auto results = wire_.execute(names_.fill(queries::kSelectLayout), "read the layout");
  const auto number = field(results.back().get(), 0, 0);
  require_layout(number.empty() ? kLayout : std::stoi(std::string(number)), names_);
  found.base_row = is_true(results.back().get(), 0, 1);
}

std::vector<ResultPtr> HistoryTables::create(const TablesFound& found, const Batch& more,
                                             In where) {
  const bool own = where == In::OwnTransaction;
  std::string script;
  if (own) script = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n" + transaction_settings_;
  if (!found.schema) script += names_.fill(queries::kCreateSchema);
  if (!found.columns_complete) script += names_.fill(queries::kCompleteTables);
  script += names_.fill(queries::kCreateTables);
  if (own) script += "COMMIT;\n";
  Batch questions;
  questions.add(names_.fill(queries::kLookupTables));
  try {
    auto results = wire_.execute(script + questions.sql() + more.sql(),
                                 fmt::format("create the history tables in schema {}",
                                             sql::quote_identifier(names_.schema())));
    const auto answers = static_cast<std::ptrdiff_t>(questions.size() + more.size());
    results.erase(results.begin(), results.end() - answers);
    return results;
  } catch (const Error&) {
    if (own && !wire_.lost() && !wire_.idle()) wire_.try_execute("ROLLBACK", "roll back");
    throw;
  }
}

void HistoryTables::grant_readers() {
  for (const auto& reader : readers_) {
    const bool everybody = grantee(reader) == "PUBLIC";
    try {
      const auto result = wire_.execute(names_.fill(queries::kReaderLacks),
                                        Parameters{everybody ? std::string("public") : reader},
                                        "look up the rights of " + reader);
      if (!result[0][0].as<bool>()) continue;
      wire_.execute(grant_sql(names_, reader), "grant the history to " + reader);
    } catch (const Error& error) {
      if (error.sqlstate() != "42704") throw;
      throw Error(ErrorId::BadConfiguration,
                  fmt::format("--history-readers names a role that does not exist: {}", reader));
    }
  }
}

void HistoryTables::explain_denied(const Error& error, const TablesFound& found,
                                   const std::string& role, const std::string& database) const {
  auto info = error.info();
  const std::string right =
      found.schema ? "USAGE, CREATE ON SCHEMA " + sql::quote_identifier(names_.schema())
                   : "CREATE ON DATABASE " + sql::quote_identifier(database);
  info.next = fmt::format(
      "Run as the owner: GRANT {} TO {}; or let an administrator run the output of `headway init "
      "--sql`.",
      right, sql::quote_identifier(role));
  throw Error(std::move(info));
}

std::vector<ResultPtr> HistoryTables::ensure(TablesFound found, const std::string& role,
                                             const std::string& database, const Batch& more,
                                             In where) {
  const auto require_owner = [this, &found] {
    if (!found.history || found.owner_is_ours) return;
    throw Error(ErrorId::UnsafeHistory,
                fmt::format("the history {} is owned by {}, and our role can't act as it",
                            names_.qualified_history(), found.owner))
        .next(fmt::format("ALTER TABLE {} OWNER TO the role that migrates, or choose another "
                          "--history-schema.",
                          names_.qualified_history()));
  };
  std::vector<ResultPtr> answers;
  require_owner();
  if (found.history && found.layout && !found.content_checked) check_content(found);
  for (int attempt = 1; !found.complete(); ++attempt) {
    try {
      answers = create(found, more, where);
      found = tables_found(answers.front().get(), names_);
      answers.erase(answers.begin());
    } catch (const Error& error) {
      if (error.id() == ErrorId::PermissionDenied) explain_denied(error, found, role, database);
      const bool again = where == In::OwnTransaction && attempt < kCreateAttempts;
      if (!lost_a_race(error) || !again) throw;
      found = look_up();
    }
    require_owner();
    if (attempt == kCreateAttempts && !found.complete()) {
      throw Error(ErrorId::HistoryCorrupt,
                  fmt::format("the history tables in schema {} lack columns that can't be added",
                              sql::quote_identifier(names_.schema())));
    }
  }
  grant_readers();
  return answers;
}

std::string init_sql(const std::string& schema, const std::string& table,
                     const std::vector<std::string>& readers) {
  const TableNames names(schema, table);
  std::string out =
      "-- The history tables of Headway.  Run this as the role that will migrate, or as a role\n"
      "-- that it is a member of: Headway refuses a history that somebody else owns.\n"
      "BEGIN;\n\n";
  out += names.fill(queries::kCreateSchema);
  out += '\n';
  out += names.fill(queries::kCreateTables);
  for (const auto& reader : readers) {
    out += '\n';
    out += grant_sql(names, reader);
  }
  out += "\nCOMMIT;\n";
  return out;
}

}  // namespace headway::postgres
