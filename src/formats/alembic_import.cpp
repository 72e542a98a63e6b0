#include "formats/alembic_import.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "formats/text.hpp"
#include "migration/source_builder.hpp"
#include "sql/facts.hpp"
#include "sql/normalize.hpp"
#include "sql/splitter.hpp"

namespace headway::formats {
namespace {

using migration::Version;
using sql::Statement;

/// "a, b" -> a, b
std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trim(text.substr(0, comma));
    if (!one.empty() && one != "<base>") out.emplace_back(one);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

/// What follows `key` at the beginning of the line; null if it begins otherwise.
std::optional<std::string_view> behind(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) return std::nullopt;
  return trim(line.substr(key.size()));
}

/// What Alembic writes in front of a revision's statements.
std::string heading_of(const AlembicRevision& revision, AlembicWay way) {
  const std::string parents = fmt::format("{}", fmt::join(revision.parents, ", "));
  return way == AlembicWay::Up ? fmt::format("-- Running upgrade {} -> {}", parents, revision.id)
                               : fmt::format("-- Running downgrade {} -> {}", revision.id, parents);
}

bool is_heading(std::string_view line) {
  return line.starts_with("-- Running upgrade ") || line.starts_with("-- Running downgrade ");
}

/// The lines below the heading, up to the next one; nothing if there is none.
std::optional<std::string_view> below(std::string_view output, std::string_view heading) {
  std::optional<std::size_t> begin;
  std::size_t end = output.size();
  each_line(output, [&](const Line& line) {
    if (!begin) {
      // A root's has a blank at an end.
      if (trim(line.text) == trim(heading)) begin = std::min(line.end() + 1, output.size());
    } else if (end == output.size() && is_heading(line.text)) {
      end = line.offset;
    }
  });
  if (!begin) return std::nullopt;
  return output.substr(*begin, end - *begin);
}

bool is_control(const Statement& statement) {
  const sql::Control control = sql::facts_of(statement.text).control;
  return control == sql::Control::Begin || control == sql::Control::Commit;
}

/// Whether a statement keeps Alembic's own table, whose name a project may choose.
bool keeps_version(std::string_view statement, const AlembicRevision& revision) {
  const std::string command = sql::facts_of(statement).command;
  const bool writes = command == "INSERT" || command == "UPDATE" || command == "DELETE";
  if (!writes || !contains_letters(statement, "version_num")) return false;
  const auto names = [statement](const std::string& id) {
    return statement.find(fmt::format("'{}'", id)) != std::string_view::npos;
  };
  return names(revision.id) || std::ranges::any_of(revision.parents, names) ||
         std::ranges::any_of(revision.depends_on, names);
}

/// How far the statements reach that are the revision's: behind them only Alembic's stand.
std::size_t own_part(const std::vector<Statement>& statements, const AlembicRevision& revision,
                     AlembicWay way) {
  std::size_t count = statements.size();
  const auto may_drop = [&](std::size_t at) {
    return way == AlembicWay::Down && at > 0 && revision.parents.empty() &&
           sql::facts_of(statements[at].text).command == "DROP TABLE" &&
           keeps_version(statements[at - 1].text, revision);
  };
  while (count > 0 && (is_control(statements[count - 1]) ||
                       keeps_version(statements[count - 1].text, revision) || may_drop(count - 1)))
    --count;
  return count;
}

std::string header(const AlembicRevision& revision, std::string directives) {
  return fmt::format("-- headway: {}\n-- {}{}\n--\n-- Imported from {}.\n", directives,
                     revision.message.starts_with("headway") ? "About " : "", revision.message,
                     base_name(revision.path));
}

std::string up_header(const AlembicRevision& revision, bool commits) {
  std::vector<std::string> after = revision.parents;
  after.insert(after.end(), revision.depends_on.begin(), revision.depends_on.end());
  return header(revision, fmt::format("version={} after={}{}", revision.id,
                                      after.empty() ? std::string(migration::kBase)
                                                    : fmt::format("{}", fmt::join(after, ",")),
                                      commits ? " transaction=none" : ""));
}

}  // namespace

std::vector<AlembicRevision> parse_alembic_history(std::string_view output) {
  std::vector<AlembicRevision> out;
  bool message = false;
  each_line(output, [&](const Line& line) {
    const std::string_view text =
        line.text.ends_with('\r') ? line.text.substr(0, line.text.size() - 1) : line.text;
    if (const auto rev = behind(text, "Rev: ")) {
      out.push_back({std::string(rev->substr(0, rev->find(' '))), {}, {}, {}, {}});
      message = false;
      return;
    }
    if (out.empty()) return;  // what the project's env.py has printed
    AlembicRevision& last = out.back();
    if (const auto parent = behind(text, "Parent: ")) last.parents = listed(*parent);
    if (const auto merged = behind(text, "Merges: ")) last.parents = listed(*merged);
    if (const auto more = behind(text, "Also depends on: ")) last.depends_on = listed(*more);
    if (const auto path = behind(text, "Path: ")) {
      last.path = std::string(*path);
      message = true;
      return;
    }
    // The message is the first paragraph of the text below.
    const std::string_view words = trim(text);
    if (!message || (words.empty() && last.message.empty())) return;
    message = !words.empty();
    if (!words.empty() && !last.message.empty()) last.message += ' ';
    last.message += words;
  });
  return out;
}

std::vector<AlembicRevision> in_order(std::vector<AlembicRevision> revisions) {
  // Alembic tells the youngest first.
  std::ranges::reverse(revisions);
  migration::SourceBuilder builder;
  std::map<std::string, AlembicRevision, std::less<>> by_id;
  for (AlembicRevision& revision : revisions) {
    std::vector<Version> after;
    for (const auto* names : {&revision.parents, &revision.depends_on}) {
      for (const std::string& name : *names) after.emplace_back(name);
    }
    migration::Migration migration;
    migration.version = Version(revision.id);
    migration.name = revision.message;
    migration.up.path = revision.path;
    builder.add(std::move(migration), std::move(after));
    by_id.emplace(revision.id, std::move(revision));
  }
  const migration::Source source = std::move(builder).build();
  std::vector<AlembicRevision> out;
  out.reserve(by_id.size());
  for (const migration::Migration& migration : source.migrations())
    out.push_back(std::move(by_id.find(migration.version.text())->second));
  return out;
}

AlembicScript script_of(std::string_view output, const AlembicRevision& revision, AlembicWay way,
                        const std::string& name) {
  AlembicScript out;
  const auto part = below(output, heading_of(revision, way));
  if (!part) return out;
  out.found = true;
  const std::vector<Statement> statements = sql::split(*part, name);
  const std::size_t own = own_part(statements, revision, way);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < own; ++i) {
    const Statement& statement = statements[i];
    const std::size_t end = statement.offset + statement.text.size();
    if (is_control(statement)) {
      out.commits = true;
    } else {
      out.text += out.text.empty() ? "" : "\n\n";
      out.text += trim(part->substr(begin, end - begin));
      out.text += ';';
    }
    begin = std::min(part->find(';', end), part->size() - 1) + 1;
  }
  out.doubled_percent = out.text.find("%%") != std::string::npos;
  return out;
}

std::string imported_up(const AlembicRevision& revision, const AlembicScript& script) {
  return fmt::format("{}{}{}\n", up_header(revision, script.commits),
                     script.text.empty() ? "-- It changes nothing." : "\n", script.text);
}

std::string imported_down(const AlembicRevision& revision, const AlembicScript& script) {
  return fmt::format("{}-- The way back from: {}\n{}{}\n",
                     script.commits ? "-- headway: transaction=none\n" : "", revision.message,
                     script.text.empty() ? "-- It changes nothing." : "\n", script.text);
}

std::string imported_refusal(const AlembicRevision& revision, std::string_view reason) {
  const std::string line(trim(reason.substr(0, reason.find('\n'))));
  return fmt::format(
      "{}--\n-- Alembic could not print it as SQL: {}\n-- Put what it does in place of the "
      "statement "
      "below.\n\nDO $$\nBEGIN\n  RAISE EXCEPTION {}\n    USING HINT = {};\nEND\n$$;\n",
      up_header(revision, false), line,
      sql::quote_literal(fmt::format("revision {} is not written in SQL yet", revision.id)),
      sql::quote_literal("Write it in this file, by hand."));
}

}  // namespace headway::formats
