#include "postgres/wire.hpp"

#include <array>

namespace headway::postgres {
namespace {

// NOTICEs of migrations are not for our output.
void drop_notice(void* /*unused*/, const PGresult* /*notice*/) {}

/// Leaves COPY mode, so that PQgetResult() gets on; our own statements never ask for it.
void leave_copy(PGconn* connection, const PGresult* result) {
  if (PQresultStatus(result) == PGRES_COPY_IN) {
    PQputCopyEnd(connection, "no data");
    return;
  }
  char* buffer = nullptr;
  while (PQgetCopyData(connection, &buffer, 0) > 0) PQfreemem(buffer);
}

}  // namespace

Wire::Wire(PGconn* connection, bool log_literals)
    : raw_(connection),
      connection_(pqxx::connection::seize_raw_connection(connection)),
      log_literals_(log_literals),
      cancel_(PQgetCancel(connection)) {
  PQsetNoticeReceiver(raw_, drop_notice, nullptr);
  // libpqxx passes on the whole message: let that be the server's one line.
  PQsetErrorVerbosity(raw_, PQERRORS_TERSE);
}

TranslationContext Wire::context() const noexcept {
  return {raw_, cancelled_.load(std::memory_order_acquire), log_literals_};
}

std::vector<ResultPtr> Wire::try_execute(const std::string& sql, std::string_view what) {
  flush();
  if (PQsendQuery(raw_, sql.c_str()) == 0) throw lost_error(raw_, what);
  std::vector<ResultPtr> results;
  bool failed = false;
  while (PGresult* raw_result = PQgetResult(raw_)) {
    ResultPtr result(raw_result);
    switch (PQresultStatus(result.get())) {
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH: leave_copy(raw_, result.get()); break;
      default: break;
    }
    // After the server's last words libpq adds one of its own about the closed connection.
    if (failed) continue;
    failed = PQresultStatus(result.get()) == PGRES_FATAL_ERROR ||
             PQresultStatus(result.get()) == PGRES_BAD_RESPONSE;
    results.push_back(std::move(result));
  }
  if (results.empty()) throw lost_error(raw_, what);
  return results;
}

std::vector<ResultPtr> Wire::execute(const std::string& sql, std::string_view what) {
  auto results = try_execute(sql, what);
  const auto status = PQresultStatus(results.back().get());
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
    throw own_error(results.back().get(), context(), what);
  }
  return results;
}

pqxx::result Wire::execute(const std::string& sql, const Parameters& parameters,
                           std::string_view what) {
  flush();
  if (lost()) throw lost_error(raw_, what);
  pqxx::params values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    if (parameter) {
      values.append(*parameter);
    } else {
      values.append();
    }
  }
  try {
    // A frame that libpqxx asks for; it sends nothing, transactions are begun and ended by us.
    pqxx::nontransaction frame(connection_);
    return frame.exec(sql, values);
  } catch (const pqxx::failure&) {
    throw current_pqxx_error(context(), what);
  }
}

void Wire::later(std::string sql, Parameters parameters, std::string what,
                 std::optional<ErrorId> if_not_supported) {
  queue_.push_back(
      {std::move(sql), std::move(parameters), std::move(what), if_not_supported, false});
}

void Wire::send(const Queued& queued) {
  std::vector<const char*> values;
  values.reserve(queued.parameters.size());
  for (const auto& parameter : queued.parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  if (PQsendQueryParams(raw_, queued.sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) == 0) {
    throw lost_error(raw_, queued.what);
  }
}

/// The one result of one statement in the pipeline, and the null that ends it.
ResultPtr Wire::receive(const Queued& queued) {
  ResultPtr result(PQgetResult(raw_));
  if (!result) throw lost_error(raw_, queued.what);
  const auto status = PQresultStatus(result.get());
  const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
  // A connection that is gone ends the pipeline here; libpq would go on telling of it.
  if (failed && lost()) throw own_error(result.get(), context(), queued.what);
  while (const ResultPtr rest{PQgetResult(raw_)}) {
    if (lost()) throw lost_error(raw_, queued.what);
  }
  return result;
}

/// Sends what was put off as one pipeline; a result each, of which the first error is the cause:
/// the server skips what comes behind it.
std::vector<ResultPtr> Wire::exchange() {
  const auto queue = std::exchange(queue_, {});
  constexpr std::string_view kWhat = "talk to the server";
  if (PQenterPipelineMode(raw_) == 0) throw lost_error(raw_, kWhat);
  for (const Queued& queued : queue) send(queued);
  if (PQpipelineSync(raw_) == 0) throw lost_error(raw_, kWhat);
  std::vector<ResultPtr> results;
  results.reserve(queue.size());
  for (const Queued& queued : queue) results.push_back(receive(queued));
  const ResultPtr sync(PQgetResult(raw_));
  if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(raw_) == 0) {
    throw lost_error(raw_, kWhat);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (PQresultStatus(results[i].get()) != PGRES_FATAL_ERROR) continue;
    if (queue[i].answered) return results;
    auto info = own_error(results[i].get(), context(), queue[i].what).info();
    if (info.sqlstate == "0A000") info.id = queue[i].if_not_supported.value_or(info.id);
    throw Error(std::move(info));
  }
  return results;
}

ResultPtr Wire::try_ask(std::string sql, Parameters parameters, std::string_view what) {
  queue_.push_back({std::move(sql), std::move(parameters), std::string(what), std::nullopt, true});
  return std::move(exchange().back());
}

ResultPtr Wire::ask(std::string sql, Parameters parameters, std::string_view what) {
  later(std::move(sql), std::move(parameters), std::string(what));
  return std::move(exchange().back());
}

void Wire::flush() {
  if (!queue_.empty()) exchange();
}

void Wire::cancel() noexcept {
  cancelled_.store(true, std::memory_order_release);
  std::array<char, 256> problem{};
  PQcancel(cancel_.get(), problem.data(), static_cast<int>(problem.size()));
}

}  // namespace headway::postgres
