#include "cli/dry_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <map>
#include <utility>

#include "cli/json.hpp"

namespace headway::cli {
namespace {

namespace json = boost::json;
using engine::StatementSeen;

using Sizes = std::map<std::string_view, const postgres::RelationSize*>;

Sizes sizes_of(const DryRun& run) {
  Sizes out;
  for (const postgres::RelationSize& size : run.live) out.emplace(size.relation, &size);
  return out;
}

/// How a query finds its rows depends on how many there are; what changes a table reads it all.
bool scans_for_certain(const StatementSeen& seen) {
  static constexpr std::array<std::string_view, 8> kKinds{
      "ALTER", "CREATE", "CLUSTER", "DROP", "REFRESH", "REINDEX", "TRUNCATE", "VACUUM"};
  return std::any_of(kKinds.begin(), kKinds.end(),
                     [&seen](std::string_view kind) { return seen.command.starts_with(kind); });
}

std::vector<std::string> scans_of(const StatementSeen& seen, const DryRun& run) {
  std::vector<std::string> out;
  if (!run.on_live_database && !scans_for_certain(seen)) return out;
  for (const std::string& table : seen.scanned) {
    if (std::find(seen.rewritten.begin(), seen.rewritten.end(), table) == seen.rewritten.end()) {
      out.push_back(table);
    }
  }
  return out;
}

std::string live_text(const std::string& relation, const Sizes& sizes) {
  const auto found = sizes.find(relation);
  if (found == sizes.end()) return {};
  const postgres::RelationSize& size = *found->second;
  if (!size.rows) return " (live: never analyzed)";
  return fmt::format(" (live: {}, ~{} rows)", format_bytes(size.bytes), *size.rows);
}

void add_work(std::string& out, std::string_view verb, const std::vector<std::string>& relations,
              const Sizes& sizes) {
  for (const std::string& relation : relations) {
    if (!out.empty()) out += ", ";
    out += fmt::format("{} {}{}", verb, relation, live_text(relation, sizes));
  }
}

std::string work_cell(const StatementSeen& seen, const DryRun& run, const Sizes& sizes) {
  if (seen.failed) return "failed";
  std::string out;
  add_work(out, "rewrites", seen.rewritten, sizes);
  add_work(out, "scans", scans_of(seen, run), sizes);
  add_work(out, "validates", seen.validated, {});
  add_work(out, "builds", seen.built, {});
  return out.empty() ? "-" : out;
}

std::string locks_cell(const StatementSeen& seen) {
  if (seen.failed) return "not seen";
  std::string out;
  for (const StatementSeen::Lock& lock : seen.locks) {
    if (lock.on_index || lock.mode == sql::LockMode::AccessShare) continue;
    if (!out.empty()) out += ", ";
    out += fmt::format("{} on {}", sql::lock_mode_name(lock.mode), lock.relation);
  }
  if (out.empty()) return seen.in_transaction ? "-" : "not seen";
  return out;
}

std::string place_of(const StatementSeen& seen) {
  return fmt::format("{}:{}", seen.path.substr(seen.path.rfind('/') + 1), seen.position.line);
}

json::array sized_json(const std::vector<std::string>& relations, const Sizes& sizes) {
  json::array out;
  for (const std::string& relation : relations) {
    json::object one{{"relation", relation}, {"live_bytes", nullptr}, {"live_rows", nullptr}};
    const auto found = sizes.find(relation);
    if (found != sizes.end() && found->second->rows) {
      one["live_bytes"] = found->second->bytes;
      one["live_rows"] = *found->second->rows;
    }
    out.push_back(std::move(one));
  }
  return out;
}

json::object statement_json(const StatementSeen& seen, const DryRun& run, const Sizes& sizes) {
  json::array locks;
  for (const StatementSeen::Lock& lock : seen.locks) {
    locks.push_back(json::object{{"relation", lock.relation},
                                 {"mode", std::string(sql::lock_mode_name(lock.mode))},
                                 {"index", lock.on_index}});
  }
  json::object out{{"file", seen.path},
                   {"line", seen.position.line},
                   {"command", seen.command},
                   {"in_transaction", seen.in_transaction},
                   {"failed", seen.failed},
                   {"duration_seconds", static_cast<double>(seen.duration.count()) / 1e6},
                   {"rows", nullptr},
                   {"locks", std::move(locks)},
                   {"rewritten", sized_json(seen.rewritten, sizes)},
                   {"scanned", sized_json(scans_of(seen, run), sizes)},
                   {"validated", strings_json(seen.validated)},
                   {"built", strings_json(seen.built)}};
  if (seen.rows) out["rows"] = *seen.rows;
  return out;
}

/// The first step is already one that can't be rehearsed.
bool ran_nothing(const DryRun& run) {
  return run.on_live_database && run.statements.empty() && !run.not_run.empty() && !run.error;
}

std::string origin_text(const DryRun& run) {
  if (run.on_live_database) {
    if (ran_nothing(run)) return fmt::format("Nothing was run in the database {}.", run.database);
    return fmt::format(
        "Executed in the live database {}, in one transaction that was rolled back: nothing of it "
        "stays.",
        run.database);
  }
  std::string out = fmt::format("Executed in the scratch database {}{}.", run.database,
                                run.kept ? ", which is left as it is" : ", which is gone again");
  if (run.copied == 0) return out + " It began empty, as the live one is.";
  out += fmt::format(" Its schema was made by running {} of the live history again",
                     count_of(run.copied, "migration"));
  if (run.stamped > 0) out += fmt::format(" ({} were stamped there, not run)", run.stamped);
  return out + "; it holds what these insert, and no live data.";
}

}  // namespace

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string dry_run_text(const DryRun& run, const Paint& paint) {
  const Sizes sizes = sizes_of(run);
  std::string out = fmt::format("\n{}\n", origin_text(run));
  if (!run.statements.empty()) {
    Table table({"STATEMENT", "AT", "TOOK", "ROWS", "LOCKED", "WORK"});
    for (const StatementSeen& seen : run.statements) {
      table.add({seen.command, place_of(seen), format_duration(seen.duration),
                 seen.rows ? std::to_string(*seen.rows) : "-", locks_cell(seen),
                 work_cell(seen, run, sizes)});
    }
    out += fmt::format("\n{}\n", paint.bold("What the statements did")) + table.render(paint);
  }
  if (!run.not_run.empty()) {
    Table table({"MIGRATION", "FILE", "BECAUSE"});
    for (const auto& one : run.not_run) {
      table.add({one.label, one.path.substr(one.path.rfind('/') + 1), one.reason});
    }
    out += fmt::format("\n{}\n", paint.bold("Not run")) + table.render(paint);
  }
  if (!run.notes.empty() && !ran_nothing(run)) {
    out += fmt::format("\n{}\n", paint.bold("What this can't tell"));
    for (const std::string& note : run.notes) out += fmt::format("- {}\n", note);
  }
  return out;
}

json::object dry_run_json(const DryRun& run) {
  const Sizes sizes = sizes_of(run);
  json::array statements;
  for (const StatementSeen& seen : run.statements) {
    statements.push_back(statement_json(seen, run, sizes));
  }
  json::array not_run;
  for (const auto& one : run.not_run) {
    not_run.push_back(
        json::object{{"migration", one.label}, {"file", one.path}, {"reason", one.reason}});
  }
  return {{"database", run.database},
          {"on_live_database", run.on_live_database},
          {"kept", run.kept},
          {"copied", run.copied},
          {"stamped", run.stamped},
          {"statements", std::move(statements)},
          {"not_run", std::move(not_run)},
          {"notes", strings_json(run.notes)}};
}

}  // namespace headway::cli
