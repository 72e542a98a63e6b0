#include "engine/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "engine/batch_checks.hpp"
#include "engine/units.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using sql::Control;

Error refused(ErrorId id, const std::string& path, const PreparedStatement& statement,
              std::string message) {
  return Error(id, std::move(message))
      .at({path, statement.position.line, statement.position.column})
      .statement(sql::normalize(statement.text));
}

std::string upper_words(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

/// Takes the outer BEGIN .. COMMIT and leading SET TRANSACTIONs out of a file's statements, which
/// come one by one, and says what can't stand in the migration's own transaction.
class Folding {
 public:
  explicit Folding(const std::string& path) : path_(path) {}

  /// Whether it is to be run.  A COMMIT that more statements follow must not be.
  bool take(const PreparedStatement& statement) {
    if (closing_) note(std::exchange(closing_, std::nullopt));
    const bool first = std::exchange(first_, false);
    if (first && statement.control == Control::Begin) {
      unclosed_ = refused(ErrorId::TransactionControl, path_, statement,
                          "the file begins a transaction that its last statement does not commit");
      take_modes(statement);
      return false;
    }
    if (leading_ && statement.control == Control::SetTransaction) {
      take_modes(statement);
      return false;
    }
    leading_ = false;
    if (unclosed_ && statement.control == Control::Commit) {
      closing_ = out_of_place(statement);
      return false;
    }
    if (!fault_) note(misfit(statement));
    return true;
  }

  /// One was taken that must not be run.
  [[nodiscard]] bool faulty() const noexcept { return fault_ || read_only_; }
  /// After the last one; throws Error.
  void finish() const {
    if (unclosed_ && !closing_) throw Error(*unclosed_);
    if (read_only_) throw Error(*read_only_);
    if (fault_) throw Error(*fault_);
  }
  [[nodiscard]] const std::string& begin_modes() const noexcept { return begin_modes_; }

 private:
  void note(std::optional<Error> error) {
    if (!fault_) fault_ = std::move(error);
  }

  /// Takes over the modes of BEGIN or SET TRANSACTION, except those that our own BEGIN can't have.
  void take_modes(const PreparedStatement& statement) {
    const std::string modes = statement.facts().transaction_modes;
    if (is_read_only(modes) && !read_only_) {
      read_only_ = refused(ErrorId::TransactionControl, path_, statement,
                           "a read-only transaction can't record that it was applied")
                       .next("Remove READ ONLY.");
    }
    if (modes.empty()) return;
    if (!begin_modes_.empty()) begin_modes_ += ", ";
    begin_modes_ += modes;
  }

  [[nodiscard]] Error out_of_place(const PreparedStatement& statement) const {
    const std::string command = statement.facts().command;
    return refused(ErrorId::TransactionControl, path_, statement,
                   fmt::format("{} inside the migration's own transaction",
                               command.empty() ? "transaction control" : command));
  }

  [[nodiscard]] std::optional<Error> misfit(const PreparedStatement& statement) const {
    if (statement.control != Control::None && statement.control != Control::Savepoint) {
      return out_of_place(statement);
    }
    if (!statement.needs_no_transaction) return std::nullopt;
    const sql::Facts facts = statement.facts();
    return refused(ErrorId::NeedsNoTransaction, path_, statement,
                   fmt::format("{} can't run in a transaction: {}", facts.command,
                               *facts.needs_no_transaction));
  }

  const std::string& path_;
  bool first_ = true;
  bool leading_ = true;
  std::string begin_modes_;
  std::optional<Error> unclosed_;  // of the file's own BEGIN
  std::optional<Error> closing_;   // of a COMMIT, unless it is the last statement
  std::optional<Error> read_only_;
  std::optional<Error> fault_;
};

/// $1, also in a quoted text or a body: to be wrong there costs a round trip.
bool may_name_parameter(std::string_view text) {
  for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (at + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0) {
      return true;
    }
  }
  return false;
}

using Patience = PreparedStatement::Patience;

bool sets_lock_timeout(std::string_view text) {
  static constexpr std::string_view kName = "lock_timeout";
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), kName.begin(), kName.end(), same) != text.end();
}

/// Of a statement whose file has not said anything about it so far.
Patience patience_of(const sql::Facts& facts, std::string_view text) {
  static constexpr std::array<std::string_view, 5> kChangesData{"INSERT", "UPDATE", "DELETE",
                                                                "MERGE", "COPY"};
  const bool sets = facts.command.starts_with("SET") || facts.command.starts_with("RESET") ||
                    facts.command == "SELECT";
  if (sets && sets_lock_timeout(text)) return Patience::Own;
  return std::ranges::find(kChangesData, facts.command) != kChangesData.end() ? Patience::Unlimited
                                                                              : Patience::Short;
}

/// Statements as they are run, from those of a file in order.
class Preparer {
 public:
  explicit Preparer(std::optional<std::chrono::milliseconds> lock_timeout)
      : own_(lock_timeout.has_value()) {}

  PreparedStatement operator()(const sql::Statement& statement) {
    const sql::Facts facts = sql::facts_of(statement.text);
    const Patience patience = own_ ? Patience::Own : patience_of(facts, statement.text);
    own_ = patience == Patience::Own;
    return {.text = statement.text,
            .position = statement.position,
            .copy_data = statement.copy_data,
            .copy_rest = statement.copy_rest,
            .control = facts.control,
            .changes_session = facts.changes_session,
            .needs_no_transaction = facts.needs_no_transaction.has_value(),
            .plain_only =
                facts.copy_from_stdin || facts.copy_to_stdout || may_name_parameter(statement.text),
            .patience = patience};
  }

 private:
  bool own_;
};

}  // namespace

PreparedScript prepare(const migration::Script& script) {
  if (script.refusal) throw Error(*script.refusal);
  PreparedScript out;
  out.path = script.path;
  out.transaction = script.transaction;
  out.lock_timeout = script.lock_timeout;
  out.statement_timeout = script.statement_timeout;
  if (script.large) {
    if (script.outline->fault) throw Error(*script.outline->fault);
    out.large = script.large;
    out.outline = script.outline;
    out.begin_modes = script.outline->begin_modes;
    return out;
  }
  const bool whole = out.transaction == migration::Transaction::None;
  Preparer preparer(script.lock_timeout);
  Folding folding(script.path);
  bool ends_text = false;
  BatchChecks batches(script);
  sql::split(script.text, script.path, [&](const sql::Statement& statement) {
    PreparedStatement prepared = preparer(statement);
    prepared.batch = batches.take(statement);
    ends_text = whole || folding.take(prepared);
    if (ends_text) out.statements.push_back(prepared);
  });
  batches.finish();
  // Nothing stands behind the last one, if that was not taken away.
  if (ends_text && !out.statements.back().copy_data) out.statements.back().ends_text = true;
  if (whole) {
    static_cast<void>(units_of(out));  // refuses what could not be run
    return out;
  }
  folding.finish();
  out.begin_modes = folding.begin_modes();
  return out;
}

migration::Outline outline_of(const migration::LargeText& text, const std::string& path) {
  migration::Outline out;
  migration::PlainReader reader(text.open());
  Preparer preparer(std::nullopt);
  Folding folding(path);
  try {
    sql::split(reader, path, [&](const sql::Statement& statement) {
      const PreparedStatement prepared = preparer(statement);
      out.last_line = prepared.position.line;
      if (folding.take(prepared)) ++out.statements;
      if (!prepared.changes_session || out.changes_session) return;
      out.changes_session = {prepared.position.line, prepared.position.column,
                             sql::normalize(prepared.text)};
    });
    folding.finish();
  } catch (const Error& error) {
    if (error.id() == ErrorId::SourceUnreadable) throw;
    out.fault = error.info();
  }
  out.begin_modes = folding.begin_modes();
  out.checksum = reader.finish();
  out.way_back = reader.way_back();
  return out;
}

namespace {

/// Statements of a file that is read once more.
void read_statements(const PreparedScript& script,
                     const std::function<void(std::size_t, const PreparedStatement&)>& each) {
  const auto fail_if_unreadable = [&script](const Error& error) {
    if (error.id() != ErrorId::SourceUnreadable) return;
    ErrorInfo info = migration::changed_meanwhile(script.path).info();
    info.message = fmt::format("{}; {}", error.info().message, info.message);
    throw Error(std::move(info));
  };
  try {
    migration::PlainReader reader(script.large->open());
    const auto unchanged = [&] { return reader.finish() == script.outline->checksum; };
    try {
      Preparer preparer(script.lock_timeout);
      Folding folding(script.path);
      std::size_t index = 0;
      sql::split(reader, script.path, [&](const sql::Statement& statement) {
        PreparedStatement prepared = preparer(statement);
        prepared.ends_text = true;
        const bool runs = folding.take(prepared);
        if (folding.faulty()) throw migration::changed_meanwhile(script.path);
        if (runs) each(index++, prepared);
      });
    } catch (const Error& error) {
      const Kind kind = error.kind();
      // What is said of the statement is true only if it is the one that was checked.
      const bool about_text =
          kind == Kind::BadSource || kind == Kind::MigrationFailed || kind == Kind::Access;
      if (about_text && error.id() != ErrorId::SourceUnreadable && !unchanged()) {
        throw migration::changed_meanwhile(script.path);
      }
      throw;
    }
    if (!unchanged()) throw migration::changed_meanwhile(script.path);
  } catch (const Error& error) {
    fail_if_unreadable(error);
    throw;
  }
}

}  // namespace

void each_statement(const PreparedScript& script,
                    const std::function<void(std::size_t, const PreparedStatement&)>& each) {
  if (script.large) {
    read_statements(script, each);
    return;
  }
  std::size_t index = 0;
  for (const PreparedStatement& statement : script.statements) each(index++, statement);
}

std::optional<std::chrono::milliseconds> change_of_patience(
    Patience& current, const PreparedStatement& next,
    std::optional<std::chrono::milliseconds> short_timeout) {
  if (next.patience == Patience::Own || next.patience == current) return std::nullopt;
  current = next.patience;
  const auto none = std::chrono::milliseconds::zero();
  return current == Patience::Unlimited ? none : short_timeout.value_or(none);
}

std::vector<std::string> validate_scripts(const migration::Source& source) {
  std::vector<std::string> warnings;
  const migration::Script* refused = nullptr;
  std::size_t refusals = 0;
  const auto look_at = [&](const migration::Script& script, const auto& warning) {
    if (script.refusal) {
      if (refusals++ == 0) refused = &script;
      return;
    }
    if (prepare(script).empty()) warnings.push_back(warning(script.path));
  };
  for (const migration::Migration& migration : source.migrations()) {
    look_at(migration.up, empty_warning);
    if (migration.down && migration.down->path != migration.up.path) {
      look_at(*migration.down, empty_down_warning);
    }
  }
  for (const migration::Repeatable& repeatable : source.repeatables()) {
    look_at(repeatable.script, empty_warning);
  }
  if (refused != nullptr) {
    const std::string more =
        refusals > 1 ? fmt::format(" ({} more like it)", refusals - 1) : std::string();
    warnings.push_back(fmt::format("{}: {}{}", refused->path, refused->refusal->message, more));
  }
  return warnings;
}

bool is_read_only(std::string_view transaction_modes) {
  const std::string words = upper_words(transaction_modes);
  const auto read_only = words.rfind("READ ONLY");
  if (read_only == std::string::npos) return false;
  const auto read_write = words.rfind("READ WRITE");  // the last one counts
  return read_write == std::string::npos || read_write < read_only;
}

std::string empty_warning(const std::string& path) {
  return fmt::format("{}: the file holds no statement; it counts as applied and does nothing",
                     path);
}

std::string empty_down_warning(const std::string& path) {
  return fmt::format("{}: the file holds no statement; taking the migration back undoes nothing",
                     path);
}

std::string journal_hash(const PreparedStatement& statement) {
  Sha256 hash;
  const std::string_view text = statement.text;
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  std::string piece;
  piece.reserve(std::min<std::size_t>(text.size(), 1U << 16U));
  bool pending_blank = false;
  for (const char c : text) {
    if (blank(c)) {
      pending_blank = true;
      continue;
    }
    if (pending_blank) piece += ' ';
    pending_blank = false;
    piece += c;
    if (piece.size() >= (1U << 16U) - 2) {
      hash.update(piece);
      piece.clear();
    }
  }
  hash.update(piece);
  if (statement.batch) {
    hash.update(std::string_view("\0batch\0", 7));
    hash.update(statement.batch->table + ' ' + statement.batch->key);
  }
  if (statement.copy_data) {
    hash.update(std::string_view("\0", 1));
    hash.update(*statement.copy_data);
  }
  return to_hex(hash.finish());
}

}  // namespace headway::engine
