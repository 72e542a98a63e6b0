// One backend on the wire: libpqxx's connection, and the PGconn under it for what libpqxx hides
// (exact command tags, single-row mode, COPY, several results, diagnostics).
//
// Inside a transaction, statements of ours whose answer nobody waits for are put off with later():
// they travel with the next one that is sent, in one round trip, and their errors are thrown there.
//
// Errors come as headway::Error.  Use from one thread at a time, except cancel().
#pragma once
#include <libpq-fe.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/error_translation.hpp"
#include "postgres/pqxx_headers.hpp"
#include "postgres/result.hpp"

namespace headway::postgres {

/// Of a statement, in text form; nothing is NULL.
using Parameters = std::vector<std::optional<std::string>>;

class Wire {
 public:
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

  /// One statement that may wait for company; only from BEGIN (itself put off or not) to COMMIT.
  /// `if_not_supported`: what 0A000 means here.
  void later(std::string sql, Parameters parameters, std::string what,
             std::optional<ErrorId> if_not_supported = std::nullopt);
  /// Sends what was put off.
  void flush();
  /// Forgets what was put off: the transaction is given up.
  void forget() noexcept { queue_.clear(); }
  /// Runs one statement behind what was put off.  An error of the server is thrown, except, in
  /// try_ask(), the statement's own, which is left in the result.
  ResultPtr ask(std::string sql, Parameters parameters, std::string_view what);
  ResultPtr try_ask(std::string sql, Parameters parameters, std::string_view what);

  [[nodiscard]] PGconn* raw() const noexcept { return raw_; }
  [[nodiscard]] bool lost() const noexcept { return is_lost(raw_); }
  /// What was put off counts as sent.
  [[nodiscard]] bool idle() const noexcept {
    return queue_.empty() && PQtransactionStatus(raw_) == PQTRANS_IDLE;
  }
  [[nodiscard]] bool in_transaction() const noexcept {
    return !queue_.empty() || PQtransactionStatus(raw_) == PQTRANS_INTRANS;
  }
  [[nodiscard]] TranslationContext context() const noexcept;

  void cancel() noexcept;

 private:
  struct CancelDeleter {
    void operator()(PGcancel* cancel) const noexcept { PQfreeCancel(cancel); }
  };

  struct Queued {
    std::string sql;
    Parameters parameters;
    std::string what;
    std::optional<ErrorId> if_not_supported;
    bool answered;  ///< the caller looks at its error
  };

  std::vector<ResultPtr> exchange();
  void send(const Queued& queued);
  ResultPtr receive(const Queued& queued);

  PGconn* raw_;  // owned by connection_
  pqxx::connection connection_;
  bool log_literals_;
  std::unique_ptr<PGcancel, CancelDeleter> cancel_;
  std::atomic<bool> cancelled_{false};
  std::vector<Queued> queue_;
};

}  // namespace headway::postgres
