// One function for each kind of statement.  ALTER TABLE takes one lock for all its actions, the
// strongest that any of them needs, so each action adds to what is expected.
#include "sql/locks.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sql/scanner.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

constexpr std::size_t kMostTokens = 20'000;

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> uppers) {
  return std::ranges::any_of(uppers, [&](std::string_view upper) { return is_word(word, upper); });
}

/// A statement's tokens, and a place in them.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {
    Scanner scanner(text);
    for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
      if (tokens_.size() == kMostTokens) break;
      tokens_.push_back(token);
    }
    end_ = tokens_.size();
  }

  [[nodiscard]] bool done() const { return at_ >= end_; }
  [[nodiscard]] TokenKind kind(std::size_t ahead = 0) const {
    return at_ + ahead < end_ ? tokens_[at_ + ahead].kind : TokenKind::End;
  }
  [[nodiscard]] std::string_view text(std::size_t ahead = 0) const {
    return at_ + ahead < end_ ? tokens_[at_ + ahead].in(text_) : std::string_view();
  }
  [[nodiscard]] bool is(std::string_view upper, std::size_t ahead = 0) const {
    return kind(ahead) == TokenKind::Word && is_word(text(ahead), upper);
  }
  [[nodiscard]] bool is_any(std::initializer_list<std::string_view> uppers) const {
    return kind() == TokenKind::Word && is_any_of(text(), uppers);
  }
  void skip() { ++at_; }
  bool take(std::string_view upper) {
    if (!is(upper)) return false;
    skip();
    return true;
  }
  bool take(std::string_view first, std::string_view second) {
    if (!is(first) || !is(second, 1)) return false;
    at_ += 2;
    return true;
  }
  void take_if_exists() {
    if (take("IF")) {
      take("NOT");
      take("EXISTS");
    }
  }
  /// A name, qualified or not, as written; unquoted words in lower case.
  std::string name() {
    std::string out;
    while (kind() == TokenKind::Word || kind() == TokenKind::QuotedName) {
      std::string part(text());
      if (kind() == TokenKind::Word) {
        std::ranges::transform(part, part.begin(), [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
      }
      out += part;
      skip();
      if (kind() != TokenKind::Dot) break;
      out += '.';
      skip();
    }
    return out;
  }
  /// Behind a parenthesis that opens here.
  void skip_parentheses() {
    if (kind() != TokenKind::Open) return;
    std::size_t depth = 0;
    for (; !done(); skip()) {
      if (kind() == TokenKind::Open) ++depth;
      if (kind() == TokenKind::Close && --depth == 0) {
        skip();
        return;
      }
    }
  }
  /// The part up to the next comma outside of parentheses, which is skipped.
  Cursor item() {
    Cursor out = *this;
    std::size_t depth = 0;
    for (; !done(); skip()) {
      if (kind() == TokenKind::Open) ++depth;
      if (kind() == TokenKind::Close && depth > 0) --depth;
      if (kind() == TokenKind::Comma && depth == 0) break;
    }
    out.end_ = at_;
    skip();
    return out;
  }
  /// Whether the words follow each other somewhere from here on, at any depth.
  [[nodiscard]] bool has(std::string_view first, std::string_view second = {}) const {
    for (Cursor here = *this; !here.done(); here.skip()) {
      if (here.is(first) && (second.empty() || here.is(second, 1))) return true;
    }
    return false;
  }
  /// Moves behind the word; false, and to the end, if there is none.
  bool find(std::string_view upper) {
    for (; !done(); skip()) {
      if (take(upper)) return true;
    }
    return false;
  }

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

class Expecting {
 public:
  ExpectedLocks of(std::string_view statement) {
    Cursor words(statement);
    if (words.take("ALTER")) {
      alter(words);
    } else if (words.take("CREATE")) {
      create(words);
    } else if (words.take("DROP")) {
      drop(words);
    } else {
      other(words);
    }
    return std::move(out_);
  }

 private:
  void lock(std::string relation, LockMode mode) {
    if (relation.empty()) {
      out_.locks_known = false;
      return;
    }
    const auto found = std::ranges::find(out_.locks, relation, &RelationLock::relation);
    if (found == out_.locks.end()) {
      out_.locks.push_back({std::move(relation), mode});
    } else {
      found->mode = std::max(found->mode, mode);
    }
  }
  void work(Work work) { out_.work = std::max(out_.work, work); }
  void unknown() { out_.locks_known = out_.work_known = false; }

  void lock_list(Cursor words, LockMode mode) {
    while (!words.done()) {
      Cursor one = words.item();
      one.take("ONLY");
      lock(one.name(), mode);
    }
  }

  // ---- ALTER ----

  void alter(Cursor& words) {
    words.take("FOREIGN");
    if (words.take("TABLE")) {
      words.take_if_exists();
      if (words.is("ALL")) return unknown();
      words.take("ONLY");
      const std::string table = words.name();
      if (words.kind() == TokenKind::Operator) words.skip();  // table *
      while (!words.done()) action(words.item(), table);
      return;
    }
    if (words.take("VIEW") || words.take("MATERIALIZED", "VIEW")) {
      words.take_if_exists();
      return lock(words.name(), LockMode::AccessExclusive);
    }
    if (words.take("POLICY") || words.take("TRIGGER") || words.take("RULE")) {
      if (words.find("ON")) lock(words.name(), LockMode::AccessExclusive);
      return;
    }
    if (words.take("SEQUENCE")) {
      words.take_if_exists();
      std::string sequence = words.name();
      const bool moves = words.is("RENAME") || words.is("OWNER") || words.is("SET");
      return lock(std::move(sequence),
                  moves ? LockMode::AccessExclusive : LockMode::ShareRowExclusive);
    }
    if (words.is("TYPE")) {
      // ADD VALUE and RENAME touch no table; of a composite type the tables that hold it are.
      out_.work_known = out_.locks_known =
          words.has("ADD", "VALUE") || words.has("RENAME") || words.has("OWNER");
      return;
    }
    if (words.is_any({"INDEX", "DOMAIN", "PUBLICATION", "SUBSCRIPTION", "EXTENSION"})) {
      return unknown();
    }
  }

  void action(Cursor words, const std::string& table) {
    const auto catalogue = [&](LockMode mode) { lock(table, mode); };
    if (words.take("ADD")) return add(words, table);
    if (words.take("ALTER")) return alter_column(words, table);
    if (words.take("VALIDATE")) {
      work(Work::Scan);
      out_.locks_known = false;  // of a foreign key the other table is locked as well
      return catalogue(LockMode::ShareUpdateExclusive);
    }
    if (words.take("DROP")) {
      out_.locks_known = false;  // with a foreign key the referenced table is locked, too
      return catalogue(LockMode::AccessExclusive);
    }
    if (words.take("ATTACH")) {
      words.take("PARTITION");
      catalogue(LockMode::ShareUpdateExclusive);
      const std::string part = words.name();
      // Unless a constraint implies the bound; a default partition would be scanned, too.
      if (!words.done()) {
        lock(part, LockMode::AccessExclusive);
        work(Work::Scan);
        out_.work_known = out_.locks_known = false;
      }
      return;
    }
    if (words.take("DETACH")) {
      words.take("PARTITION");
      const std::string part = words.name();
      const bool gentle = words.is("CONCURRENTLY") || words.is("FINALIZE");
      out_.locks_known = false;  // a default partition, and tables that refer to it
      catalogue(gentle ? LockMode::ShareUpdateExclusive : LockMode::AccessExclusive);
      return lock(part, LockMode::AccessExclusive);
    }
    if (words.take("SET")) {
      if (words.kind() == TokenKind::Open) {
        const bool catalogued = words.has("USER_CATALOG_TABLE");
        return catalogue(catalogued ? LockMode::AccessExclusive : LockMode::ShareUpdateExclusive);
      }
      if (words.take("WITHOUT", "CLUSTER")) return catalogue(LockMode::ShareUpdateExclusive);
      const bool rewrites = words.is_any({"LOGGED", "UNLOGGED", "TABLESPACE", "ACCESS"});
      if (rewrites) work(Work::Rewrite);
      if (words.is("ACCESS")) out_.work_known = false;
      return catalogue(LockMode::AccessExclusive);
    }
    if (words.take("RESET")) return catalogue(LockMode::ShareUpdateExclusive);
    if (words.take("CLUSTER")) return catalogue(LockMode::ShareUpdateExclusive);
    if (words.is("ENABLE") || words.is("DISABLE")) {
      return catalogue(words.has("TRIGGER") ? LockMode::ShareRowExclusive
                                            : LockMode::AccessExclusive);
    }
    if (words.is("INHERIT") || words.is("NO")) {
      out_.locks_known = false;
      return catalogue(LockMode::AccessExclusive);
    }
    if (!words.is_any({"RENAME", "OWNER", "REPLICA", "FORCE", "OF", "NOT"})) unknown();
    catalogue(LockMode::AccessExclusive);
  }

  void add(Cursor words, const std::string& table) {
    const bool named = words.take("CONSTRAINT");
    if (named) words.name();
    if (words.is_any({"CHECK", "FOREIGN", "UNIQUE", "PRIMARY", "EXCLUDE", "NOT"}) || named) {
      return add_constraint(words, table);
    }
    words.take("COLUMN");
    words.take_if_exists();
    words.name();
    add_column(words, table);
  }

  void add_constraint(Cursor words, const std::string& table) {
    const bool valid = !words.has("NOT", "VALID");
    if (words.is("FOREIGN")) {
      lock(table, LockMode::ShareRowExclusive);
      references(words);
      if (valid) work(Work::Scan);
      return;
    }
    lock(table, LockMode::AccessExclusive);
    if (words.is_any({"UNIQUE", "PRIMARY", "EXCLUDE"})) {
      if (!words.has("USING", "INDEX")) return work(Work::Build);
      // A primary key makes its columns NOT NULL, which scans where they are not.
      if (words.is("PRIMARY")) out_.work_known = false;
      return;
    }
    if (valid) work(Work::Scan);
  }

  void references(Cursor words) {
    while (words.find("REFERENCES")) lock(words.name(), LockMode::ShareRowExclusive);
  }

  void add_column(Cursor words, const std::string& table) {
    lock(table, LockMode::AccessExclusive);
    const bool known_type = is_plain_type(words);
    if (words.is_any({"SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8"})) {
      work(Work::Rewrite);
    }
    if (words.has("IDENTITY") || words.has("STORED")) work(Work::Rewrite);
    if (words.has("UNIQUE") || words.has("PRIMARY", "KEY")) work(Work::Build);
    if (words.has("CHECK")) work(Work::Scan);
    const bool has_default = words.has("DEFAULT");
    if (words.has("REFERENCES")) {
      references(words);
      if (has_default) work(Work::Scan);
    }
    if (has_default) {
      words.find("DEFAULT");
      add_default(words);
    }
    // A domain with a constraint rewrites the table; one without doesn't.
    if (!known_type && out_.work != Work::Rewrite) out_.work_known = false;
  }

  /// A type that comes with the server, and so is no domain.
  static bool is_plain_type(const Cursor& words) {
    return words.kind(1) != TokenKind::Dot &&
           words.is_any({"INT",        "INTEGER", "INT2",    "INT4",     "INT8",      "BIGINT",
                         "SMALLINT",   "TEXT",    "VARCHAR", "CHAR",     "CHARACTER", "BOOLEAN",
                         "BOOL",       "NUMERIC", "DECIMAL", "REAL",     "DOUBLE",    "FLOAT",
                         "FLOAT4",     "FLOAT8",  "DATE",    "TIME",     "TIMESTAMP", "TIMESTAMPTZ",
                         "TIMETZ",     "UUID",    "JSON",    "JSONB",    "BYTEA",     "INTERVAL",
                         "INET",       "CIDR",    "XML",     "TSVECTOR", "SERIAL",    "BIGSERIAL",
                         "SMALLSERIAL"});
  }

  /// What is the same for every row is kept in the catalogue; what is volatile fills the table.
  void add_default(Cursor words) {
    bool calls = false;
    for (; !words.done(); words.skip()) {
      if (words.kind() != TokenKind::Word || words.kind(1) != TokenKind::Open) continue;
      if (words.is_any({"NEXTVAL", "RANDOM", "GEN_RANDOM_UUID", "CLOCK_TIMESTAMP", "TIMEOFDAY"})) {
        return work(Work::Rewrite);
      }
      if (!words.is_any({"NOW", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "STATEMENT_TIMESTAMP",
                         "TRANSACTION_TIMESTAMP", "VARCHAR", "CHAR", "NUMERIC", "TIMESTAMP",
                         "CHECK", "KEY", "UNIQUE"})) {
        calls = true;
      }
    }
    if (calls) out_.work_known = false;
  }

  void alter_column(Cursor words, const std::string& table) {
    words.take("COLUMN");
    words.name();
    if (words.is("SET") && words.is("STATISTICS", 1)) {
      return lock(table, LockMode::ShareUpdateExclusive);
    }
    if ((words.is("SET") || words.is("RESET")) && words.kind(1) == TokenKind::Open) {
      return lock(table, LockMode::ShareUpdateExclusive);
    }
    lock(table, LockMode::AccessExclusive);
    if (words.take("SET", "NOT")) return work(Work::Scan);  // but for a valid CHECK that says so
    if (words.is("TYPE") || (words.is("SET") && words.is("DATA", 1))) {
      // Depends on the old type, and on what else knows the column, such as foreign keys.
      out_.work_known = out_.locks_known = false;
    }
    if (words.is("SET") && words.is("EXPRESSION", 1)) work(Work::Rewrite);
  }

  // ---- CREATE ----

  void create(Cursor& words) {
    const bool replaces = words.take("OR", "REPLACE");
    while (words.is_any({"GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "RECURSIVE",
                         "CONSTRAINT", "FOREIGN"})) {
      words.skip();
    }
    if (words.take("TABLE")) return create_table(words);
    if (words.take("INDEX")) return create_index(words);
    if (words.take("VIEW")) {
      const std::string view = words.name();
      if (replaces) {
        lock(view, LockMode::AccessExclusive);
      } else {
        out_.creates.push_back(view);
      }
      return;
    }
    if (words.take("MATERIALIZED", "VIEW")) {
      words.take_if_exists();
      out_.creates.push_back(words.name());
      return unknown();  // what its query locks
    }
    if (words.take("SEQUENCE")) {
      words.take_if_exists();
      out_.creates.push_back(words.name());
      return;
    }
    if (words.take("TRIGGER")) {
      out_.locks_known = !words.has("FROM");  // a constraint trigger's other table
      if (words.find("ON")) lock(words.name(), LockMode::ShareRowExclusive);
      return;
    }
    if (words.take("POLICY")) {
      if (words.find("ON")) lock(words.name(), LockMode::AccessExclusive);
      return;
    }
    if (words.take("RULE")) {
      if (words.find("TO")) lock(words.name(), LockMode::AccessExclusive);
      return;
    }
    if (words.is("STATISTICS")) {
      if (words.find("FROM")) lock(words.name(), LockMode::ShareUpdateExclusive);
      return;
    }
    if (words.take("PUBLICATION")) {
      words.name();
      if (!words.take("FOR", "TABLE")) return;
      while (!words.done()) {
        Cursor one = words.item();
        one.take("TABLE");
        one.take("ONLY");
        lock(one.name(), LockMode::ShareUpdateExclusive);
      }
      return;
    }
    if (words.is_any({"EXTENSION", "SCHEMA", "SUBSCRIPTION"})) unknown();  // runs statements
  }

  void create_table(Cursor& words) {
    words.take_if_exists();
    out_.creates.push_back(words.name());
    references(words);
    std::erase_if(out_.locks, [this](const RelationLock& one) {
      return one.relation == out_.creates.front();  // it refers to itself
    });
    if (words.take("PARTITION", "OF")) {
      lock(words.name(), LockMode::AccessExclusive);
      out_.locks_known = false;  // a default partition, and what its foreign keys refer to
      out_.work_known = false;
      return;
    }
    words.skip_parentheses();
    if (words.has("AS")) return unknown();  // what its query locks
    if (words.take("INHERITS")) {
      if (words.kind() == TokenKind::Open) words.skip();
      while (!words.done() && words.kind() != TokenKind::Close) {
        lock(words.name(), LockMode::ShareUpdateExclusive);
        if (words.kind() == TokenKind::Comma) {
          words.skip();
        } else {
          break;
        }
      }
    }
  }

  void create_index(Cursor& words) {
    const bool gentle = words.take("CONCURRENTLY");
    if (!words.find("ON")) return unknown();
    const bool only = words.take("ONLY");
    lock(words.name(), gentle ? LockMode::ShareUpdateExclusive : LockMode::Share);
    if (!only) work(Work::Build);
  }

  // ---- DROP ----

  void drop(Cursor& words) {
    if (words.take("INDEX")) {
      words.take("CONCURRENTLY");
      out_.locks_known = false;  // its table, which the statement doesn't name
      return;
    }
    words.take("FOREIGN");
    if (words.is("MATERIALIZED") && words.is("VIEW", 1)) words.skip();
    if (words.take("TABLE") || words.take("VIEW")) {
      words.take_if_exists();
      lock_list(words, LockMode::AccessExclusive);
      out_.locks_known = false;  // tables that its foreign keys refer to, views with CASCADE
      return;
    }
    if (words.take("SEQUENCE")) {
      words.take_if_exists();
      if (words.has("CASCADE")) out_.locks_known = false;  // tables whose defaults name it
      return lock_list(words, LockMode::AccessExclusive);
    }
    if (words.take("TRIGGER") || words.take("POLICY") || words.take("RULE")) {
      if (words.find("ON")) lock(words.name(), LockMode::AccessExclusive);
      return;
    }
    if (words.has("CASCADE") || words.is_any({"OWNED", "EXTENSION", "SCHEMA"})) unknown();
  }

  // ---- the rest ----

  void other(Cursor& words) {
    if (words.take("TRUNCATE")) {
      words.take("TABLE");
      work(Work::Rewrite);
      if (words.has("CASCADE")) out_.locks_known = false;
      return lock_list(words, LockMode::AccessExclusive);
    }
    if (words.take("INSERT", "INTO") || words.take("DELETE", "FROM") ||
        words.take("MERGE", "INTO") || words.take("UPDATE")) {
      words.take("ONLY");
      lock(words.name(), LockMode::RowExclusive);
      out_.work_known = out_.locks_known = false;  // what it reads, and what triggers do
      return;
    }
    if (words.take("COPY")) {
      if (words.kind() == TokenKind::Open) return unknown();
      const std::string table = words.name();
      words.skip_parentheses();
      return lock(table, words.is("FROM") ? LockMode::RowExclusive : LockMode::AccessShare);
    }
    if (words.take("LOCK")) return lock_table(words);
    if (words.take("COMMENT", "ON")) {
      if (words.take("TABLE")) return lock(words.name(), LockMode::ShareUpdateExclusive);
      if (words.take("COLUMN")) {
        std::string column = words.name();
        const auto dot = column.rfind('.');
        return lock(dot == std::string::npos ? std::string() : column.substr(0, dot),
                    LockMode::ShareUpdateExclusive);
      }
      if (words.is("CONSTRAINT") || words.is("INDEX")) out_.locks_known = false;
      return;
    }
    if (words.take("REFRESH")) {
      words.take("MATERIALIZED", "VIEW");
      const bool gentle = words.take("CONCURRENTLY");
      work(gentle ? Work::Scan : Work::Rewrite);
      return lock(words.name(), gentle ? LockMode::Exclusive : LockMode::AccessExclusive);
    }
    if (words.take("REINDEX")) {
      work(Work::Build);
      words.skip_parentheses();
      if (!words.take("TABLE")) return unknown();
      const bool gentle = words.take("CONCURRENTLY");
      return lock(words.name(), gentle ? LockMode::ShareUpdateExclusive : LockMode::Share);
    }
    if (words.take("CLUSTER")) {
      work(Work::Rewrite);
      return lock(words.name(), LockMode::AccessExclusive);
    }
    if (words.take("ANALYZE")) {
      work(Work::Scan);
      if (words.done()) return unknown();
      return lock(words.name(), LockMode::ShareUpdateExclusive);
    }
    if (words.is_any({"SET", "RESET", "GRANT", "REVOKE", "NOTIFY", "SAVEPOINT", "RELEASE", "SHOW",
                      "DISCARD", "DEALLOCATE", "PREPARE", "LISTEN", "UNLISTEN"})) {
      return;
    }
    unknown();
  }

  void lock_table(Cursor& words) {
    words.take("TABLE");
    words.take("ONLY");
    const std::string table = words.name();
    LockMode mode = LockMode::AccessExclusive;
    if (words.take("IN")) {
      if (words.take("ACCESS", "SHARE")) {
        mode = LockMode::AccessShare;
      } else if (words.take("ROW", "SHARE")) {
        mode = LockMode::RowShare;
      } else if (words.take("ROW", "EXCLUSIVE")) {
        mode = LockMode::RowExclusive;
      } else if (words.take("SHARE", "UPDATE")) {
        mode = LockMode::ShareUpdateExclusive;
      } else if (words.take("SHARE", "ROW")) {
        mode = LockMode::ShareRowExclusive;
      } else if (words.take("SHARE")) {
        mode = LockMode::Share;
      } else if (words.take("EXCLUSIVE")) {
        mode = LockMode::Exclusive;
      }
    }
    if (words.kind() == TokenKind::Comma) out_.locks_known = false;
    lock(table, mode);
  }

  ExpectedLocks out_;
};

}  // namespace

std::string_view lock_mode_name(LockMode mode) noexcept {
  switch (mode) {
    case LockMode::AccessShare: return "ACCESS SHARE";
    case LockMode::RowShare: return "ROW SHARE";
    case LockMode::RowExclusive: return "ROW EXCLUSIVE";
    case LockMode::ShareUpdateExclusive: return "SHARE UPDATE EXCLUSIVE";
    case LockMode::Share: return "SHARE";
    case LockMode::ShareRowExclusive: return "SHARE ROW EXCLUSIVE";
    case LockMode::Exclusive: return "EXCLUSIVE";
    case LockMode::AccessExclusive: return "ACCESS EXCLUSIVE";
  }
  return "ACCESS EXCLUSIVE";
}

std::string_view work_name(Work work) noexcept {
  switch (work) {
    case Work::None: return "none";
    case Work::Scan: return "scan";
    case Work::Build: return "build";
    case Work::Rewrite: return "rewrite";
  }
  return "none";
}

ExpectedLocks expected_locks(std::string_view statement) { return Expecting().of(statement); }

}  // namespace headway::sql
