#include "postgres/pipeline.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <deque>
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
  if (sent != 0 && statement.flushes) sent = PQsendFlushRequest(connection_);
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

Error Pipeline::failure(const Statement& statement, const PGresult* result) {
  if (statement.translate) return statement.translate(result);
  auto info = own_error(result, context_(), statement.what).info();
  if (!statement.name.empty() && prepares_ && is_spoilt_plan(info.sqlstate, info.server_text)) {
    prepares_ = false;
    info.id = ErrorId::StalePlan;  // another attempt finds its way without
  } else if (info.sqlstate == "0A000") {
    info.id = statement.if_not_supported.value_or(info.id);
  }
  return Error(std::move(info));
}

// ---- stream ----

// libpq tells of an answer in steps: one result or, row by row, several; then a null; then the next
// query is the current one.  A sync has one result and no null.
class Pipeline::Stream {
 public:
  Stream(Pipeline& pipeline, const std::function<bool()>& feed, std::size_t ahead)
      : pipeline_(pipeline), connection_(pipeline.connection_), feed_(feed), ahead_(ahead) {}

  void run() {
    take_queue();
    for (;;) {
      send();
      if (in_flight_.empty() && fed_all_) return;
      receive();
      if (!in_flight_.empty() || !flushed_) wait();
    }
  }

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  void take_queue() {
    for (Entry& entry : std::exchange(pipeline_.queue_, {})) {
      pipeline_.send(entry);
      in_flight_.push_back(std::move(entry));
    }
    pipeline_.begins_ = false;
  }

  void send() {
    // What is not on its way yet is bounded by one group: the next is asked for when all is
    // flushed.
    while (flushed_ && !fed_all_ && groups_ < ahead_) {
      fed_all_ = error_.has_value() || !feed_();
      if (fed_all_ && pipeline_.queue_.empty()) break;
      pipeline_.put_off_sync();
      pipeline_.queue_.back().ends_group = true;
      ++groups_;
      take_queue();
      flush();
    }
  }

  void flush() {
    const int state = PQflush(connection_);
    if (state < 0) throw lost_error(connection_, kTalk);
    flushed_ = state == 0;
  }

  void wait() {
    if (PQisBusy(connection_) == 0 && !in_flight_.empty()) return;
    pollfd descriptor{PQsocket(connection_), POLLIN, 0};
    if (!flushed_) descriptor.events |= POLLOUT;
    while (::poll(&descriptor, 1, -1) < 0) {
      if (errno != EINTR) throw lost_error(connection_, kTalk);
    }
    if ((descriptor.revents & POLLOUT) != 0) flush();
    if ((descriptor.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_) == 0) {
      throw lost_error(connection_, kTalk);
    }
  }

  void receive() {
    while (!in_flight_.empty() && PQisBusy(connection_) == 0) {
      const ResultPtr result(PQgetResult(connection_));
      if (is_lost(connection_)) throw lost_error(connection_, kTalk);
      Entry& entry = in_flight_.front();
      if (entry.sync) {
        if (!result || PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) {
          throw lost_error(connection_, kTalk);
        }
        if (entry.ends_group) --groups_;
        in_flight_.pop_front();
      } else if (!result) {
        end_of_query(entry);
      } else {
        take(entry, result.get());
      }
    }
  }

  void end_of_query(Entry& entry) {
    if (entry.prepare) {
      entry.prepare = false;  // what comes next is the answer to the query itself
    } else {
      in_flight_.pop_front();
    }
    if (!in_flight_.empty() && in_flight_.front().statement.drops_rows) {
      PQsetSingleRowMode(connection_);
    }
  }

  void take(const Entry& entry, const PGresult* result) {
    const auto status = PQresultStatus(result);
    if (entry.prepare && status != PGRES_COMMAND_OK) {
      pipeline_.prepared_.erase(entry.statement.name);
    }
    if (refused_ || status == PGRES_SINGLE_TUPLE || status == PGRES_PIPELINE_ABORTED) return;
    if (failed(result)) {
      refused_ = true;  // and so will be all that was sent behind it
      if (!error_) error_ = pipeline_.failure(entry.statement, result);
      return;
    }
    // Of an answer that we don't like the server knows nothing: what is behind it happens.
    try {
      if (!entry.prepare && entry.statement.answer) entry.statement.answer(result);
    } catch (const Error& error) {
      if (!error_) error_ = error;
    }
  }

  Pipeline& pipeline_;
  PGconn* connection_;
  const std::function<bool()>& feed_;
  const std::size_t ahead_;
  std::deque<Entry> in_flight_;
  std::size_t groups_ = 0;
  bool flushed_ = true;
  bool fed_all_ = false;
  bool refused_ = false;  // by the server
  std::optional<Error> error_;
};

void Pipeline::stream(const std::function<bool()>& feed, std::size_t ahead) {
  if (PQenterPipelineMode(connection_) == 0 || PQsetnonblocking(connection_, 1) != 0) {
    throw lost_error(connection_, kTalk);
  }
  Stream stream(*this, feed, ahead);
  stream.run();
  if (PQsetnonblocking(connection_, 0) != 0 || PQexitPipelineMode(connection_) == 0) {
    throw lost_error(connection_, kTalk);
  }
  if (stream.error()) throw Error(*stream.error());
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
    throw failure(entry.statement, entry.result.get());
  }
  for (const Entry& entry : queue) {
    if (entry.statement.answer) entry.statement.answer(entry.result.get());
  }
  return std::move(queue.back().result);
}

}  // namespace headway::postgres
