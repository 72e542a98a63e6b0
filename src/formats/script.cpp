#include "formats/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "formats/text.hpp"
#include "sql/facts.hpp"
#include "sql/splitter.hpp"

namespace headway::formats {
namespace {

using migration::Transaction;
using sql::Control;

/// One of the words that make a text worth taking apart: it is done for every file at each start.
bool may_matter(std::string_view text) {
  static constexpr std::array<std::string_view, 11> kWords{
      "commit",   "rollback",   "begin",        "start",   "concurrently", "vacuum",
      "database", "tablespace", "subscription", "cluster", "system"};
  return std::ranges::any_of(
      kWords, [text](std::string_view word) { return contains_letters(text, word); });
}

struct Seen {
  Control control = Control::None;
  bool needs_no_transaction = false;
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// Nothing for a text that can't be taken apart: what is wrong is said when it is to be run.
std::optional<std::vector<Seen>> statements_of(const Section& section) {
  std::vector<Seen> out;
  try {
    sql::split(section.text, section.path, [&out](const sql::Statement& statement) {
      const sql::Facts facts = sql::facts_of(statement.text);
      out.push_back({facts.control, facts.needs_no_transaction.has_value(), statement.offset,
                     statement.text.size()});
    });
  } catch (const Error&) {
    return std::nullopt;
  }
  return out;
}

/// Begins or ends a transaction.
bool bounds(Control control) {
  return control == Control::Begin || control == Control::Commit || control == Control::Rollback ||
         control == Control::Chain || control == Control::Prepared;
}

void blank_out(Section& section, Seen& statement) {
  if (!section.original) section.original = std::make_shared<const std::string>(section.text);
  for (std::size_t i = 0; i < statement.size; ++i) {
    char& c = section.text[statement.offset + i];
    if (c != '\n') c = ' ';
  }
  statement.control = Control::SetTransaction;  // nothing any more, and no bound
}

/// The tool's own COMMIT ends what such a file leaves open; and it warns of a COMMIT that ends
/// nothing but the tool's transaction, at the end where it makes no difference.
void mend_bounds(Section& section, std::vector<Seen>& statements) {
  Seen* open = nullptr;
  Seen* stray = nullptr;
  std::size_t bounds_seen = 0;
  for (Seen& statement : statements) {
    if (!bounds(statement.control)) continue;
    ++bounds_seen;
    stray = nullptr;
    if (statement.control == Control::Begin) {
      if (open == nullptr) open = &statement;
    } else if (statement.control != Control::Chain) {
      if (open == nullptr && statement.control == Control::Commit) stray = &statement;
      open = nullptr;
    }
  }
  if (open != nullptr) blank_out(section, *open);
  if (stray != nullptr && bounds_seen == 1 && stray == &statements.back()) {
    blank_out(section, *stray);
  }
}

/// What stands in front of the first COMMIT is in the transaction that the tool has begun, or the
/// server for it.  A file that holds there what can't be in one runs all the same.
void begin_as_the_tool(Section& section, const std::vector<Seen>& statements) {
  const auto ends = [](const Seen& statement) {
    return bounds(statement.control) && statement.control != Control::Begin;
  };
  const auto end = std::ranges::find_if(statements, ends);
  const bool begun = statements.front().control == Control::Begin;
  if (begun || end == statements.begin() || end == statements.end() ||
      end->control == Control::Prepared ||
      std::any_of(statements.begin(), end, std::mem_fn(&Seen::needs_no_transaction))) {
    return;
  }
  if (!section.original) section.original = std::make_shared<const std::string>(section.text);
  section.text.insert(statements.front().offset, "BEGIN; ");
}

bool is_one_pair(const std::vector<Seen>& statements) {
  const auto inner = [&statements](const Seen& statement) {
    return &statement != &statements.front() && &statement != &statements.back() &&
           bounds(statement.control);
  };
  return statements.size() > 1 && statements.front().control == Control::Begin &&
         statements.back().control == Control::Commit && std::ranges::none_of(statements, inner);
}

Transaction for_needs(Running running, const std::vector<Seen>& statements) {
  const auto needing =
      static_cast<std::size_t>(std::ranges::count(statements, true, &Seen::needs_no_transaction));
  if (needing == 0) return Transaction::Each;
  switch (running) {
    case Running::Message: return statements.size() == 1 ? Transaction::None : Transaction::Each;
    case Running::WithoutTransaction: return Transaction::None;
    case Running::ByStatement:
      return needing == statements.size() ? Transaction::None : Transaction::Each;
    case Running::Transaction:
    case Running::Statements: break;
  }
  return Transaction::Each;
}

Transaction transaction_of(Section& section, migration::SourceBuilder& builder) {
  if (section.running == Running::Statements) return Transaction::None;
  if (!may_matter(section.text)) return Transaction::Each;
  auto statements = statements_of(section);
  if (!statements) return Transaction::Each;
  mend_bounds(section, *statements);
  if (std::ranges::none_of(*statements, bounds, &Seen::control) || is_one_pair(*statements)) {
    return for_needs(section.running, *statements);
  }
  builder.warn(fmt::format(
      "{}: the file ends transactions of its own, so it is not one transaction: if it fails, what "
      "is committed stays, and the next run goes on behind it",
      section.path));
  begin_as_the_tool(section, *statements);
  return Transaction::None;
}

migration::Directives directives_of(const Section& section, migration::FileRole role) {
  if (section.text.find("headway:") == std::string::npos) return {};
  migration::Directives directives = migration::parse_directives(section.text, section.path, role);
  const auto refuse = [&section](std::string_view key) {
    throw Error(ErrorId::BadDirective,
                fmt::format("{}= has no meaning in another tool's directory", key))
        .at(migration::directive_location(section.text, section.path, key))
        .next("Remove it: order and versions are what the tool's own names say.");
  };
  if (!directives.after.empty()) refuse("after");
  if (directives.version) refuse("version");
  return directives;
}

}  // namespace

ReadSection read_section(Section section, migration::FileRole role,
                         migration::SourceBuilder& builder) {
  ReadSection out;
  out.directives = directives_of(section, role);
  migration::Script& script = out.script;
  script.checksum = migration::checksum_of(section.is_part ? trim(section.text) : section.text);
  script.transaction = transaction_of(section, builder);
  if (out.directives.transaction == Transaction::None) script.transaction = Transaction::None;
  script.path = std::move(section.path);
  script.text = std::move(section.text);
  script.original = std::move(section.original);
  script.role = role;
  script.lock_timeout = out.directives.lock_timeout;
  script.statement_timeout = out.directives.statement_timeout;
  return out;
}

}  // namespace headway::formats
