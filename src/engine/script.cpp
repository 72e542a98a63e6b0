#include "engine/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "engine/units.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using sql::Control;

Location where(const PreparedScript& script, const PreparedStatement& statement) {
  return {script.path, statement.position.line, statement.position.column};
}

Error refused(ErrorId id, const PreparedScript& script, const PreparedStatement& statement,
              std::string message) {
  return Error(id, std::move(message))
      .at(where(script, statement))
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

/// Takes over the modes of BEGIN or SET TRANSACTION, except those that our own BEGIN can't have.
void take_modes(PreparedScript& script, const PreparedStatement& statement) {
  const std::string modes = statement.facts().transaction_modes;
  if (is_read_only(modes)) {
    throw refused(ErrorId::TransactionControl, script, statement,
                  "a read-only transaction can't record that it was applied")
        .next("Remove READ ONLY.");
  }
  if (modes.empty()) return;
  if (!script.begin_modes.empty()) script.begin_modes += ", ";
  script.begin_modes += modes;
}

/// Takes the outer BEGIN .. COMMIT and leading SET TRANSACTIONs away from `statements`.
void fold(PreparedScript& script) {
  auto& statements = script.statements;
  auto first = statements.begin();
  auto last = statements.end();
  if (first != last && first->control == Control::Begin) {
    const auto closing = std::prev(last);
    if (closing == first || closing->control != Control::Commit) {
      throw refused(ErrorId::TransactionControl, script, *first,
                    "the file begins a transaction that its last statement does not commit");
    }
    take_modes(script, *first);
    ++first;
    --last;
  }
  while (first != last && first->control == Control::SetTransaction) {
    take_modes(script, *first);
    ++first;
  }
  statements.erase(last, statements.end());
  statements.erase(statements.begin(), first);
}

void check_fits_transaction(const PreparedScript& script) {
  for (const PreparedStatement& statement : script.statements) {
    if (statement.control != Control::None && statement.control != Control::Savepoint) {
      const std::string command = statement.facts().command;
      throw refused(ErrorId::TransactionControl, script, statement,
                    fmt::format("{} inside the migration's own transaction",
                                command.empty() ? "transaction control" : command));
    }
    if (statement.needs_no_transaction) {
      const sql::Facts facts = statement.facts();
      throw refused(ErrorId::NeedsNoTransaction, script, statement,
                    fmt::format("{} can't run in a transaction: {}", facts.command,
                                *facts.needs_no_transaction));
    }
  }
}

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

}  // namespace

PreparedScript prepare(const migration::Script& script) {
  PreparedScript out;
  out.path = script.path;
  out.transaction = script.transaction;
  out.lock_timeout = script.lock_timeout;
  out.statement_timeout = script.statement_timeout;
  bool own = script.lock_timeout.has_value();
  sql::split(script.text, script.path, [&out, &own](const sql::Statement& statement) {
    const sql::Facts facts = sql::facts_of(statement.text);
    const Patience patience = own ? Patience::Own : patience_of(facts, statement.text);
    own = patience == Patience::Own;
    out.statements.push_back({.text = statement.text,
                              .position = statement.position,
                              .copy_data = statement.copy_data,
                              .control = facts.control,
                              .changes_session = facts.changes_session,
                              .needs_no_transaction = facts.needs_no_transaction.has_value(),
                              .plain_only = facts.copy_from_stdin || facts.copy_to_stdout ||
                                            may_name_parameter(statement.text),
                              .patience = patience});
  });
  if (!out.statements.empty() && !out.statements.back().copy_data) {
    out.statements.back().ends_text = true;
  }
  if (out.transaction == migration::Transaction::None) {
    static_cast<void>(units_of(out));  // refuses what could not be run
    return out;
  }
  fold(out);
  check_fits_transaction(out);
  return out;
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
  const auto look_at = [&warnings](const migration::Script& script, const auto& warning) {
    if (prepare(script).statements.empty()) warnings.push_back(warning(script.path));
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
  if (statement.copy_data) {
    hash.update(std::string_view("\0", 1));
    hash.update(*statement.copy_data);
  }
  return to_hex(hash.finish());
}

}  // namespace headway::engine
