#include "engine/lock_hold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/backoff.hpp"
#include "sql/locks.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kBetweenCancels{50};
/// By how much the server's own limit is longer.
constexpr Milliseconds kGrace{2000};

}  // namespace

void LockHold::before(const PreparedStatement& statement, const std::string& path,
                      const std::optional<Milliseconds>& statement_timeout) {
  where_ = {path, statement.position.line, statement.position.column};
  statement_ = sql::normalize(statement.text);
  if (is_over()) throw error();
  if (!thread_.joinable() && !may_hold_up(statement)) return;
  limit_on_server(path, statement_timeout);
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& ended) { wait(ended); });
}

/// Once for each file: the session is reset in between, and what the file sets itself wins.
void LockHold::limit_on_server(const std::string& path, const std::optional<Milliseconds>& own) {
  if (std::exchange(limited_, path) == path) return;
  const Milliseconds limit = longest_ + kGrace;
  const bool shorter = own && *own > Milliseconds::zero() && *own <= limit;
  if (!shorter) connection_.set_timeouts(std::nullopt, limit);
}

void LockHold::end() noexcept {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

bool LockHold::is_over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

Error LockHold::error() const {
  return Error(ErrorId::LockHold,
               fmt::format(
                   "the rehearsal gave up {} after it had begun to take locks that others may "
                   "need (--max-lock-hold)",
                   words(longest_)))
      .at(where_)
      .statement(statement_);
}

/// What the words don't tell counts as if it did.
bool LockHold::may_hold_up(const PreparedStatement& statement) {
  const sql::ExpectedLocks expected = sql::expected_locks(statement.text);
  const bool holds = !expected.locks_known ||
                     std::ranges::any_of(expected.locks, [this](const sql::RelationLock& lock) {
                       using enum sql::LockMode;
                       return lock.mode != AccessShare && lock.mode != ShareUpdateExclusive &&
                              !created_.contains(lock.relation);
                     });
  created_.insert(expected.creates.begin(), expected.creates.end());
  return holds;
}

void LockHold::wait(const std::stop_token& ended) {
  std::unique_lock lock(mutex_);
  const auto stopped = [&ended] { return ended.stop_requested(); };
  if (wakeup_.wait_for(lock, ended, longest_, stopped) || ended.stop_requested()) return;
  over_ = true;
  // A cancel may fall between two statements.
  while (!ended.stop_requested()) {
    connection_.cancel();
    wakeup_.wait_for(lock, ended, kBetweenCancels, stopped);
  }
}

}  // namespace headway::engine
