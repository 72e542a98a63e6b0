#include "engine/adoption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/error.hpp"
#include "engine/backoff.hpp"
#include "engine/workplace.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using migration::AppliedElsewhere;

constexpr Milliseconds kBetweenTries{500};

std::vector<std::string> names_to_find(const std::string& table) {
  std::vector<std::string> names;
  if (table.empty()) {
    for (const std::string_view name : formats::foreign_table_names()) names.emplace_back(name);
    return names;
  }
  // A dot may divide schema and table, or belong to a name.
  names.push_back(table);
  for (auto dot = table.find('.'); dot != std::string::npos; dot = table.find('.', dot + 1)) {
    names.push_back(table.substr(dot + 1));
  }
  return names;
}

struct Found {
  std::vector<AppliedElsewhere> applied;
  std::vector<const migration::Repeatable*> repeatables;
};

std::string_view title_of(const formats::ForeignTable& table) {
  return formats::format_info(table.format).title;
}

std::vector<formats::ForeignRow> read_rows(Connection& connection,
                                           const formats::ForeignTable& table) {
  try {
    return connection.read_rows(formats::rows_query(table));
  } catch (const Error& error) {
    if (error.id() != ErrorId::PermissionDenied) throw;
    ErrorInfo info = error.info();
    const std::string role = sql::quote_identifier(connection.server().user);
    info.next = fmt::format(
        "Run as the owner: GRANT USAGE ON SCHEMA {} TO {}; GRANT SELECT ON {} TO {}. Or pass "
        "--adopt=never, if it is not the history of these migrations.",
        sql::quote_identifier(table.table.schema), role, table.table.sql(), role);
    throw Error(std::move(info));
  }
}

Found read(Connection& connection, const formats::ForeignTable& table,
           const migration::Source& source) {
  const auto rows = read_rows(connection, table);
  return {formats::applied_of(table, rows, source), formats::repeatables_of(table, rows, source)};
}

/// Headway's own files may lie beside the table of a tool that they have nothing to do with.
bool may_be_unrelated(const migration::Source& source, const AdoptSettings& settings) {
  static constexpr std::string_view kOwn = formats::format_info(formats::Format::Headway).id;
  return source.layout() == kOwn && settings.mode != AdoptSettings::Mode::Require &&
         settings.table.empty();
}

bool is_unrelated(const std::vector<AppliedElsewhere>& applied, const migration::Source& source,
                  const AdoptSettings& settings) {
  return may_be_unrelated(source, settings) && !applied.empty() &&
         std::ranges::none_of(applied,
                              [](const AppliedElsewhere& one) { return one.migration != nullptr; });
}

/// Where it may have nothing to do with the files, it may also be out of reach.
bool is_out_of_reach(const Error& error, const migration::Source& source,
                     const AdoptSettings& settings) {
  return error.id() == ErrorId::PermissionDenied && may_be_unrelated(source, settings);
}

void warn_of_fileless(const std::vector<AppliedElsewhere>& applied, migration::Plan& plan) {
  std::vector<std::string> versions;
  for (const AppliedElsewhere& one : applied) {
    if (one.migration == nullptr) versions.push_back(one.version.text());
  }
  if (versions.empty()) return;
  static constexpr std::size_t kNamed = 5;
  const std::size_t named = std::min(versions.size(), kNamed);
  plan.warnings.push_back(fmt::format(
      "{} of them {} no file here: {}{}", versions.size(), versions.size() == 1 ? "has" : "have",
      fmt::join(versions.begin(), versions.begin() + static_cast<int>(named), "; "),
      versions.size() > named ? "; ..." : ""));
}

/// Files that look the same are written for several tools, which differ in what they do with them.
void warn_of_another(const formats::ForeignTable& table, const migration::Source& source,
                     migration::Plan& plan) {
  static constexpr std::string_view kOwn = formats::format_info(formats::Format::Headway).id;
  const formats::FormatInfo& owner = formats::format_info(table.format);
  if (source.layout() == owner.id || (source.layout() == kOwn && !owner.habits.late)) return;
  plan.warnings.push_back(fmt::format(
      "the files were read as those of {}: with --format={} they are run as {} runs them",
      source.layout(), owner.id, owner.title));
}

migration::History history_of(const Found& found) {
  std::vector<migration::HistoryRow> rows;
  migration::Version previous{std::string(migration::kBase)};
  for (const AppliedElsewhere& one : found.applied) {
    migration::HistoryRow& row = rows.emplace_back();
    row.version = one.version;
    row.previous = std::exchange(previous, one.version);
    row.name = one.name;
    row.kind = migration::RowKind::Adopted;
    if (one.migration != nullptr) {
      row.checksum = one.migration->up.checksum;
      row.has_down = one.migration->down.has_value();
    }
  }
  std::vector<migration::RepeatableRow> repeatables;
  for (const migration::Repeatable* one : found.repeatables) {
    migration::RepeatableRow& row = repeatables.emplace_back();
    row.name = one->name;
    row.checksum = one->script.checksum;
    row.current = true;
  }
  return {std::move(rows), std::move(repeatables)};
}

}  // namespace

std::optional<formats::ForeignTable> find_foreign_table(
    Connection& connection, const migration::Source& source, const AdoptSettings& settings,
    std::optional<formats::ForeignTable>* another) {
  const std::string& named = settings.table.empty() ? source.history_table() : settings.table;
  const bool only_near = settings.only_near || settings.mode == AdoptSettings::Mode::Never;
  const bool any_name = named.empty() && !only_near;
  std::vector<formats::FoundTable> found = connection.find_tables(
      names_to_find(named),
      any_name ? formats::columns_of_histories(source.layout()) : std::vector<std::string>());
  if (only_near && named.empty()) {
    // Atlas has a schema for its table, which is called as that is.
    std::erase_if(found, [](const formats::FoundTable& one) {
      return !one.in_search_path && one.schema != one.name;
    });
  }
  auto table = formats::table_of(source.layout(), found, settings.table, source.history_table());
  if (!table && another != nullptr) *another = formats::table_of_another(source.layout(), found);
  return table;
}

std::optional<Adoptable> find_adoptable(Connection& connection, const migration::Source& source,
                                        const AdoptSettings& settings) {
  if (settings.mode == AdoptSettings::Mode::Never) return std::nullopt;
  const auto table = find_foreign_table(connection, source, settings);
  if (!table) return std::nullopt;
  Found found;
  try {
    found = read(connection, *table, source);
  } catch (const Error& error) {
    if (is_out_of_reach(error, source, settings)) return std::nullopt;
    throw;
  }
  if (found.applied.empty() || is_unrelated(found.applied, source, settings)) return std::nullopt;
  return Adoptable{*table, history_of(found)};
}

std::optional<Adoption::Adopting> Adoption::plan(Connection& connection,
                                                 const HistorySnapshot& snapshot, bool locked) {
  const AdoptSettings& settings = context_.settings.adopt;
  if (settings.mode == AdoptSettings::Mode::Never) return std::nullopt;
  if (!snapshot.history.empty()) {
    release(connection);
    if (locked && !std::exchange(told_, true)) report_later_rows(connection, snapshot);
    return std::nullopt;
  }
  std::optional<formats::ForeignTable> another;
  const auto table = find_foreign_table(connection, source_, settings, &another);
  if (another) {
    warn_of_unrelated(locked,
                      fmt::format("{} is a history of {}, and these files are read as {}'s: "
                                  "nothing is taken over",
                                  another->table.text(), title_of(*another), source_.layout()));
  }
  if (table && locked) lock(connection, *table);
  Found found;
  try {
    if (table) found = read(connection, *table, source_);
  } catch (const Error& error) {
    if (!is_out_of_reach(error, source_, settings)) throw;
    warn_of_unrelated(locked, fmt::format("{} can't be read ({}): nothing is taken over",
                                          table->table.text(), error.info().message));
    return std::nullopt;
  }
  const std::vector<AppliedElsewhere>& applied = found.applied;
  if (applied.empty()) {
    if (settings.mode == AdoptSettings::Mode::Require) {
      throw Error(ErrorId::NothingToAdopt,
                  table ? fmt::format("{} says of no migration here that it is applied",
                                      table->table.text())
                        : std::string("there is no history of another tool in this database"));
    }
    return std::nullopt;
  }
  if (is_unrelated(applied, source_, settings)) {
    warn_of_unrelated(
        locked, fmt::format("{} has migrated this database to {} ({}), which no migration here "
                            "knows: nothing is taken over",
                            title_of(*table), applied.back().version.text(), table->table.text()));
    return std::nullopt;
  }
  migration::Plan plan = migration::plan_adopt(applied, found.repeatables);
  plan.warnings.push_back(fmt::format(
      "{} has applied {} {} here ({}): they are taken over", title_of(*table), applied.size(),
      applied.size() == 1 ? "migration" : "migrations", table->table.text()));
  warn_of_fileless(applied, plan);
  warn_of_another(*table, source_, plan);
  return Adopting{std::move(plan), history_of(found)};
}

void Adoption::warn_of_unrelated(bool locked, const std::string& message) {
  if (locked && !std::exchange(told_, true)) context_.observer.warning("foreign-rows", message);
}

void Adoption::report_left_alone(Connection& connection) {
  if (std::exchange(told_, true)) return;
  try {
    const auto found = find_adoptable(connection, source_, context_.settings.adopt);
    if (!found) return;
    context_.observer.warning(
        "adopt", fmt::format("{} has migrated this database to {} ({}), which is not taken over: "
                             "`headway adopt` does it",
                             title_of(found->table), found->history.last().text(),
                             found->table.table.text()));
  } catch (const Error& error) {
    if (is_lost(error)) throw;
    context_.observer.warning("adopt", error.info().message);
  }
}

/// Behind a proxy the lock could stay with a session that is not ours.
void Adoption::lock(Connection& connection, const formats::ForeignTable& table) {
  const int backend = connection.server().backend_pid;
  if (locked_on_ == backend || !connection.server().pooler.empty()) return;
  held_.clear();
  locked_on_ = backend;
  const auto begun = context_.clock.steady();
  for (const std::int64_t key : formats::lock_keys(table, connection.server().database)) {
    while (!connection.try_foreign_lock(key)) {
      const auto waited = std::chrono::duration_cast<Milliseconds>(context_.clock.steady() - begun);
      if (waited >= context_.settings.lock_wait) {
        throw Error(ErrorId::LockBusy, fmt::format("{} migrates this database: its lock {} is "
                                                   "held by somebody else; waited {}",
                                                   title_of(table), key, words(waited)));
      }
      stopping_.check("nothing was taken over");
      context_.clock.sleep(kBetweenTries, stopping_.token());
    }
    held_.push_back(key);
  }
}

/// Its own processes wait for it with a snapshot, which an index that is built concurrently would
/// wait for in turn.
void Adoption::release(Connection& connection) {
  if (locked_on_ == connection.server().backend_pid) {
    for (const std::int64_t key : held_) connection.release_foreign_lock(key);
  }
  held_.clear();
  locked_on_.reset();
}

void Adoption::provide_table(Connection& connection, const migration::Plan& plan) const {
  const auto table = formats::own_table(source_.layout(), source_.history_table());
  if (!table) return;
  const auto names_it = [&table](const migration::Step& step) {
    return step.action == migration::Step::Action::Apply &&
           formats::may_name(step.migration->up, *table);
  };
  const auto step = std::ranges::find_if(plan.steps, names_it);
  if (step == plan.steps.end()) return;
  const std::vector<std::string> names{table->name};
  const auto found = connection.find_tables(names, {});
  if (std::ranges::any_of(found, [&table](const auto& one) { return table->is(one); })) return;
  connection.create_foreign_table(table->create);
  context_.observer.warning(
      "foreign-table", fmt::format("{} names {}, which its own tool would have made: an empty one "
                                   "was made for it",
                                   step->migration->up.path, table->name));
}

/// Somebody goes on with the other tool.
void Adoption::report_later_rows(Connection& connection, const HistorySnapshot& snapshot) {
  const bool adopted = std::ranges::any_of(
      snapshot.history.rows(),
      [](const migration::HistoryRow& row) { return row.kind == migration::RowKind::Adopted; });
  if (!adopted) return;
  std::optional<formats::ForeignTable> table;
  std::vector<std::string> later;
  try {
    AdoptSettings settings = context_.settings.adopt;
    settings.only_near = true;  // what else lies there was settled when it was taken over
    table = find_foreign_table(connection, source_, settings);
    if (!table) return;
    for (const AppliedElsewhere& one : read(connection, *table, source_).applied) {
      if (snapshot.history.find(one.version) == nullptr) later.push_back(one.version.text());
    }
  } catch (const Error& error) {
    if (is_lost(error)) throw;
    context_.observer.warning("foreign-rows", error.info().message);
    return;
  }
  if (later.empty()) return;
  context_.observer.warning(
      "foreign-rows",
      fmt::format("{} has gone on after its history was taken over: {} in {}; stop it, and mark "
                  "what it has applied with `headway stamp`",
                  title_of(*table), later.front() + (later.size() > 1 ? " and others" : ""),
                  table->table.text()));
}

}  // namespace headway::engine
