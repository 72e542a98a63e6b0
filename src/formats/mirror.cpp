#include "formats/mirror.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <unordered_set>

#include "base/sha384.hpp"
#include "formats/checksums.hpp"
#include "formats/text.hpp"
#include "sql/normalize.hpp"
#include "sql/splitter.hpp"

namespace headway::formats {
namespace {

using migration::Migration;
using migration::Script;
using migration::Version;
using sql::quote_literal;

/// How long the transaction has taken so far, in units of which a second has `per_second`.
std::string elapsed(std::string_view per_second) {
  return fmt::format(
      "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) "
      "pg_catalog.transaction_timestamp()) OPERATOR(pg_catalog.*) {})::pg_catalog.int8",
      per_second);
}

/// The bytes of the file, as far as they are known.
std::string bytes_of(const Script& script) {
  if (script.original) return *script.original;
  return script.large ? migration::held(script).text : script.text;
}

std::string as_words(std::string_view name) { return replaced(name, '_', ' '); }

std::size_t statements_in(const Script& script) {
  return sql::split(bytes_of(script), script.path).size();
}

std::string is_one_of(std::string_view column, const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(quote_literal(text));
  return fmt::format(
      "{}::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.text[])", column,
      fmt::join(quoted, ", "));
}

std::string is(std::string_view column, std::string_view text) {
  return is_one_of(column, {std::string(text)});
}

}  // namespace

bool can_mirror(Format format) noexcept {
  switch (format) {
    case Format::GolangMigrate:
    case Format::Goose:
    case Format::Dbmate:
    case Format::Flyway:
    case Format::Sqlx:
    case Format::Atlas:
    case Format::Tern:
    case Format::Refinery:
    case Format::Alembic: return true;
    default: return false;
  }
}

std::vector<std::string> Mirror::beginning() const {
  const std::string table = table_.table.sql();
  if (table_.format == Format::Goose) {
    return {fmt::format("INSERT INTO {} (version_id, is_applied) VALUES (0, true)", table)};
  }
  if (table_.format == Format::Tern) {
    return {fmt::format("INSERT INTO {} (version) VALUES (0)", table)};
  }
  return {};
}

std::string Mirror::applied(const Version& version) const {
  const std::string table = table_.table.sql();
  const std::string text = quote_literal(version.text());
  switch (table_.format) {
    case Format::GolangMigrate: return move_to(version.text(), ", dirty = false");
    case Format::Tern: return move_to(version.text(), "");
    case Format::Goose:
      return fmt::format("INSERT INTO {} (version_id, is_applied) VALUES ({}, true)", table, text);
    case Format::Dbmate: return fmt::format("INSERT INTO {} (version) VALUES ({})", table, text);
    case Format::Alembic: return add_head(version);
    default: break;
  }
  const Migration* const migration = source_.find(version);
  if (migration == nullptr) return {};
  if (table_.format != Format::Flyway) return insert_row(*migration);
  return insert_flyway(text, migration->up, migration->name);
}

std::string Mirror::reverted(const Version& version) const {
  const std::string table = table_.table.sql();
  // The number that stands in the table.
  const std::string number(version.numeric() ? version.key() : std::string_view(version.text()));
  switch (table_.format) {
    case Format::GolangMigrate:
    case Format::Tern: {
      std::string previous = previous_of(version);
      if (previous.empty() && table_.format == Format::Tern) previous = "0";
      if (previous.empty()) {
        return fmt::format("DELETE FROM {} WHERE {}", table, is("version", number));
      }
      return fmt::format("UPDATE {} SET version = {} WHERE {}", table, quote_literal(previous),
                         is("version", number));
    }
    case Format::Goose:
      return fmt::format("DELETE FROM {} WHERE {}", table, is("version_id", number));
    case Format::Alembic: {
      const Migration* const migration = source_.find(version);
      return migration == nullptr
                 ? fmt::format("DELETE FROM {} WHERE {}", table, is("version_num", version.text()))
                 : remove_head(*migration);
    }
    case Format::Sqlx:
    case Format::Refinery:
      return fmt::format("DELETE FROM {} WHERE {}", table, is("version", number));
    default: return fmt::format("DELETE FROM {} WHERE {}", table, is("version", version.text()));
  }
}

std::string Mirror::repeated(std::string_view name) const {
  if (table_.format != Format::Flyway) return {};
  const auto found = std::ranges::find(source_.repeatables(), name, &migration::Repeatable::name);
  if (found == source_.repeatables().end()) return {};
  return insert_flyway("NULL", found->script, name);
}

std::string Mirror::insert_flyway(std::string_view version, const Script& script,
                                  std::string_view name) const {
  const std::string table = table_.table.sql();
  return fmt::format(
      "INSERT INTO {0} (installed_rank, version, description, type, script, checksum, "
      "installed_by, execution_time, success) SELECT COALESCE(pg_catalog.max(installed_rank), 0) "
      "OPERATOR(pg_catalog.+) 1, {1}, {2}, 'SQL', {3}, {4}, CURRENT_USER, {5}, true FROM {0}",
      table, version, quote_literal(as_words(name)), quote_literal(base_name(script.path)),
      flyway_checksum(bytes_of(script)), elapsed("1000"));
}

std::string Mirror::insert_row(const Migration& migration) const {
  const std::string table = table_.table.sql();
  const std::string version = quote_literal(migration.version.text());
  const Script& up = migration.up;
  if (table_.format == Format::Sqlx) {
    return fmt::format(
        "INSERT INTO {} (version, description, success, checksum, execution_time) VALUES ({}, {}, "
        "true, pg_catalog.decode('{}', 'hex'), {})",
        table, version, quote_literal(as_words(migration.name)), sha384_hex(bytes_of(up)),
        elapsed("1000000000"));
  }
  if (table_.format == Format::Atlas) {
    return fmt::format(
        "INSERT INTO {0} (version, description, type, applied, total, executed_at, execution_time, "
        "error, error_stmt, hash, operator_version) VALUES ({1}, {2}, 2, {4}, {4}, "
        "pg_catalog.clock_timestamp(), {3}, '', '', {5}, 'Headway')",
        table, version, quote_literal(migration.name), elapsed("1000000000"), statements_in(up),
        quote_literal(migration.tool_checksum));
  }
  // refinery: its time is a text in RFC 3339.
  const std::int64_t number = std::strtoll(migration.version.text().c_str(), nullptr, 10);
  return fmt::format(
      "INSERT INTO {} (version, name, applied_on, checksum) VALUES ({}, {}, "
      "pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), "
      "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '{}')",
      table, version, quote_literal(migration.name),
      refinery_checksum(migration.name, number, false, bytes_of(up)));
}

/// The one row of a table that keeps the newest version alone.  What is applied late does not move
/// it back.
std::string Mirror::move_to(std::string_view version, std::string_view rest) const {
  const std::string_view columns = rest.empty() ? "version" : "version, dirty";
  const std::string_view type = rest.empty() ? "pg_catalog.int4" : "pg_catalog.int8";
  return fmt::format(
      "WITH moved AS (UPDATE {0} SET version = GREATEST(version, {1}::{2}){3} RETURNING 1) INSERT "
      "INTO {0} ({4}) SELECT {5} WHERE NOT EXISTS (SELECT FROM moved)",
      table_.table.sql(), quote_literal(version), type, rest, columns,
      fmt::format("{}::{}{}", quote_literal(version), type, rest.empty() ? "" : ", false"));
}

/// One row for each head: what the new one stands on goes, and it comes unless something stands on
/// it.
std::string Mirror::add_head(const Version& version) const {
  std::vector<std::string> below;
  const std::vector<Version> one{version};
  for (const Migration* migration : source_.with_ancestors(one)) {
    if (migration->version != version) below.push_back(migration->version.text());
  }
  return fmt::format(
      "WITH gone AS (DELETE FROM {0} WHERE {1}) INSERT INTO {0} (version_num) SELECT {2} WHERE NOT "
      "EXISTS (SELECT FROM {0} WHERE {3})",
      table_.table.sql(), is_one_of("version_num", below), quote_literal(version.text()),
      is_one_of("version_num", descendants_of(version)));
}

/// Its parents are heads again, as far as nothing else stands on them.
std::string Mirror::remove_head(const Migration& migration) const {
  std::string gone = fmt::format("DELETE FROM {} WHERE {}", table_.table.sql(),
                                 is("version_num", migration.version.text()));
  std::string parents;
  for (const Version& parent : migration.parents) {
    if (parent.text() == migration::kBase) continue;
    std::vector<std::string> above = descendants_of(parent);
    std::erase(above, migration.version.text());
    above.push_back(parent.text());
    if (!parents.empty()) parents += " UNION ALL ";
    parents += fmt::format(
        "SELECT {}::pg_catalog.varchar WHERE NOT EXISTS (SELECT FROM {} WHERE {})",
        quote_literal(parent.text()), table_.table.sql(), is_one_of("version_num", above));
  }
  if (parents.empty()) return gone;
  return fmt::format("WITH gone AS ({}) INSERT INTO {} (version_num) {}", gone, table_.table.sql(),
                     parents);
}

std::string Mirror::previous_of(const Version& version) const {
  std::string previous;
  for (const Migration& migration : source_.migrations()) {
    if (migration.version == version) return previous;
    previous = migration.version.text();
  }
  return {};
}

std::vector<std::string> Mirror::descendants_of(const Version& version) const {
  std::vector<std::string> out;
  std::unordered_set<Version, migration::VersionHash> above{version};
  for (const Migration& migration : source_.migrations()) {
    const auto stands = [&above](const Version& parent) { return above.contains(parent); };
    if (!std::ranges::any_of(migration.parents, stands)) continue;
    above.insert(migration.version);
    out.push_back(migration.version.text());
  }
  return out;
}

}  // namespace headway::formats
