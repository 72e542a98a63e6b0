// Two rules.  A statement has to begin with a word that is known to end no transaction: what is not
// known is refused, so that a command of a newer server is no surprise.  And it must not name a
// function whose effect does not wait for COMMIT.
#include "sql/outlives_rollback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "sql/facts.hpp"
#include "sql/scanner.hpp"
#include "sql/text.hpp"

namespace headway::sql {
namespace {

constexpr std::array<std::string_view, 39> kHarmless{
    "ALTER",    "CALL",    "CLOSE",   "CLUSTER", "COMMENT",  "COPY",    "CREATE",    "DECLARE",
    "DELETE",   "DISCARD", "DO",      "DROP",    "EXECUTE",  "EXPLAIN", "FETCH",     "GRANT",
    "IMPORT",   "INSERT",  "LISTEN",  "LOAD",    "LOCK",     "MERGE",   "MOVE",      "NOTIFY",
    "REASSIGN", "REFRESH", "REINDEX", "RELEASE", "RESET",    "REVOKE",  "SAVEPOINT", "SECURITY",
    "SELECT",   "SET",     "SHOW",    "TABLE",   "TRUNCATE", "UPDATE",  "VALUES"};

/// In lower case; a name that begins like one of these.
constexpr std::array<std::string_view, 30> kBeyond{"dblink",
                                                   "heap_force_",
                                                   "lo_export",
                                                   "pg_advisory_unlock",
                                                   "pg_background_launch",
                                                   "pg_cancel_backend",
                                                   "pg_copy_logical_replication_slot",
                                                   "pg_copy_physical_replication_slot",
                                                   "pg_create_logical_replication_slot",
                                                   "pg_create_physical_replication_slot",
                                                   "pg_create_restore_point",
                                                   "pg_drop_replication_slot",
                                                   "pg_file_",
                                                   "pg_log_backend_memory_contexts",
                                                   "pg_logical_emit_message",
                                                   "pg_logical_slot_get",
                                                   "pg_promote",
                                                   "pg_reload_conf",
                                                   "pg_replication_origin_advance",
                                                   "pg_replication_slot_advance",
                                                   "pg_rotate_logfile",
                                                   "pg_stat_reset",
                                                   "pg_stat_statements_reset",
                                                   "pg_switch_wal",
                                                   "pg_sync_replication_slots",
                                                   "pg_terminate_backend",
                                                   "pg_truncate_visibility_map",
                                                   "pg_wal_replay_",
                                                   "run_command_on_",
                                                   "setval"};

bool in_name(char c) {
  return c == '_' || c == '$' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// The first name in `text`, whatever stands around it, that must not be called.
std::string beyond_in(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!in_name(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && in_name(text[end])) ++end;
    std::string name(text.substr(at, end - at));
    std::ranges::transform(name, name.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (std::ranges::any_of(kBeyond, [&name](auto one) { return name.starts_with(one); })) {
      return name;
    }
    at = end;
  }
  return {};
}

/// COPY with a file or a program on the server's side.
bool copies_to_server(std::string_view statement) {
  Scanner scanner(statement);
  bool to = false;
  std::size_t depth = 0;
  for (Token token = scanner.next(); token.kind != TokenKind::End; token = scanner.next()) {
    if (token.kind == TokenKind::Open) ++depth;
    if (token.kind == TokenKind::Close && depth > 0) --depth;
    if (depth > 0) continue;
    const std::string_view word = token.in(statement);
    if (token.kind == TokenKind::Word && is_word(word, "PROGRAM")) return true;
    if (to && (token.kind == TokenKind::String || token.kind == TokenKind::Dollar)) return true;
    to = token.kind == TokenKind::Word && is_word(word, "TO");
  }
  return false;
}

}  // namespace

std::optional<std::string> outlives_rollback(std::string_view statement) {
  Scanner scanner(statement);
  Token token = scanner.next();
  if (token.kind == TokenKind::End) return std::nullopt;
  while (token.kind == TokenKind::Open) token = scanner.next();
  const std::string first =
      token.kind == TokenKind::Word ? to_upper(token.in(statement)) : std::string();
  const Facts facts = facts_of(statement);
  const bool known =
      first == "WITH" || std::ranges::find(kHarmless, std::string_view(first)) != kHarmless.end();
  // ROLLBACK TO and PREPARE .. AS are no ends.
  const bool back_to_savepoint = first == "ROLLBACK" && facts.control == Control::Savepoint;
  const Token second = scanner.next();
  const bool prepares = first == "PREPARE" && !is_word(second.in(statement), "TRANSACTION");
  if (!known && !back_to_savepoint && !prepares) {
    return fmt::format("holds {}, which might end the transaction",
                       facts.command.empty() ? "a statement of an unknown kind" : facts.command);
  }
  if (first == "COPY" && copies_to_server(statement)) {
    return "copies from or to a program or a file of the server";
  }
  // CREATE EXTENSION dblink calls nothing of it.
  if (facts.command.ends_with(" EXTENSION")) return std::nullopt;
  Scanner again(statement);
  for (token = again.next(); token.kind != TokenKind::End; token = again.next()) {
    if (token.kind != TokenKind::Word && token.kind != TokenKind::QuotedName &&
        token.kind != TokenKind::String && token.kind != TokenKind::Dollar) {
      continue;
    }
    const std::string_view text = token.in(statement);
    if (token.kind == TokenKind::QuotedName && text.front() != '"') {
      return fmt::format("names {}, which its escapes hide", text);
    }
    const std::string name = beyond_in(text);
    if (!name.empty()) return fmt::format("names {}, which no rollback undoes", name);
  }
  return std::nullopt;
}

}  // namespace headway::sql
