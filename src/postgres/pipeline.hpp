// Statements of ours whose answer nobody waits for: they are put off, and travel together in one
// round trip of libpq's pipeline mode, together with the one whose answer is wanted.
//
// Errors come as headway::Error.  Use from one thread at a time.
#pragma once
#include <libpq-fe.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/error_translation.hpp"
#include "postgres/result.hpp"

namespace headway::postgres {

/// Of a statement, in text form; nothing is NULL.
using Parameters = std::vector<std::optional<std::string>>;

/// One statement of ours.
struct Statement {
  std::string sql;
  Parameters parameters;
  std::string what;  ///< for messages: "could not <what>: ..."
  /// Prepared under this name when it is first sent, so that the server parses and plans it once;
  /// one text a name.  Empty: each time anew.
  std::string name = {};
  bool begins = false;                                     ///< a transaction
  std::optional<ErrorId> if_not_supported = std::nullopt;  ///< what 0A000 means here
  /// Gets the result when all that travelled together has succeeded, in stream() as soon as it has
  /// come; may throw.
  std::function<void(const PGresult*)> answer = {};
  /// What its failure means; empty: that of a statement of ours.
  std::function<Error(const PGresult*)> translate = {};
  bool drops_rows = false;  ///< its rows are dropped one by one
  bool flushes = false;     ///< the server is to send its answer at once, not with those behind it
};

class Pipeline {
  class Stream;

 public:
  /// `connection` outlives this.  `context` is asked when there is an error to translate: what was
  /// cancelled meanwhile is an interruption.
  Pipeline(PGconn* connection, std::function<TranslationContext()> context)
      : connection_(connection), context_(std::move(context)) {}

  /// Behind a pooler the server's side may forget what was prepared.
  void never_prepare() noexcept { prepares_ = false; }
  void forget_prepared() noexcept { prepared_.clear(); }

  void put_off(Statement statement);
  /// What comes next is run even if what was put off before fails, and rolls back apart from it.
  void put_off_sync();
  /// Forgets the statements from the one that begins a transaction on.
  void forget_transaction() noexcept;

  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  [[nodiscard]] bool begins() const noexcept { return begins_; }

  /// Sends what was put off, and group after group what `feed` puts off at each call until it
  /// returns false; at most `ahead` groups before their answers.  Each group ends with a sync of
  /// its own.  Neither side waits for the other with full buffers.  Throws the first error when all
  /// that was sent has been answered; what came behind it has failed for that reason.
  void stream(const std::function<bool()>& feed, std::size_t ahead);

  /// Sends what was put off and throws the first error.  `last_is_answered`: the last statement's
  /// own error is left in the result.  Returns the last one's result.
  ResultPtr exchange(bool last_is_answered);

 private:
  struct Entry {
    Statement statement;
    bool sync = false;
    bool prepare = false;  // not prepared yet
    bool ends_group = false;
    ResultPtr result = nullptr;
  };

  void send(Entry& entry);
  void receive(Entry& entry);
  ResultPtr receive_one(const Statement& statement);
  void receive_sync();
  Error failure(const Statement& statement, const PGresult* result);

  PGconn* connection_;
  std::function<TranslationContext()> context_;
  std::vector<Entry> queue_;
  bool begins_ = false;
  bool prepares_ = true;
  std::set<std::string> prepared_;
};

}  // namespace headway::postgres
