// One backend on the wire: libpqxx's connection, and the PGconn under it for what libpqxx hides
// (exact command tags, single-row mode, COPY, several results, diagnostics).
//
// Statements of ours whose answer nobody waits for are put off with later(): they travel with the
// next one that is sent, in one round trip, and their errors are thrown there.
//
// Errors come as headway::Error.  Use from one thread at a time, except cancel().
#pragma once
#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/error_translation.hpp"
#include "postgres/pipeline.hpp"
#include "postgres/pqxx_headers.hpp"
#include "postgres/result.hpp"

namespace headway::postgres {

/// Gets the lines of several COPY .. TO STDOUT, as the server sends them; `table` counts from 0.
using CopiedLine = std::function<void(std::size_t table, std::string_view line)>;

/// Several statements of ours in one message; the results come in their order.
class Batch {
 public:
  /// Returns the index of its result among those of the batch.
  std::size_t add(std::string_view statement) {
    while (!statement.empty() && (statement.back() == '\n' || statement.back() == ';')) {
      statement.remove_suffix(1);
    }
    sql_.append(statement).append(";\n");
    return size_++;
  }
  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::string sql_;
  std::size_t size_ = 0;
};

class Wire {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// While it lives, what execute() and try_execute() ask without parameters has to be answered in
  /// time; if it is not, the connection is given up (ConnectionLost).
  class Deadline {
   public:
    Deadline(Wire& wire, Time time)
        : wire_(wire),
          before_(std::exchange(wire.deadline_, wire.deadline_ ? wire.deadline_ : time)) {}
    ~Deadline() { wire_.deadline_ = before_; }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

   private:
    Wire& wire_;
    std::optional<Time> before_;
  };

  /// Takes over a connection that is established.
  Wire(PGconn* connection, bool log_literals);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Runs one or more statements of ours in one round trip; a result each.  `what` goes into
  /// messages: "could not <what>: ...".
  std::vector<ResultPtr> execute(const std::string& sql, std::string_view what);
  /// Runs one statement with parameters, unnamed, so that it passes every pooler.
  pqxx::result execute(const std::string& sql, const Parameters& parameters, std::string_view what);
  /// As execute(), but an error of the server is left in the last result.
  std::vector<ResultPtr> try_execute(const std::string& sql, std::string_view what);

  /// Runs COPY .. TO STDOUT statements of ours in one round trip.  Returns the SQLSTATE with which
  /// the server refused one of them, or nothing.  `take` may throw, and is then called no more.
  std::string copy_out(const std::string& sql, std::string_view what, const CopiedLine& take);

  /// One statement that may wait for company.
  void later(Statement statement) { pipeline_.put_off(std::move(statement)); }
  /// What is put off from here on does not share the fate of what was put off before.
  void later_apart() { pipeline_.put_off_sync(); }
  /// Sends what was put off.
  void flush();
  /// Forgets what was put off of a transaction, which is given up.
  void forget_transaction() noexcept { pipeline_.forget_transaction(); }
  /// Runs one statement behind what was put off.  An error of the server is thrown, except, in
  /// try_ask(), the statement's own, which is left in the result.
  ResultPtr ask(Statement statement);
  ResultPtr try_ask(Statement statement);
  void stream(const std::function<bool()>& feed, std::size_t ahead) {
    pipeline_.stream(feed, ahead);
  }
  void never_prepare() noexcept { pipeline_.never_prepare(); }
  /// DEALLOCATE ALL, which takes what we prepared as well.
  void deallocate_all();

  [[nodiscard]] PGconn* raw() const noexcept { return raw_; }
  [[nodiscard]] bool lost() const noexcept { return is_lost(raw_); }
  /// A BEGIN that was put off counts as sent.
  [[nodiscard]] bool idle() const noexcept {
    return !pipeline_.begins() && PQtransactionStatus(raw_) == PQTRANS_IDLE;
  }
  [[nodiscard]] bool in_transaction() const noexcept {
    return pipeline_.begins() || PQtransactionStatus(raw_) == PQTRANS_INTRANS;
  }
  [[nodiscard]] TranslationContext context() const noexcept;

  /// Waits for a NOTIFY that the session listens for, and takes all that have come.  False: none
  /// within `longest`, stopped, or the connection is lost.
  bool await_notification(std::chrono::milliseconds longest, const std::stop_token& stop);

  void cancel() noexcept;
  /// What is cancelled from here on was not cancelled by us, until cancel() is called again.
  void forget_cancel() noexcept { cancelled_.store(false, std::memory_order_release); }

 private:
  struct CancelDeleter {
    void operator()(PGcancel* cancel) const noexcept { PQfreeCancel(cancel); }
  };

  PGconn* raw_;  // owned by connection_
  pqxx::connection connection_;
  bool log_literals_;
  void await_answer(std::string_view what);
  [[nodiscard]] bool await_input(std::string_view what);
  void copy_lines(std::string_view what, const std::function<void(std::string_view)>& take);

  std::optional<Time> deadline_;
  std::unique_ptr<PGcancel, CancelDeleter> cancel_;
  std::atomic<bool> cancelled_{false};
  Pipeline pipeline_;
};

}  // namespace headway::postgres
