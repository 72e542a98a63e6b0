#include "postgres/pipeline.hpp"

#include <algorithm>
#include <utility>

namespace headway::postgres {
namespace {

constexpr std::string_view kTalk = "talk to the server";

bool failed(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

/// A migration may deallocate what we prepared, or change the tables that it reads.
bool is_spoilt_plan(std::string_view sqlstate, std::string_view message) {
  return sqlstate == "26000" ||
         (sqlstate == "0A000" && message.find("cached plan") != std::string_view::npos);
}

}  // namespace

void Pipeline::put_off(Statement statement) {
  begins_ = begins_ || statement.begins;
  queue_.push_back({.statement = std::move(statement)});
}

void Pipeline::put_off_sync() { queue_.push_back({.statement = {}, .sync = true}); }

void Pipeline::forget_transaction() noexcept {
  const auto first = std::find_if(queue_.begin(), queue_.end(),
                                  [](const Entry& entry) { return entry.statement.begins; });
  if (begins_) queue_.erase(first, queue_.end());
  begins_ = false;
}

void Pipeline::send(Entry& entry) {
  if (entry.sync) {
    if (PQpipelineSync(connection_) == 0) throw lost_error(connection_, kTalk);
    return;
  }
  const Statement& statement = entry.statement;
  std::vector<const char*> values;
  values.reserve(statement.parameters.size());
  for (const auto& parameter : statement.parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  const int count = static_cast<int>(values.size());
  int sent = 1;
  if (statement.name.empty() || !prepares_) {
    sent = PQsendQueryParams(connection_, statement.sql.c_str(), count, nullptr, values.data(),
                             nullptr, nullptr, 0);
  } else {
    const std::string& name = statement.name;
    entry.prepare = prepared_.insert(name).second;
    if (entry.prepare) {
      sent = PQsendPrepare(connection_, name.c_str(), statement.sql.c_str(), 0, nullptr);
    }
    if (sent != 0) {
      sent =
          PQsendQueryPrepared(connection_, name.c_str(), count, values.data(), nullptr, nullptr, 0);
    }
  }
  if (sent == 0) throw lost_error(connection_, statement.what);
}

/// The one result of one message, and the null that ends it.
ResultPtr Pipeline::receive_one(const Statement& statement) {
  ResultPtr result(PQgetResult(connection_));
  if (!result) throw lost_error(connection_, statement.what);
  // A connection that is gone ends the pipeline here; libpq would go on telling of it.
  if (failed(result.get()) && is_lost(connection_)) {
    throw own_error(result.get(), context_(), statement.what);
  }
  while (const ResultPtr rest{PQgetResult(connection_)}) {
    if (is_lost(connection_)) throw lost_error(connection_, statement.what);
  }
  return result;
}

void Pipeline::receive_sync() {
  const ResultPtr sync(PQgetResult(connection_));
  if (!sync || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) {
    throw lost_error(connection_, kTalk);
  }
}

void Pipeline::receive(Entry& entry) {
  if (entry.sync) return receive_sync();
  if (entry.prepare) {
    ResultPtr prepared = receive_one(entry.statement);
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
      prepared_.erase(entry.statement.name);
      if (failed(prepared.get())) {
        receive_one(entry.statement);  // skipped
        entry.result = std::move(prepared);
        return;
      }
    }
  }
  entry.result = receive_one(entry.statement);
}

void Pipeline::fail(const Entry& entry) {
  const Statement& statement = entry.statement;
  auto info = own_error(entry.result.get(), context_(), statement.what).info();
  if (!statement.name.empty() && prepares_ && is_spoilt_plan(info.sqlstate, info.server_text)) {
    prepares_ = false;
    info.id = ErrorId::StalePlan;  // another attempt finds its way without
  } else if (info.sqlstate == "0A000") {
    info.id = statement.if_not_supported.value_or(info.id);
  }
  throw Error(std::move(info));
}

ResultPtr Pipeline::exchange(bool last_is_answered) {
  auto queue = std::exchange(queue_, {});
  begins_ = false;
  if (queue.empty()) return nullptr;
  if (PQenterPipelineMode(connection_) == 0) throw lost_error(connection_, kTalk);
  for (Entry& entry : queue) send(entry);
  if (PQpipelineSync(connection_) == 0) throw lost_error(connection_, kTalk);
  for (Entry& entry : queue) receive(entry);
  receive_sync();
  if (PQexitPipelineMode(connection_) == 0) throw lost_error(connection_, kTalk);
  for (const Entry& entry : queue) {
    if (entry.sync || !failed(entry.result.get())) continue;
    if (last_is_answered && &entry == &queue.back()) break;
    fail(entry);
  }
  for (const Entry& entry : queue) {
    if (entry.statement.answer) entry.statement.answer(entry.result.get());
  }
  return std::move(queue.back().result);
}

}  // namespace headway::postgres
