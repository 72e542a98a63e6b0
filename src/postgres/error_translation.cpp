// SQLSTATEs say what went wrong; whether the connection is gone is told by libpq's status and the
// severity alone, because a foreign data wrapper or a RAISE may use class 08 and 57P01 as well.
#include "postgres/error_translation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "postgres/pqxx_headers.hpp"
#include "postgres/result.hpp"
#include "postgres/tls_problem.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

bool is_fatal(const PGresult* result) {
  const auto severity = diagnostic(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

/// The first line without blanks at the ends: libpq's own messages end with a newline.
std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

std::string primary_text(const PGresult* result) {
  auto text = diagnostic(result, PG_DIAG_MESSAGE_PRIMARY);
  return text.empty() ? first_line(PQresultErrorMessage(result)) : text;
}

ErrorId id_of(std::string_view sqlstate, bool cancelled, bool own) {
  if (sqlstate == "42501") return ErrorId::PermissionDenied;
  if (sqlstate == "55P03") return ErrorId::LockTimeout;
  if (sqlstate == "40P01") return ErrorId::Deadlock;
  if (sqlstate == "40001") return ErrorId::Serialization;
  if (sqlstate == "57014" && cancelled) return ErrorId::Interrupted;
  if (sqlstate == "25006") return ErrorId::ReadOnly;
  // Our own guards: a unique or foreign key of the chain, and 1 / count(*) that touched no row.
  if (own && (sqlstate == "23505" || sqlstate == "23503" || sqlstate == "22012")) {
    return ErrorId::StalePlan;
  }
  return ErrorId::MigrationFailed;
}

sql::Position advance(sql::Position from, std::string_view text, std::size_t characters) {
  for (const char c : text) {
    const bool continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (continuation) continue;
    if (characters == 0) break;
    --characters;
    if (c == '\n') {
      ++from.line;
      from.column = 1;
    } else {
      ++from.column;
    }
  }
  return from;
}

/// The first number in `text`, if it begins within `within` characters.
std::optional<std::size_t> number_in(std::string_view text, std::size_t within) {
  const auto start =
      std::find_if(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (static_cast<std::size_t>(start - text.begin()) > within) return std::nullopt;
  std::size_t number = 0;
  for (auto at = start; at != text.end() && std::isdigit(static_cast<unsigned char>(*at)) != 0;
       ++at) {
    number = number * 10 + static_cast<std::size_t>(*at - '0');
  }
  return number == 0 ? std::nullopt : std::optional(number);
}

std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// "COPY metrics, line 3, column value: ..." counts from the first line of the data.  The word for
/// `line` is the server's language's.
std::optional<std::size_t> data_line(std::string_view trace,
                                     const engine::PreparedStatement& statement) {
  if (!statement.copy_data || !trace.starts_with("COPY ")) return std::nullopt;
  const auto comma = trace.find(", ");
  return comma == std::string_view::npos ? std::nullopt : number_in(trace.substr(comma), 20);
}

/// The same in the file.
std::optional<std::size_t> copy_line(std::string_view trace,
                                     const engine::PreparedStatement& statement) {
  const auto line = data_line(trace, statement);
  if (!line) return std::nullopt;
  if (statement.copy_rest != nullptr) return statement.copy_rest->first_line() + *line - 1;
  const auto* data = statement.copy_data->data();
  const auto before = static_cast<std::size_t>(data - statement.text.data());
  return statement.position.line + lines_in({statement.text.data(), before}) + *line - 1;
}

/// The fields of the data's row that failed, as constants of a statement: what must not be shown.
std::string row_as_constants(std::string_view trace, const engine::PreparedStatement& statement) {
  const auto line = data_line(trace, statement);
  if (!line) return {};
  auto data = *statement.copy_data;
  for (std::size_t skipped = 1; skipped < *line && !data.empty(); ++skipped) {
    data.remove_prefix(std::min(data.find('\n'), data.size() - 1) + 1);
  }
  data = data.substr(0, data.find('\n'));
  std::string out = sql::quote_literal(data);
  for (;;) {
    const auto end = data.find_first_of("\t,;|\"");
    if (end != 0) out += ", " + sql::quote_literal(data.substr(0, end));
    if (end == std::string_view::npos) return out;
    data.remove_prefix(end + 1);
  }
}

/// "PL/pgSQL function inline_code_block line 3 at RAISE" counts from the line of DO's opening
/// quote.
std::optional<std::size_t> block_line(std::string_view trace,
                                      const engine::PreparedStatement& statement) {
  static constexpr std::string_view kBlock = "inline_code_block";
  const auto at = trace.find(kBlock);
  const auto quote = statement.text.find('$');
  if (at == std::string_view::npos || quote == std::string_view::npos) return std::nullopt;
  const auto line = number_in(trace.substr(at + kBlock.size()), 20);
  if (!line) return std::nullopt;
  return statement.position.line + lines_in(statement.text.substr(0, quote)) + *line - 1;
}

Location location_of(const PGresult* result, const engine::PreparedStatement& statement,
                     const std::string& path) {
  const auto position = diagnostic(result, PG_DIAG_STATEMENT_POSITION);
  if (const auto character = number_in(position, 0)) {
    const auto at = advance(statement.position, statement.text, *character - 1);
    return {path, at.line, at.column};
  }
  const auto trace = diagnostic(result, PG_DIAG_CONTEXT);
  if (const auto line = copy_line(trace, statement)) return {path, *line, 0};
  if (const auto line = block_line(trace, statement)) return {path, *line, 0};
  return {path, statement.position.line, statement.position.column};
}

/// A DETAIL may hold values of rows; this one lists the objects that depend on a dropped one.
bool tells_names_alone(const PGresult* result) {
  return diagnostic(result, PG_DIAG_SQLSTATE) == "2BP01" &&
         diagnostic(result, PG_DIAG_SOURCE_FUNCTION) == "reportDependentObjects";
}

ErrorInfo base_info(const PGresult* result, const TranslationContext& context, bool own) {
  ErrorInfo info;
  info.sqlstate = diagnostic(result, PG_DIAG_SQLSTATE);
  info.server_text = primary_text(result);
  info.server_hint = diagnostic(result, PG_DIAG_MESSAGE_HINT);
  if (context.log_literals || tells_names_alone(result)) {
    info.detail = diagnostic(result, PG_DIAG_MESSAGE_DETAIL);
  }
  info.id = is_fatal(result) || is_lost(context.connection)
                ? ErrorId::ConnectionLost
                : id_of(info.sqlstate, context.cancelled, own);
  return info;
}

std::string own_message(ErrorId id, std::string_view what, std::string_view text) {
  switch (id) {
    case ErrorId::ConnectionLost:
      return fmt::format("the connection was lost while trying to {}: {}", what, text);
    case ErrorId::StalePlan:
      return fmt::format("could not {}: it is not as the plan expected", what);
    default: return fmt::format("could not {}: {}", what, text);
  }
}

std::string lost_text(const PGconn* connection) {
  auto text = first_line(PQerrorMessage(connection));
  return text.empty() ? std::string("the server closed the connection") : text;
}

/// What to do about a statement that failed, where its SQLSTATE tells; empty: nothing special.
std::string advice_on(const ErrorInfo& info) {
  if (info.id == ErrorId::PermissionDenied) {
    return "Grant the role what the statement needs, or run it as another one with --role; then "
           "run it again.";
  }
  if (info.sqlstate == "2BP01") {
    return "Drop what depends on it first, in the same file and with IF EXISTS. A repeatable that "
           "a downgrade drops is run again by the next upgrade; one that an upgrade drops must be "
           "changed to run again.";
  }
  if (info.sqlstate == "55P04") {
    return "A new enum value can be used only once it is committed: give ALTER TYPE ... ADD VALUE "
           "a migration of its own, before this one.";
  }
  if (info.sqlstate == "25001" || info.sqlstate == "2D000") {
    return "It needs to run outside a transaction: begin the file with: -- headway: "
           "transaction=none";
  }
  return {};
}

}  // namespace

bool is_lost(const PGconn* connection) noexcept { return PQstatus(connection) == CONNECTION_BAD; }

Error statement_error(const PGresult* result, const TranslationContext& context,
                      const engine::PreparedStatement& statement, const std::string& path) {
  auto info = base_info(result, context, false);
  const auto streamed_line = statement.copy_rest == nullptr
                                 ? std::nullopt
                                 : data_line(diagnostic(result, PG_DIAG_CONTEXT), statement);
  if (!context.log_literals && streamed_line) {
    // Its row is not held any more, to tell which of the words are values.
    info.server_text = fmt::format(
        "the server refuses line {} of the data (its words may hold values of it, and are shown "
        "with --log-literals)",
        *streamed_line);
    info.server_hint.clear();
  } else if (!context.log_literals) {
    const auto data = row_as_constants(diagnostic(result, PG_DIAG_CONTEXT), statement);
    for (auto* text : {&info.server_text, &info.server_hint}) {
      *text = sql::redact(sql::redact(*text, statement.text), data);
    }
  }
  info.message = info.id == ErrorId::ConnectionLost
                     ? fmt::format("the connection was lost: {}", info.server_text)
                     : info.server_text;
  info.where = location_of(result, statement, path);
  info.statement = sql::normalize(statement.text);
  info.next = advice_on(info);
  return Error(std::move(info));
}

Error own_error(const PGresult* result, const TranslationContext& context, std::string_view what) {
  auto info = base_info(result, context, true);
  info.message = own_message(info.id, what, info.server_text);
  return Error(std::move(info));
}

Error current_pqxx_error(const TranslationContext& context, std::string_view what) {
  ErrorInfo info;
  try {
    throw;
  } catch (const pqxx::sql_error& error) {
    info.sqlstate = error.sqlstate();
    // The one error that libpqxx 7.10 strips of its code.
    if (info.sqlstate.empty() && dynamic_cast<const pqxx::insufficient_privilege*>(&error)) {
      info.sqlstate = "42501";
    }
    info.server_text = first_line(error.what());
    // "ERROR:  relation ..." in the server's language.
    if (const auto colon = info.server_text.find(":  "); colon != std::string::npos) {
      info.server_text.erase(0, colon + 3);
    }
    info.id = is_lost(context.connection) ? ErrorId::ConnectionLost
                                          : id_of(info.sqlstate, context.cancelled, true);
  } catch (const pqxx::broken_connection& error) {
    info.id = ErrorId::ConnectionLost;
    info.server_text = first_line(error.what());
  } catch (const pqxx::failure& error) {
    info.id = ErrorId::Internal;
    info.server_text = first_line(error.what());
  }
  info.message = own_message(info.id, what, info.server_text);
  return Error(std::move(info));
}

Error lost_error(const PGconn* connection, std::string_view what) {
  return {ErrorId::ConnectionLost,
          own_message(ErrorId::ConnectionLost, what, lost_text(connection))};
}

std::string sqlstate_in(std::string_view verbose_message) {
  static constexpr std::size_t kLength = 5;
  std::string found;
  for (std::size_t at = verbose_message.find(":  "); at != std::string_view::npos;
       at = verbose_message.find(":  ", at + 1)) {
    const auto rest = verbose_message.substr(at + 3);
    if (rest.size() <= kLength || rest[kLength] != ':') continue;
    const auto code = rest.substr(0, kLength);
    const bool plausible = std::all_of(code.begin(), code.end(), [](unsigned char c) {
      return std::isdigit(c) != 0 || std::isupper(c) != 0;
    });
    // The last one counts: with sslmode=prefer libpq tries twice and reports both.
    if (plausible) found = code;
  }
  return found;
}

namespace {

/// `connection to server at "db" (10.0.0.1), port 5432 failed: ` repeats what our message begins
/// with.
void strip_prefix(std::string& line) {
  static constexpr std::string_view kEnd = " failed: ";
  const auto end = line.find(kEnd);
  if (line.starts_with("connection to server ") && end != std::string::npos) {
    line.erase(0, end + kEnd.size());
  }
}

/// Without SQLSTATEs and without the lines that only a developer of the server reads.
std::string readable(std::string_view message, std::string_view sqlstate) {
  std::string out;
  while (!message.empty()) {
    const auto end = message.find('\n');
    auto line = std::string(message.substr(0, end));
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    if (line.empty() || line.starts_with("LOCATION:")) continue;
    const auto code = line.find(fmt::format(":  {}: ", sqlstate));
    if (!sqlstate.empty() && code != std::string::npos) line.erase(code + 3, sqlstate.size() + 2);
    line.erase(0, line.find_first_not_of(" \t"));
    strip_prefix(line);
    if (out.find(line) != std::string::npos) continue;
    if (!out.empty()) out += "; ";
    out += line;
  }
  return out;
}

ErrorId connect_id(std::string_view sqlstate, std::string_view message) {
  if (sqlstate == "28P01" || sqlstate == "28000") return ErrorId::AuthenticationFailed;
  if (sqlstate == "3D000") return ErrorId::NoSuchDatabase;
  if (sqlstate == "42501") return ErrorId::PermissionDenied;
  if (sqlstate == "25006") return ErrorId::ReadOnly;
  if (sqlstate == "22023" || sqlstate == "42704") return ErrorId::BadConfiguration;
  if (!sqlstate.empty()) return ErrorId::Unreachable;
  // libpq's own words, always in English: the binary has no message catalogues.
  const auto has = [message](std::string_view text) {
    return message.find(text) != std::string_view::npos;
  };
  if (message.starts_with("invalid ")) return ErrorId::BadConfiguration;
  if (has("no password supplied") || has("channel binding")) return ErrorId::AuthenticationFailed;
  if (has("session is read-only") || has("server is in hot standby mode")) return ErrorId::ReadOnly;
  return ErrorId::Unreachable;
}

}  // namespace

Error connect_error(std::string_view message, std::string_view where) {
  ErrorInfo info;
  info.sqlstate = sqlstate_in(message);
  info.id = connect_id(info.sqlstate, message);
  info.server_text = readable(message, info.sqlstate);
  if (auto problem = tls_problem(info.server_text)) {
    // What the server said counts for more than an attempt with TLS before it (sslmode=prefer).
    if (info.sqlstate.empty()) info.id = problem->id;
    if (info.id == problem->id) info.next = std::move(problem->next);
    info.server_text = std::move(problem->text);
  }
  info.message = fmt::format("could not connect to {}: {}", where, info.server_text);
  if (info.id == ErrorId::PermissionDenied) {
    info.next = "Run as the database's owner: GRANT CONNECT ON DATABASE ... TO the role.";
  }
  return Error(std::move(info));
}

}  // namespace headway::postgres
