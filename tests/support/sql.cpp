#include "support/sql.hpp"

#include <libpq-fe.h>

#include <random>
#include <sstream>
#include <utility>

#include "support/postgres_programs.hpp"
#include "support/process.hpp"

namespace headway::testing {

namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

[[noreturn]] void fail(const PGresult* result, PGconn* connection, const std::string& sql) {
  const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  const char* text = result != nullptr ? PQresultErrorMessage(result) : PQerrorMessage(connection);
  throw SqlError(std::string(text) + "in: " + sql, state != nullptr ? state : "");
}

Rows take_rows(const PGresult* result) {
  Rows out(static_cast<std::size_t>(PQntuples(result)));
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      out[static_cast<std::size_t>(row)].emplace_back(
          PQgetisnull(result, row, column) != 0 ? kNull : PQgetvalue(result, row, column));
    }
  }
  return out;
}

bool succeeded(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY: return true;
    default: return false;
  }
}

}  // namespace

class SqlSession::Impl {
 public:
  explicit Impl(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      throw SqlError(std::string("cannot connect: ") + PQerrorMessage(connection_.get()), "");
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  Rows rows(const std::string& sql) {
    const Result result(PQexec(connection_.get(), sql.c_str()), &PQclear);
    if (!succeeded(result.get())) fail(result.get(), connection_.get(), sql);
    return take_rows(result.get());
  }

  void send(const std::string& sql) {
    sent_ = sql;
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0) fail(nullptr, connection_.get(), sql);
  }

  Rows receive() {
    Rows out;
    Result failed(nullptr, &PQclear);
    while (PGresult* next = PQgetResult(connection_.get())) {
      Result result(next, &PQclear);
      if (!succeeded(next)) {
        failed = std::move(result);
      } else {
        out = take_rows(next);
      }
    }
    if (failed) fail(failed.get(), connection_.get(), sent_);
    return out;
  }

  [[nodiscard]] int backend_pid() const { return PQbackendPID(connection_.get()); }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::string sent_;
};

SqlSession::SqlSession(const std::string& url) : impl_(std::make_unique<Impl>(url)) {}
SqlSession::~SqlSession() = default;
SqlSession::SqlSession(SqlSession&&) noexcept = default;
SqlSession& SqlSession::operator=(SqlSession&&) noexcept = default;

Rows SqlSession::rows(const std::string& sql) { return impl_->rows(sql); }
void SqlSession::exec(const std::string& sql) { impl_->rows(sql); }
void SqlSession::send(const std::string& sql) { impl_->send(sql); }
Rows SqlSession::receive() { return impl_->receive(); }
int SqlSession::backend_pid() const { return impl_->backend_pid(); }

std::string SqlSession::value(const std::string& sql) {
  const Rows result = rows(sql);
  if (result.size() != 1 || result[0].size() != 1) {
    throw SqlError("expected one value, got " + std::to_string(result.size()) + " rows: " + sql,
                   "");
  }
  return result[0][0];
}

Rows rows(const std::string& url, const std::string& sql) { return SqlSession(url).rows(sql); }
std::string value(const std::string& url, const std::string& sql) {
  return SqlSession(url).value(sql);
}
void exec(const std::string& url, const std::string& sql) { SqlSession(url).exec(sql); }

bool can_connect(const std::string& url) {
  try {
    const SqlSession session(url);
    return true;
  } catch (const SqlError&) {
    return false;
  }
}

namespace {

// Comments say which pg_dump and which database; \restrict has a random key.
bool is_noise(const std::string& line) {
  return line.empty() || line.starts_with("--") || line.starts_with("\\restrict") ||
         line.starts_with("\\unrestrict");
}

std::string dump(const std::string& url, const std::vector<std::string>& excluded,
                 const std::vector<std::string>& options) {
  Command command{.args = {postgres_program("pg_dump"), "--dbname=" + url}};
  command.args.insert(command.args.end(), options.begin(), options.end());
  for (const auto& schema : excluded) command.args.push_back("--exclude-schema=" + schema);
  const Exit exit = run(std::move(command));
  if (exit.code != 0) throw SqlError("pg_dump: " + exit.text(), "");
  std::istringstream in(exit.out);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (!is_noise(line)) out += line + "\n";
  }
  return out;
}

}  // namespace

std::string dump(const std::string& url, const std::vector<std::string>& excluded) {
  return dump(url, excluded, {"--schema-only"});
}

std::string dump_with_data(const std::string& url, const std::vector<std::string>& excluded) {
  return dump(url, excluded, {"--inserts"});
}

std::string with_parameter(const std::string& url, std::string_view name, std::string_view value) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + std::string(name) + "=" +
         percent_encode(value);
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

std::string database_of(const std::string& url) {
  const auto begin = url.find('/', url.find("//") + 2) + 1;
  return url.substr(begin, url.find('?') - begin);
}

std::string unique_name(std::string_view prefix) {
  static std::random_device device;
  std::uniform_int_distribution<int> letter('a', 'z');
  std::string name = std::string(prefix) + "_";
  for (int i = 0; i < 10; ++i) name += static_cast<char>(letter(device));
  return name;
}

}  // namespace headway::testing
