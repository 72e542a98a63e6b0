#include "postgres/wire.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <memory>

#include "postgres/socket_wait.hpp"

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
      cancel_(PQgetCancel(connection)),
      pipeline_(connection, [this] { return context(); }) {
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
  await_answer(what);
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
    await_answer(what);
  }
  if (results.empty()) throw lost_error(raw_, what);
  return results;
}

void Wire::await_answer(std::string_view what) {
  while (deadline_ && PQisBusy(raw_) != 0) {
    if (!await_input(what)) return;  // PQgetResult() tells
  }
}

/// False: the connection is lost.
bool Wire::await_input(std::string_view what) {
  pollfd descriptor{PQsocket(raw_), POLLIN, 0};
  int longest = -1;
  if (deadline_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - std::chrono::steady_clock::now());
    longest = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  }
  const int ready = ::poll(&descriptor, 1, longest);
  if (ready == 0 && longest == 0) {
    // Nothing more is expected from it, not even that it takes a farewell.
    ::shutdown(PQsocket(raw_), SHUT_RDWR);
    throw Error(ErrorId::ConnectionLost,
                fmt::format("could not {}: the server has accepted the connection and does not "
                            "answer",
                            what));
  }
  return ready <= 0 || PQconsumeInput(raw_) != 0;
}

void Wire::copy_lines(std::string_view what, const std::function<void(std::string_view)>& take) {
  for (;;) {
    char* line = nullptr;
    const int length = PQgetCopyData(raw_, &line, 1);
    if (length < 0) return;  // the end, or an error that PQgetResult() tells of
    if (length == 0) {
      if (!await_input(what)) return;
      continue;
    }
    const std::unique_ptr<char, decltype(&PQfreemem)> owner(line, PQfreemem);
    take({line, static_cast<std::size_t>(length)});
  }
}

std::string Wire::copy_out(const std::string& sql, std::string_view what, const CopiedLine& take) {
  flush();
  if (PQsendQuery(raw_, sql.c_str()) == 0) throw lost_error(raw_, what);
  std::string refused;
  std::exception_ptr problem;
  std::size_t table = 0;
  const auto take_line = [&](std::string_view line) {
    if (problem) return;
    try {
      take(table, line);
    } catch (const Error&) {
      problem = std::current_exception();  // the answer is heard to its end all the same
    }
  };
  await_answer(what);
  while (const ResultPtr result{PQgetResult(raw_)}) {
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COPY_OUT) copy_lines(what, take_line);
    if (status == PGRES_COMMAND_OK) ++table;
    if (status == PGRES_FATAL_ERROR) refused = diagnostic(result.get(), PG_DIAG_SQLSTATE);
    await_answer(what);
  }
  if (lost()) throw lost_error(raw_, what);
  if (problem) std::rethrow_exception(problem);
  return refused;
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

ResultPtr Wire::try_ask(Statement statement) {
  pipeline_.put_off(std::move(statement));
  return pipeline_.exchange(true);
}

ResultPtr Wire::ask(Statement statement) {
  pipeline_.put_off(std::move(statement));
  return pipeline_.exchange(false);
}

void Wire::flush() {
  if (!pipeline_.empty()) pipeline_.exchange(false);
}

void Wire::deallocate_all() {
  execute("DEALLOCATE ALL", "forget prepared statements");
  pipeline_.forget_prepared();
}

bool Wire::await_notification(std::chrono::milliseconds longest, const std::stop_token& stop) {
  const StopEvent stopped(stop);
  const Time end = std::chrono::steady_clock::now() + longest;
  do {
    if (PQconsumeInput(raw_) == 0) return false;
    bool heard = false;
    while (PGnotify* notification = PQnotifies(raw_)) {
      PQfreemem(notification);
      heard = true;
    }
    if (heard) return true;
  } while (wait_for(raw_, POLLIN, end, stopped) == Waited::Ready);
  return false;
}

void Wire::cancel() noexcept {
  cancelled_.store(true, std::memory_order_release);
  std::array<char, 256> problem{};
  PQcancel(cancel_.get(), problem.data(), static_cast<int>(problem.size()));
}

}  // namespace headway::postgres
