#include "engine/units.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using sql::Control;

char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

bool contains_word(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return upper(a) == b; };
  const auto part_of_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  auto from = text.begin();
  for (;;) {
    const auto at = std::search(from, text.end(), word.begin(), word.end(), same);
    if (at == text.end()) return false;
    const auto end = at + static_cast<std::ptrdiff_t>(word.size());
    const bool starts = at == text.begin() || !part_of_word(*(at - 1));
    const bool ends = end == text.end() || !part_of_word(*end);
    if (starts && ends) return true;
    from = end;
  }
}

/// A procedure may end its caller's transaction, and then it must not be in one of ours.
bool may_commit(const PreparedStatement& statement) {
  const std::string command = statement.facts().command;
  if (command == "CALL") return true;
  return command == "DO" &&
         (contains_word(statement.text, "COMMIT") || contains_word(statement.text, "ROLLBACK"));
}

Unit outside(const PreparedStatement& statement) {
  Unit unit;
  if (statement.batch) {
    unit.mode = Unit::Mode::Batch;
  } else if (statement.needs_no_transaction || may_commit(statement) ||
             statement.control == Control::Prepared) {
    unit.mode = Unit::Mode::Alone;
    unit.doubtful = true;
  } else if (statement.control != Control::None) {
    unit.mode = Unit::Mode::Alone;  // ends or marks a transaction that is not there: a warning
  }
  return unit;
}

/// Whether what was prepared is ever committed is not for this run to know.
[[noreturn]] void refuse_prepare(const PreparedScript& script, const PreparedStatement& statement) {
  throw Error(ErrorId::TransactionControl,
              "PREPARE TRANSACTION leaves open whether the migration is applied")
      .at({script.path, statement.position.line, statement.position.column})
      .statement(sql::normalize(statement.text))
      .next("Commit it here with COMMIT, or prepare the transaction outside of a migration.");
}

}  // namespace

std::vector<Unit> units_of(const PreparedScript& script) {
  std::vector<Unit> units;
  units.reserve(script.statements.size());
  std::optional<std::size_t> open;  // the statement that opened the file's transaction
  bool read_only = false;           // nothing can be written in it, not even a journal
  for (std::size_t i = 0; i < script.statements.size(); ++i) {
    const PreparedStatement& statement = script.statements[i];
    const Control control = statement.control;
    if (control == Control::Prepared && statement.facts().command == "PREPARE TRANSACTION") {
      refuse_prepare(script, statement);
    }
    if (!open && control != Control::Begin) {
      units.push_back(outside(statement));
      continue;
    }
    if (statement.batch) {
      throw Error(ErrorId::BadBatch, "a batch runs in transactions of its own, not in the file's")
          .at({script.path, statement.position.line, statement.position.column})
          .statement(sql::normalize(statement.text))
          .next("Move it out of BEGIN .. COMMIT.");
    }
    Unit unit{.mode = Unit::Mode::Group, .journal = Unit::Journal::None};
    unit.in_transaction = open.has_value();
    switch (control) {
      case Control::Begin:
        if (open) break;  // a warning of the server
        unit.boundary = Unit::Boundary::Begin;
        read_only = is_read_only(statement.facts().transaction_modes);
        open = i;
        break;
      case Control::Commit:
        unit.boundary = Unit::Boundary::Commit;
        unit.journal = read_only ? Unit::Journal::After : Unit::Journal::Before;
        open.reset();
        break;
      case Control::Chain:  // the transaction that follows belongs to the group
        if (statement.facts().command.starts_with("COMMIT") ||
            statement.facts().command.starts_with("END")) {
          unit.journal = Unit::Journal::Before;
        }
        break;
      case Control::Rollback:
        unit.boundary = Unit::Boundary::Rollback;
        unit.journal = Unit::Journal::After;
        open.reset();
        break;
      case Control::Prepared:  // COMMIT PREPARED: the server refuses it here
      case Control::None:
      case Control::Savepoint:
      case Control::SetTransaction: break;
    }
    units.push_back(unit);
  }
  if (open) {
    const PreparedStatement& begin = script.statements[*open];
    throw Error(ErrorId::TransactionControl, "this transaction is never committed")
        .at({script.path, begin.position.line, begin.position.column})
        .statement(sql::normalize(begin.text))
        .next("Add the COMMIT that belongs to it, or remove it.");
  }
  return units;
}

}  // namespace headway::engine
