// How long a rehearsal on a live database may hold up others: from the first statement on that may
// lock what others need, existing tables or rows in them, until it is rolled back.
//
// The time is taken here, not asked of the server: it ends what runs also if nobody can look.  If
// this process stands still, or nothing of it reaches the server, a statement timeout that is a
// little longer ends it there.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "engine/connection.hpp"

namespace headway::engine {

class LockHold {
 public:
  /// `connection` outlives this.
  LockHold(Connection& connection, Milliseconds longest)
      : connection_(connection), longest_(longest) {}
  ~LockHold() { end(); }
  LockHold(const LockHold&) = delete;
  LockHold& operator=(const LockHold&) = delete;

  /// To be called with each statement that is about to run in an open transaction.
  /// `statement_timeout`: of its file, or that of the run.  Throws error() if the time is over.
  void before(const PreparedStatement& statement, const std::string& path,
              const std::optional<Milliseconds>& statement_timeout);
  /// The time begins now, if it has not yet.
  void begin();
  /// From here on nothing is cancelled any more: what follows is ROLLBACK.
  void end() noexcept;
  /// What runs was cancelled because the time was over.
  [[nodiscard]] bool is_over() const;
  /// LockHold, at the last statement.
  [[nodiscard]] Error error() const;

 private:
  [[nodiscard]] bool may_hold_up(const PreparedStatement& statement);
  void limit_on_server(const std::string& path, const std::optional<Milliseconds>& own);
  void wait(const std::stop_token& ended);

  Connection& connection_;
  const Milliseconds longest_;
  std::set<std::string> created_;  // relations that nobody else knows
  bool names_hold_ = true;         // a name means the same from one statement to the next
  Location where_;                 // of the last statement
  std::string statement_;
  std::string limited_;  // path of the file whose statements the server limits
  mutable std::mutex mutex_;
  std::condition_variable_any wakeup_;
  bool over_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace headway::engine
