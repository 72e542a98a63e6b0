// Everything here goes by words.  A word counts only where it is written without quotes, and only
// in the place the grammar gives it, so that names such as "concurrently" or a column called
// `transaction` fool nobody.
#include "sql/facts.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

#include "sql/literal.hpp"
#include "sql/scanner.hpp"
#include "sql/statement_head.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

constexpr std::size_t kLongestName = 63;  // PostgreSQL cuts names here

bool is_any(std::string_view word, std::initializer_list<std::string_view> uppers) noexcept {
  return std::any_of(uppers.begin(), uppers.end(),
                     [&](std::string_view upper) { return is_word(word, upper); });
}

// The first tokens of a statement; behind them stands End.  No rule below looks further than this
// with them: those that must see more walk over the whole statement.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {
    Scanner scanner(text);
    // Parentheses around a query: (SELECT ..) is a SELECT.
    Token token = scanner.next();
    while (token.kind == TokenKind::Open) token = scanner.next();
    for (; token.kind != TokenKind::End && count_ < tokens_.size(); token = scanner.next()) {
      tokens_[count_++] = token;
    }
  }

  [[nodiscard]] Token at(std::size_t i) const noexcept { return i < count_ ? tokens_[i] : Token{}; }
  [[nodiscard]] TokenKind kind(std::size_t i) const noexcept { return at(i).kind; }
  [[nodiscard]] std::string_view text(std::size_t i) const noexcept { return at(i).in(text_); }
  [[nodiscard]] bool is(std::size_t i, std::string_view upper) const noexcept {
    return kind(i) == TokenKind::Word && is_word(text(i), upper);
  }
  [[nodiscard]] bool is_any(std::size_t i,
                            std::initializer_list<std::string_view> uppers) const noexcept {
    return kind(i) == TokenKind::Word && sql::is_any(text(i), uppers);
  }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::string_view whole() const noexcept { return text_; }

  /// Behind the word at `i` if it is there, else `i`.
  [[nodiscard]] std::size_t skip(std::size_t i, std::string_view upper) const noexcept {
    return is(i, upper) ? i + 1 : i;
  }
  [[nodiscard]] std::size_t skip_if_exists(std::size_t i) const noexcept {
    return is(i, "IF") && is(i + 1, "EXISTS") ? i + 2 : i;
  }
  /// Behind a name, qualified or not.
  [[nodiscard]] std::size_t skip_name(std::size_t i) const noexcept {
    ++i;
    while (kind(i) == TokenKind::Dot) i += 2;
    return i;
  }
  /// Behind a parenthesis that opens at `i`, if one does.
  [[nodiscard]] std::size_t skip_parentheses(std::size_t i) const noexcept {
    if (kind(i) != TokenKind::Open) return i;
    for (std::size_t depth = 0; i < count_; ++i) {
      if (kind(i) == TokenKind::Open) ++depth;
      if (kind(i) == TokenKind::Close && --depth == 0) return i + 1;
    }
    return i;
  }

 private:
  std::string_view text_;
  std::array<Token, 48> tokens_{};
  std::size_t count_ = 0;
};

bool is_false(const Token& token, std::string_view text) {
  std::string_view value = token.in(text);
  if (token.kind == TokenKind::String && value.size() >= 2 && value.front() == '\'') {
    value = value.substr(1, value.size() - 2);
  }
  return is_any(value, {"FALSE", "OFF", "0"});
}

enum class Setting { Absent, On, Off };

// Looks up `name` in a list of options, `(name [=] [value], ...)`; a bare name is on.
Setting option(std::string_view text, std::size_t open, std::string_view name) {
  Setting setting = Setting::Absent;
  Scanner scanner(text, open + 1);
  std::size_t depth = 1;
  bool first = true;
  bool ours = false;
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (token.kind == TokenKind::Open) ++depth;
    if (token.kind == TokenKind::Close && --depth == 0) break;
    if (token.kind == TokenKind::Comma && depth == 1) {
      first = true;
      continue;
    }
    if (first) {
      ours = token.kind == TokenKind::Word && is_word(token.in(text), name);
      if (ours) setting = Setting::On;  // given twice, the last one counts
    } else if (ours && token.kind != TokenKind::Operator) {
      setting = is_false(token, text) ? Setting::Off : Setting::On;
    }
    first = false;
  }
  return setting;
}

// Where the parenthesis of a WITH (..) at the end of a statement opens; npos if there is none.
std::size_t with_options(std::string_view text) {
  Scanner scanner(text);
  std::size_t depth = 0;
  bool after_with = false;
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (token.kind == TokenKind::Open && depth++ == 0 && after_with) return token.begin;
    if (token.kind == TokenKind::Close && depth > 0) --depth;
    after_with = token.kind == TokenKind::Word && is_word(token.in(text), "WITH");
  }
  return std::string_view::npos;
}

Setting with_option(std::string_view text, std::string_view name) {
  const std::size_t open = with_options(text);
  return open == std::string_view::npos ? Setting::Absent : option(text, open, name);
}

// --- The command -------------------------------------------------------------------------------

// Takes the words from CREATE, ALTER, DROP .. up to the kind of object.
std::size_t end_of_object_kind(const Words& words, std::size_t i) {
  while (words.is_any(
      i, {"OR",      "REPLACE",   "GLOBAL",  "LOCAL",      "TEMP",    "TEMPORARY", "UNLOGGED",
          "UNIQUE",  "RECURSIVE", "TRUSTED", "PROCEDURAL", "DEFAULT", "EVENT",     "MATERIALIZED",
          "FOREIGN", "DATA",      "TEXT",    "SEARCH",     "ACCESS",  "LARGE",     "ON"})) {
    ++i;
  }
  if (words.is(i, "CONSTRAINT") && words.is(i + 1, "TRIGGER")) ++i;
  if (words.kind(i) != TokenKind::Word) return i;
  const std::size_t kind = i++;
  if (words.is_any(kind, {"INDEX", "VIEW"})) return words.skip(i, "CONCURRENTLY");
  if (words.is(kind, "USER")) return words.skip(i, "MAPPING");
  if (words.is(kind, "OPERATOR")) return words.is_any(i, {"CLASS", "FAMILY"}) ? i + 1 : i;
  return i;
}

std::string command_of(const Words& words) {
  std::size_t end = words.kind(0) == TokenKind::Word ? 1 : 0;
  if (words.is_any(0, {"CREATE", "ALTER", "DROP", "COMMENT", "REFRESH", "IMPORT", "REASSIGN"})) {
    end = end_of_object_kind(words, 1);
  } else if (words.is(0, "REINDEX")) {
    // The options stand between the words, and are left out of the name.
    std::string command = "REINDEX";
    for (std::size_t i = words.skip_parentheses(1);
         words.is_any(i, {"INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM", "CONCURRENTLY"}); ++i) {
      command += ' ' + to_upper(words.text(i));
    }
    return command;
  } else if (words.is(0, "SET")) {
    end = words.is_any(1, {"LOCAL", "SESSION"}) ? 2 : 1;
    if (words.is_any(end,
                     {"TRANSACTION", "CONSTRAINTS", "ROLE", "AUTHORIZATION", "CHARACTERISTICS"})) {
      ++end;
    }
    if (words.is(end, "AUTHORIZATION") && words.is(end - 1, "SESSION")) ++end;
  } else if (words.is_any(0, {"COMMIT", "ROLLBACK", "PREPARE", "START"})) {
    end = words.is_any(1, {"PREPARED", "TRANSACTION"}) ? 2 : 1;
  } else if (words.is(0, "DISCARD")) {
    end = 2;
  }
  std::string command;
  for (std::size_t i = 0; i < std::min(end, words.size()); ++i) {
    if (words.kind(i) != TokenKind::Word) break;
    if (!command.empty()) command += ' ';
    command += to_upper(words.text(i).substr(0, kLongestName));
  }
  return command;
}

// --- Transaction control -----------------------------------------------------------------------

// The modes as written, with comments gone and blanks made one.
std::string modes_from(const Words& words, std::size_t i) {
  std::string modes;
  for (; i < words.size(); ++i) {
    if (!modes.empty() && words.kind(i) != TokenKind::Comma) modes += ' ';
    modes += words.text(i);
  }
  return modes;
}

Control end_of_transaction(const Words& words, Control plain) {
  if (words.is(1, "PREPARED")) return Control::Prepared;
  const std::size_t i = words.is_any(1, {"WORK", "TRANSACTION"}) ? 2 : 1;
  if (plain == Control::Rollback && words.is(i, "TO")) return Control::Savepoint;
  return words.is(i, "AND") && words.is(i + 1, "CHAIN") ? Control::Chain : plain;
}

void find_control(const Words& words, Facts& facts) {
  if (words.is(0, "BEGIN") || (words.is(0, "START") && words.is(1, "TRANSACTION"))) {
    facts.control = Control::Begin;
    facts.transaction_modes = modes_from(words, words.is_any(1, {"WORK", "TRANSACTION"}) ? 2 : 1);
  } else if (words.is_any(0, {"COMMIT", "END"})) {
    facts.control = end_of_transaction(words, Control::Commit);
  } else if (words.is_any(0, {"ROLLBACK", "ABORT"})) {
    facts.control = end_of_transaction(words, Control::Rollback);
  } else if (words.is_any(0, {"SAVEPOINT", "RELEASE"})) {
    facts.control = Control::Savepoint;
  } else if (words.is(0, "PREPARE") && words.is(1, "TRANSACTION") &&
             words.kind(2) == TokenKind::String) {
    facts.control = Control::Prepared;
  } else if (words.is(0, "SET")) {
    const std::size_t i = words.is_any(1, {"LOCAL", "SESSION"}) ? 2 : 1;
    if (words.is(i, "TRANSACTION") && !words.is(i + 1, "SNAPSHOT")) {
      facts.control = Control::SetTransaction;
      facts.transaction_modes = modes_from(words, i + 1);
    }
  }
}

// --- What PostgreSQL refuses in a transaction block ----------------------------------------------
// tests/integration/transaction_block_test.cpp tries each on a server, and some that are not among
// them.  Words don't tell a partitioned table, which REINDEX and CLUSTER refuse as well, nor
// whether a subscription that is dropped has a slot.

bool reindex_needs_none(const Words& words) {
  const std::size_t i = words.skip_parentheses(1);
  if (words.is_any(i, {"SCHEMA", "DATABASE", "SYSTEM"})) return true;
  if (words.is(i + 1, "CONCURRENTLY")) return true;
  return words.kind(1) == TokenKind::Open &&
         option(words.whole(), words.at(1).begin, "CONCURRENTLY") == Setting::On;
}

bool detaches_concurrently(const Words& words) {
  std::size_t i = words.skip_if_exists(2);
  i = words.skip_name(words.skip(i, "ONLY"));
  if (words.kind(i) == TokenKind::Operator && words.text(i) == "*") ++i;
  if (!words.is(i, "DETACH") || !words.is(i + 1, "PARTITION")) return false;
  return words.is(words.skip_name(i + 2), "CONCURRENTLY");
}

bool moves_database(const Words& words) {
  const std::size_t i = words.is_any(3, {"SET", "WITH"}) ? 4 : 3;
  return words.is(i, "TABLESPACE");
}

bool cluster_needs_none(const Words& words) {
  std::size_t i = words.skip_parentheses(1);
  if (i == 1) i = words.skip(1, "VERBOSE");
  return words.kind(i) == TokenKind::End;
}

bool creates_slot(const Words& words) {
  return with_option(words.whole(), "CONNECT") != Setting::Off &&
         with_option(words.whole(), "CREATE_SLOT") != Setting::Off;
}

// SET (..) of what the publisher's slot has to follow: failover from 17 on, two_phase from 18 on.
bool changes_slot(const Words& words) {
  if (!words.is(3, "SET") || words.kind(4) != TokenKind::Open) return false;
  const auto set_to = [&words](std::string_view name) {
    return option(words.whole(), words.at(4).begin, name);
  };
  return set_to("FAILOVER") != Setting::Absent || set_to("TWO_PHASE") == Setting::Off;
}

bool refreshes_subscription(const Words& words) {
  if (words.is(3, "REFRESH")) return words.is(4, "PUBLICATION");
  return words.is_any(3, {"SET", "ADD", "DROP"}) && words.is(4, "PUBLICATION") &&
         with_option(words.whole(), "REFRESH") != Setting::Off;
}

constexpr std::string_view kWaits = "it commits and waits for other transactions in between";
constexpr std::string_view kEachTable = "it commits after each table";
constexpr std::string_view kFiles = "it changes files, which can't be undone";
constexpr std::string_view kSlots =
    "it makes, changes or drops replication slots on another server, which can't be undone";

// Why it can't run in a transaction block, empty if it can.
std::string_view needs_none(const Words& words, std::string_view command) {
  if (is_any(command, {"CREATE INDEX CONCURRENTLY", "CREATE UNIQUE INDEX CONCURRENTLY",
                       "DROP INDEX CONCURRENTLY"})) {
    return kWaits;
  }
  if (words.is(0, "REINDEX") && reindex_needs_none(words)) {
    const bool many = words.is_any(words.skip_parentheses(1), {"SCHEMA", "DATABASE", "SYSTEM"});
    return many ? kEachTable : kWaits;
  }
  if (command == "ALTER TABLE" && detaches_concurrently(words)) {
    return "DETACH PARTITION CONCURRENTLY commits and waits for other transactions in between";
  }
  if (command == "VACUUM") return kEachTable;
  if (command == "CLUSTER" && cluster_needs_none(words)) return kEachTable;
  if (is_any(command, {"ALTER SYSTEM", "CREATE DATABASE", "DROP DATABASE", "CREATE TABLESPACE",
                       "DROP TABLESPACE"})) {
    return kFiles;
  }
  if (command == "ALTER DATABASE" && moves_database(words)) return kFiles;
  if (command == "CREATE SUBSCRIPTION" && creates_slot(words)) return kSlots;
  if (command == "ALTER SUBSCRIPTION" && (refreshes_subscription(words) || changes_slot(words))) {
    return kSlots;
  }
  if (command == "DISCARD ALL") return "it resets the session as a whole";
  return {};
}

// --- What stays behind in the session ------------------------------------------------------------

bool set_changes_session(const Words& words) {
  std::size_t i = words.skip(1, "LOCAL");
  const bool local = i == 2;
  i = words.skip(i, "SESSION");
  if (words.is(i, "CHARACTERISTICS")) return true;  // also when LOCAL is written before it
  return !local && !words.is_any(i, {"TRANSACTION", "CONSTRAINTS"});
}

// Behind CREATE [OR REPLACE]: a temporary object, or one in the schema pg_temp.
bool creates_temporary(const Words& words) {
  std::size_t i = words.is(1, "OR") && words.is(2, "REPLACE") ? 3 : 1;
  if (words.is_any(i, {"LOCAL", "GLOBAL"})) ++i;
  if (words.is_any(i, {"TEMP", "TEMPORARY"})) return true;
  for (; i < words.size() && words.kind(i) == TokenKind::Word; ++i) {
    if (words.is(i, "PG_TEMP") && words.kind(i + 1) == TokenKind::Dot) return true;
  }
  return false;
}

// Walks over a whole statement in search of words that leave something behind wherever they stand.
class SessionSearch {
 public:
  enum class Language { Sql, Procedural };

  SessionSearch(std::string_view text, Language language) : text_(text), language_(language) {}

  bool found() {
    Scanner scanner(text_);
    for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
      if (token.kind == TokenKind::Open && call_changes_session(token.end)) return true;
      if (into_temporary(token) || (language_ == Language::Procedural && changes_here(token))) {
        return true;
      }
      before_last_ = last_;
      last_ = token;
    }
    return false;
  }

 private:
  [[nodiscard]] bool word(const Token& token, std::string_view upper) const {
    return token.kind == TokenKind::Word && is_word(token.in(text_), upper);
  }

  // SELECT .. INTO TEMP name; not INSERT INTO temp, and not a table that is called temp.
  [[nodiscard]] bool into_temporary(const Token& token) {
    if (temp_ == Temp::Word) {
      temp_ = Temp::None;
      const bool name = token.kind == TokenKind::QuotedName || token.kind == TokenKind::Word;
      if (name &&
          !is_any(token.in(text_),
                  {"FROM",   "WHERE", "GROUP", "HAVING",  "WINDOW",     "UNION", "INTERSECT",
                   "EXCEPT", "ORDER", "LIMIT", "OFFSET",  "FETCH",      "FOR",   "VALUES",
                   "SELECT", "USING", "AS",    "DEFAULT", "OVERRIDING", "SET",   "WITH"})) {
        return true;
      }
    }
    const bool target =
        word(last_, "INTO") && !word(before_last_, "INSERT") && !word(before_last_, "MERGE");
    if (token.kind != TokenKind::Word) return false;
    const std::string_view text = token.in(text_);
    if (target && is_any(text, {"LOCAL", "GLOBAL"})) {
      temp_ = Temp::Scope;
    } else if ((target || temp_ == Temp::Scope) && is_any(text, {"TEMP", "TEMPORARY"})) {
      temp_ = Temp::Word;
    } else {
      temp_ = Temp::None;
    }
    return false;
  }

  // A function is called whose parenthesis opens before `arguments`.
  [[nodiscard]] bool call_changes_session(std::size_t arguments) const {
    if (last_.kind != TokenKind::Word && last_.kind != TokenKind::QuotedName) return false;
    std::string_view name = last_.in(text_);
    if (last_.kind == TokenKind::QuotedName) name = name.substr(1, name.size() - 2);
    // The unlock functions too: pg_advisory_unlock_all() lets go of locks that are not its own.
    if (is_any(name, {"PG_ADVISORY_LOCK", "PG_ADVISORY_LOCK_SHARED", "PG_TRY_ADVISORY_LOCK",
                      "PG_TRY_ADVISORY_LOCK_SHARED", "PG_ADVISORY_UNLOCK",
                      "PG_ADVISORY_UNLOCK_SHARED", "PG_ADVISORY_UNLOCK_ALL"})) {
      return true;
    }
    return is_word(name, "SET_CONFIG") && !last_argument_is_true(arguments);
  }

  [[nodiscard]] bool last_argument_is_true(std::size_t arguments) const {
    Scanner scanner(text_, arguments);
    Token last;
    std::size_t depth = 1;
    for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
      if (token.kind == TokenKind::Open) ++depth;
      if (token.kind == TokenKind::Close && --depth == 0) break;
      last = token;
    }
    return word(last, "TRUE");
  }

  // In a procedural body: a statement begins with this word.
  [[nodiscard]] bool changes_here(const Token& token) {
    const bool at_start = last_.kind == TokenKind::End || last_.kind == TokenKind::Semicolon ||
                          (last_.kind == TokenKind::Word &&
                           is_any(last_.in(text_), {"BEGIN", "THEN", "ELSE", "LOOP"}));
    if (!at_start || token.kind != TokenKind::Word) return false;
    if (!is_any(token.in(text_), {"SET", "RESET", "CREATE", "LISTEN", "LOAD", "DISCARD"})) {
      return false;
    }
    const std::string_view rest = text_.substr(token.begin);
    Scanner scanner(rest);
    Token end = scanner.next();
    while (end.kind != TokenKind::Semicolon && end.kind != TokenKind::End) end = scanner.next();
    return facts_of(rest.substr(0, end.begin)).changes_session;
  }

  enum class Temp { None, Scope, Word };

  std::string_view text_;
  Language language_;
  Token last_;
  Token before_last_;
  Temp temp_ = Temp::None;
};

bool on_commit_drop(std::string_view text) {
  Scanner scanner(text);
  Token before_last;
  Token last;
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (is_word(token.in(text), "DROP") && is_word(last.in(text), "COMMIT") &&
        is_word(before_last.in(text), "ON")) {
      return true;
    }
    before_last = last;
    last = token;
  }
  return false;
}

bool do_changes_session(std::string_view text) {
  Scanner scanner(text);
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (token.kind != TokenKind::Dollar && token.kind != TokenKind::String) continue;
    const std::string body = token.kind == TokenKind::String ? decode_string(token.in(text)) : "";
    const std::string_view code =
        token.kind == TokenKind::String ? body : dollar_body(token.in(text));
    if (SessionSearch(code, SessionSearch::Language::Procedural).found()) return true;
  }
  return false;
}

bool declares_with_hold(const Words& words) {
  for (std::size_t i = 2; i < words.size() && !words.is(i, "FOR"); ++i) {
    if (words.is(i, "WITH") && words.is(i + 1, "HOLD")) return true;
  }
  return false;
}

bool changes_session(const Words& words, std::string_view command, Control control) {
  const std::string_view text = words.whole();
  if (control != Control::None) return false;
  if (words.is(0, "SET")) return set_changes_session(words);
  if (words.is_any(0, {"RESET", "PREPARE", "LISTEN", "LOAD", "DISCARD"})) return true;
  if (words.is(0, "DECLARE")) return declares_with_hold(words);
  if (words.is(0, "DO")) return do_changes_session(text);
  const auto runs_code = [&] { return SessionSearch(text, SessionSearch::Language::Sql).found(); };
  if (words.is(0, "CREATE")) {
    if (creates_temporary(words) && !on_commit_drop(text)) return true;
    return (command.ends_with(" TABLE") || command.ends_with(" MATERIALIZED VIEW")) && runs_code();
  }
  return words.is_any(0, {"SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL",
                          "EXPLAIN", "EXECUTE", "COPY"}) &&
         runs_code();
}

void find_copy(std::string_view text, Facts& facts) {
  Scanner scanner(text);
  StatementHead head;
  std::size_t depth = 0;
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (token.kind == TokenKind::Open) ++depth;
    if (token.kind == TokenKind::Close && depth > 0) --depth;
    head.feed(token, text, depth);
  }
  facts.copy_from_stdin = head.copy_from_stdin();
  facts.copy_to_stdout = head.copy_to_stdout();
}

}  // namespace

Facts facts_of(std::string_view statement) {
  const Words words(statement);
  Facts facts;
  facts.command = command_of(words);
  find_control(words, facts);
  if (const std::string_view why = needs_none(words, facts.command); !why.empty()) {
    facts.needs_no_transaction = why;
  }
  if (words.is(0, "COPY")) find_copy(statement, facts);
  facts.changes_session = changes_session(words, facts.command, facts.control);
  return facts;
}

}  // namespace headway::sql
