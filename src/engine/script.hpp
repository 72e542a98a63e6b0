// A script made ready to run: cut into statements, its transaction control understood, everything
// that can be refused before anything runs refused.  Pure.
//
// An outer BEGIN .. COMMIT pair is folded into the migration's own transaction, and the modes of
// BEGIN or of a leading SET TRANSACTION move into `begin_modes`.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migration/batch.hpp"
#include "migration/source.hpp"
#include "sql/facts.hpp"
#include "sql/splitter.hpp"

namespace headway::engine {

/// Small, because a file of some megabytes may hold a hundred thousand.
struct PreparedStatement {
  std::string_view text;
  sql::Position position;
  std::optional<std::string_view> copy_data;
  sql::CopyRest* copy_rest = nullptr;  ///< not null: copy_data is the first piece
  // Of its facts what is asked for again and again:
  sql::Control control = sql::Control::None;
  bool changes_session = false;
  bool needs_no_transaction = false;
  /// Can't be sent ahead: it copies from or to the client, or names a parameter, which no plain
  /// query has and which would mean something there.
  bool plain_only = false;
  /// For how long it may wait for locks.  What changes data waits for rows, and keeps nobody from
  /// reading or writing meanwhile; once the file sets lock_timeout itself, that holds.
  enum class Patience : std::uint8_t { Short, Unlimited, Own };
  Patience patience = Patience::Short;
  /// Behind the text come blanks, comments and a semicolon, if anything, and then a NUL byte: it is
  /// its file's last, and can be sent from where it stands.
  bool ends_text = false;
  /// Not null: it runs once for each range of a table's keys, and holds their placeholders.
  std::shared_ptr<const migration::Batch> batch = nullptr;

  /// All of them, found anew.
  [[nodiscard]] sql::Facts facts() const { return sql::facts_of(text); }
};

/// The lock timeout that a transaction needs before `next`, if it is another than the one of
/// `current`, which becomes that of `next`.  `short_timeout`: --lock-timeout.
[[nodiscard]] std::optional<std::chrono::milliseconds> change_of_patience(
    PreparedStatement::Patience& current, const PreparedStatement& next,
    std::optional<std::chrono::milliseconds> short_timeout);

struct PreparedScript {
  std::string path;  ///< for messages
  /// Views into the Script's text, which must outlive this.  No vector: that copies as it grows.
  std::deque<PreparedStatement> statements;
  migration::Transaction transaction = migration::Transaction::Each;
  std::string begin_modes;  ///< appended to BEGIN after our own defaults; may be empty
  std::optional<std::chrono::milliseconds> lock_timeout;  ///< the file's directives
  std::optional<std::chrono::milliseconds> statement_timeout;

  /// Not null: the text is not held, and `statements` is empty; each_statement() reads them.
  std::shared_ptr<const migration::LargeText> large = nullptr;
  std::shared_ptr<const migration::Outline> outline = nullptr;

  [[nodiscard]] std::size_t size() const noexcept {
    return outline ? outline->statements : statements.size();
  }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
};

/// The statements one after the other.  Those of a large text are read from its file, and valid
/// during the call.  Throws what `each` throws; ChecksumMismatch, if need be instead of another
/// error, if the file is not what it was: then nothing may be committed.
void each_statement(const PreparedScript& script,
                    const std::function<void(std::size_t, const PreparedStatement&)>& each);

/// What migration::build_native_source() asks about a large text.
[[nodiscard]] migration::Outline outline_of(const migration::LargeText& text,
                                            const std::string& path);

/// Throws Error: what sql::split() throws, NeedsNoTransaction, TransactionControl, BadDirective,
/// BadBatch.
[[nodiscard]] PreparedScript prepare(const migration::Script& script);

/// Prepares every script of a source (up, down, repeatables) for `validate` and before an upgrade.
/// Returns warnings (files without a statement).  Throws for the first thing that is wrong.
[[nodiscard]] std::vector<std::string> validate_scripts(const migration::Source& source);

/// Whether the modes of BEGIN or SET TRANSACTION make it read-only.
[[nodiscard]] bool is_read_only(std::string_view transaction_modes);

/// "FILE: the file holds no statement; ...", for the way forth and the way back.
[[nodiscard]] std::string empty_warning(const std::string& path);
[[nodiscard]] std::string empty_down_warning(const std::string& path);

/// The hash that the journal keeps of a finished statement: hex SHA-256 of its normalised-blank
/// text, and of what its batch cuts its ranges by.
[[nodiscard]] std::string journal_hash(const PreparedStatement& statement);

}  // namespace headway::engine
