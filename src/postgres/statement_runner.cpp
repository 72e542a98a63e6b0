#include "postgres/statement_runner.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <exception>

#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

constexpr std::size_t kCopyPiece = std::size_t{64} * 1024;

/// libpq takes a text up to a NUL byte and keeps two copies of its own; a third one is made only
/// where more statements follow.
bool send(PGconn* connection, const engine::PreparedStatement& statement, Protocol protocol) {
  if (protocol == Protocol::OneCommand) {
    return PQsendQueryParams(connection, std::string(statement.text).c_str(), 0, nullptr, nullptr,
                             nullptr, nullptr, 0) != 0;
  }
  if (statement.ends_text) return PQsendQuery(connection, statement.text.data()) != 0;
  return PQsendQuery(connection, std::string(statement.text).c_str()) != 0;
}

bool put(PGconn* connection, std::string_view data) {
  while (!data.empty()) {
    const auto piece = data.substr(0, kCopyPiece);
    if (PQputCopyData(connection, piece.data(), static_cast<int>(piece.size())) != 1) return false;
    data.remove_prefix(piece.size());
  }
  return true;
}

void send_copy_data(PGconn* connection, const engine::PreparedStatement& statement) {
  if (!statement.copy_data) {
    PQputCopyEnd(connection, "the migration holds no data after this COPY");
    return;
  }
  if (!put(connection, *statement.copy_data)) return;
  if (statement.copy_rest != nullptr) {
    for (auto piece = statement.copy_rest->next(); !piece.empty();
         piece = statement.copy_rest->next()) {
      if (!put(connection, piece)) return;
    }
  }
  PQputCopyEnd(connection, nullptr);
}

void drop_copy_data(PGconn* connection) {
  char* buffer = nullptr;
  while (PQgetCopyData(connection, &buffer, 0) > 0) PQfreemem(buffer);
}

/// By the tag: that of UPDATE 5 is 5, and other statements have none.
std::optional<std::uint64_t> touched(PGresult* result) {
  const std::string_view text = PQcmdTuples(result);
  if (text.empty()) return std::nullopt;
  std::uint64_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

Error lost(const PGconn* connection, const engine::PreparedStatement& statement,
           const std::string& path) {
  return lost_error(connection, "run a statement")
      .at({path, statement.position.line, statement.position.column})
      .statement(sql::normalize(statement.text));
}

}  // namespace

std::optional<std::uint64_t> run_statement(Wire& wire, const engine::PreparedStatement& statement,
                                           const std::string& path, Protocol protocol) {
  wire.flush();
  auto* connection = wire.raw();
  if (!send(connection, statement, protocol)) throw lost(connection, statement, path);
  PQsetSingleRowMode(connection);
  ResultPtr failure;
  std::exception_ptr unread;
  std::optional<std::uint64_t> rows;
  while (PGresult* raw_result = PQgetResult(connection)) {
    ResultPtr result(raw_result);
    switch (PQresultStatus(result.get())) {
      case PGRES_COPY_IN: try { send_copy_data(connection, statement);
        } catch (const Error&) {
          unread = std::current_exception();
          PQputCopyEnd(connection, "the rest of the data can't be read");
        }
        break;
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH: drop_copy_data(connection); break;
      case PGRES_FATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        // The first one tells the cause; after it come only libpq's remarks about the connection.
        if (!failure) failure = std::move(result);
        break;
      default: rows = touched(result.get()); break;
    }
  }
  if (unread && !wire.lost()) std::rethrow_exception(unread);
  if (failure) throw statement_error(failure.get(), wire.context(), statement, path);
  if (wire.lost()) throw lost(connection, statement, path);
  return rows;
}

}  // namespace headway::postgres
