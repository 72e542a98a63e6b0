#include "engine/lock_hold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/backoff.hpp"
#include "sql/locks.hpp"
#include "sql/normalize.hpp"
#include "sql/scanner.hpp"
#include "sql/text.hpp"

namespace headway::engine {
namespace {

constexpr Milliseconds kBetweenCancels{50};
/// By how much the server's own limit is longer.
constexpr Milliseconds kGrace{2000};

/// What it creates may also be there already, or be gone again when the next file begins.
bool is_surely_new(std::string_view statement) {
  static constexpr std::size_t kWords = 6;  // CREATE GLOBAL TEMP TABLE IF NOT
  sql::Scanner scanner(statement);
  for (std::size_t i = 0; i < kWords; ++i) {
    const sql::Token token = scanner.next();
    if (token.kind != sql::TokenKind::Word) return true;
    const std::string_view word = token.in(statement);
    for (const char* const doubt : {"IF", "TEMP", "TEMPORARY"}) {
      if (sql::is_word(word, doubt)) return false;
    }
  }
  return true;
}

bool names_search_path(std::string_view statement) {
  return sql::to_upper(statement).find("SEARCH_PATH") != std::string::npos;
}

}  // namespace

void LockHold::before(const PreparedStatement& statement, const std::string& path,
                      const std::optional<Milliseconds>& statement_timeout) {
  where_ = {path, statement.position.line, statement.position.column};
  statement_ = sql::normalize(statement.text);
  if (is_over()) throw error();
  if (!thread_.joinable() && !may_hold_up(statement)) return;
  limit_on_server(path, statement_timeout);
  begin();
}

void LockHold::begin() {
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
  if (names_search_path(statement.text)) names_hold_ = false;
  if (!names_hold_) created_.clear();
  const sql::ExpectedLocks expected = sql::expected_locks(statement.text);
  const bool holds = !expected.locks_known ||
                     std::ranges::any_of(expected.locks, [this](const sql::RelationLock& lock) {
                       using enum sql::LockMode;
                       return lock.mode != AccessShare && lock.mode != ShareUpdateExclusive &&
                              !created_.contains(lock.relation);
                     });
  if (is_surely_new(statement.text)) {
    created_.insert(expected.creates.begin(), expected.creates.end());
  }
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
