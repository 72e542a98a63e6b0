#include "cli/report_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/script.hpp"
#include "engine/session_reset.hpp"

namespace headway::cli {
namespace {

using Action = migration::Step::Action;

std::string_view past(Action action) {
  switch (action) {
    case Action::Apply: return "applied";
    case Action::Resume: return "finished";
    case Action::Revert: return "took back";
    case Action::Repeat: return "repeated";
    case Action::Insert: return "recorded";
    case Action::Adopt: return "took over";
    case Action::Remove: return "struck out";
  }
  return "applied";
}

std::string_view imperative(const migration::Step& step) {
  switch (step.action) {
    case Action::Apply: return "apply";
    case Action::Resume: return "go on with";
    case Action::Revert: return step.stored_down ? "take back (stored)" : "take back";
    case Action::Repeat: return "repeat";
    case Action::Insert: return "record";
    case Action::Adopt: return "take over";
    case Action::Remove: return "strike out";
  }
  return "apply";
}

std::string joined(const std::vector<migration::Version>& versions) {
  std::string out;
  for (const auto& v : versions) {
    if (!out.empty()) out += ", ";
    out += v.text();
  }
  return out.empty() ? std::string(migration::kBase) : out;
}

/// The name of a version, from whoever knows it.
std::string title_in(const migration::Source& source, const migration::History& history,
                     const std::string& version) {
  const migration::Version v(version);
  if (const auto* row = history.find(v)) return title_of(version, row->name);
  if (const auto* m = source.find(v)) return title_of(version, m->name);
  return version;
}

std::string duration_cell(const std::optional<Microseconds>& duration) {
  return duration ? format_duration(*duration) : std::string("-");
}

std::string state_cell(const migration::HistoryRow& row) {
  if (row.state == migration::RowState::Running) return "running";
  if (row.state == migration::RowState::Failed) return "failed";
  if (row.kind == migration::RowKind::Baseline) return "stamped";
  if (row.kind == migration::RowKind::Adopted) return "adopted";
  return "applied";
}

template <typename Items>
std::string section(std::string_view title, const Items& items, const Paint& paint) {
  if (items.empty()) return {};
  std::string out = fmt::format("\n{}\n", paint.bold(title));
  Table table({"VERSION", "NAME"});
  for (const auto* item : items) table.add({item->version.text(), item->name});
  return out + table.render(paint);
}

std::size_t count_pending(const migration::Reconciliation& r, migration::Phases phases) {
  std::size_t count = includes(phases, migration::Phase::Expand) ? r.repeatables_pending.size() : 0;
  for (const auto* m : r.pending) count += includes(phases, m->phase) ? 1 : 0;
  return count;
}

/// Where each phase ends and how far it is; nothing where the source knows only one.
std::string phase_lines(const engine::StatusReport& report, const migration::Source& source) {
  if (!has_contract(source)) return {};
  using migration::Phases;
  std::string out;
  for (const Phases phase : {Phases::Expand, Phases::Contract}) {
    std::string heads;
    for (const migration::Version& head : heads_of(source, phase)) {
      if (!heads.empty()) heads += ", ";
      heads += title_in(source, report.snapshot.history, head.text());
    }
    const std::size_t pending = count_pending(report.reconciliation, phase);
    out += fmt::format("  {:<8} {}: {}\n", phase == Phases::Expand ? "expand" : "contract",
                       heads.empty() ? migration::kBase : heads,
                       pending == 0 ? "all applied" : fmt::format("{} pending", pending));
  }
  return out;
}

std::string headline(const engine::StatusReport& report, migration::Phases phases,
                     const Paint& paint) {
  const migration::Reconciliation& r = report.reconciliation;
  const std::size_t pending = count_pending(r, phases);
  const std::string subject = fmt::format("Database {} ", report.server.database);
  std::string out;
  if (!r.unfinished.empty()) {
    out = paint.red(subject + "has a half-applied migration");
  } else if (!r.edited.empty() || !r.missing.empty()) {
    out = paint.red(subject + "disagrees with its source");
  } else if (pending != 0 && r.is_ahead() && count_pending(r, migration::Phases::Expand) != 0) {
    out = paint.red(subject + "has gone another way than its source");
  } else if (pending != 0) {
    out = paint.yellow(fmt::format("{}is behind: {} pending", subject, pending));
  } else if (r.is_ahead()) {
    out = paint.green(subject + "is ahead of this source: a newer image was here");
  } else {
    out = paint.green(subject + "is up to date");
  }
  return out + '\n';
}

/// A statement's own text; a psql that reads the output needs the data of COPY, too.
void append_statement(std::string& out, const engine::PreparedStatement& statement) {
  if (const auto& batch = statement.batch) {
    out += fmt::format(
        "-- Once for each {} rows of {} by {}, from the key :batch_first to the key :batch_last:\n",
        batch->size, batch->table, batch->key);
  }
  out += statement.text;
  out += ";\n";
  if (statement.copy_data) {
    out += *statement.copy_data;
    if (!statement.copy_data->empty() && statement.copy_data->back() != '\n') out += '\n';
    out += "\\.\n";
  }
}

/// What the upgrade does between two migrations of one transaction.
void append_reset(std::string& out) {
  for (const std::string_view statement : engine::kSessionReset) {
    out += fmt::format("{};\n", statement);
  }
  out += "DEALLOCATE ALL;\n\n";
}

const migration::Script* script_of(const migration::Step& step) {
  if (step.repeatable != nullptr) return &step.repeatable->script;
  return step.migration == nullptr ? nullptr : &step.migration->up;
}

}  // namespace

std::string title_of(std::string_view version, std::string_view name) {
  if (version.empty()) return std::string(name);
  return name.empty() ? std::string(version) : fmt::format("{} {}", version, name);
}

std::string run_text(const engine::RunReport& report, const Paint& paint) {
  std::string out;
  for (const engine::DoneStep& step : report.done) {
    const bool ran = step.action != Action::Insert && step.action != Action::Remove &&
                     step.action != Action::Adopt;
    out +=
        fmt::format("{} {}{}\n", paint.green(past(step.action)), title_of(step.version, step.name),
                    ran ? paint.dim(fmt::format(" ({})", format_duration(step.duration))) : "");
  }
  if (report.error) {
    const std::size_t left = report.remaining_steps.size();
    if (!report.current.empty()) {
      out += fmt::format("The database is at {}", report.current);
      out += left == 0 ? ".\n" : fmt::format("; {} not done.\n", count_of(left, "step"));
    }
    return out;
  }
  if (report.done.empty()) {
    out += report.waited_for_other
               ? fmt::format("Nothing left to do: another process brought the database to {}.\n",
                             report.current)
               : fmt::format("Nothing to do: the database is at {}.\n", report.current);
  } else {
    out += fmt::format("The database is at {}: {} in {}.\n", report.current,
                       count_of(report.done.size(), "step"), format_duration(report.duration));
  }
  return out;
}

std::string plan_text(const migration::Plan& plan, const Paint& paint) {
  std::string out;
  for (const std::string& warning : plan.warnings) {
    out += fmt::format("{} {}\n", paint.yellow("warning:"), one_line(warning));
  }
  if (plan.empty()) {
    return out + fmt::format("Nothing to do: the database is at {}.\n", plan.current.text());
  }
  out += fmt::format("{} from {} to {}\n", paint.bold(count_of(plan.steps.size(), "step")),
                     plan.current.text(), joined(plan.target));
  Table table({"#", "ACTION", "VERSION", "NAME"});
  std::size_t number = 0;
  for (const migration::Step& step : plan.steps) {
    table.add({std::to_string(++number), std::string(imperative(step)),
               step.version.empty() ? "-" : step.version.text(), step.name});
  }
  return out + table.render(paint);
}

std::string plan_sql(const migration::Plan& plan, engine::Transactions transactions) {
  const bool one_transaction = transactions == engine::Transactions::All;
  std::string out;
  if (one_transaction && !plan.empty())
    out += "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n\n";
  for (const migration::Step& step : plan.steps) {
    const migration::Script* script = script_of(step);
    if (script == nullptr) continue;
    const migration::Script held = script->large ? migration::held(*script) : migration::Script();
    const engine::PreparedScript prepared = engine::prepare(script->large ? held : *script);
    const bool transaction =
        !one_transaction && prepared.transaction == migration::Transaction::Each;
    if (one_transaction && &step != &plan.steps.front()) append_reset(out);
    out += fmt::format("-- {}\n", title_of(step.version.text(), step.name));
    if (transaction) {
      out += "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
      if (!prepared.begin_modes.empty()) out += fmt::format(" {}", prepared.begin_modes);
      out += ";\n";
    }
    bool changes_session = false;
    for (const engine::PreparedStatement& statement : prepared.statements) {
      append_statement(out, statement);
      changes_session = changes_session || statement.changes_session;
    }
    if (transaction) out += "COMMIT;\n";
    if (changes_session && !one_transaction) out += "DISCARD ALL;\n";
    out += '\n';
  }
  if (one_transaction && !plan.empty()) out += "COMMIT;\n";
  return out;
}

std::string status_text(const engine::StatusReport& report, const migration::Source& source,
                        migration::Phases phases, const Paint& paint) {
  const migration::Reconciliation& r = report.reconciliation;
  const migration::History& history = report.snapshot.history;
  std::string out = headline(report, phases, paint);
  out += fmt::format("\n  server   PostgreSQL {}, user {}\n", report.server.version,
                     report.server.user);
  if (!report.server.pooler.empty()) out += fmt::format("  pooler   {}\n", report.server.pooler);
  out += fmt::format("  current  {}\n", title_in(source, history, report.schema.current_version));
  std::string heads;
  for (const migration::Version& head : source.heads()) {
    if (!heads.empty()) heads += ", ";
    heads += title_in(source, history, head.text());
  }
  out += fmt::format("  target   {}\n", heads.empty() ? migration::kBase : heads);
  out += phase_lines(report, source);
  out += fmt::format("  applied  {}\n  pending  {}\n", history.rows().size(),
                     r.pending.size() + r.repeatables_pending.size());

  out += section("Half applied", r.unfinished, paint);
  for (const migration::HistoryRow* row : r.unfinished) {
    if (!row->batch) continue;
    out += fmt::format("  {}: its statement {} is a batch, of which {} are done\n",
                       row->version.text(), row->journal.size() + 1,
                       one_line(migration::words(*row->batch)));
  }
  std::vector<const migration::HistoryRow*> edited;
  for (const auto& e : r.edited) edited.push_back(e.row);
  out += section("Edited after it was applied", edited, paint);
  out += section("Applied, but its file is missing", r.missing, paint);
  out += section("Taken over, and its file is gone", r.gone, paint);
  out += section("Unknown to this source", r.ahead, paint);
  out += section("Out of order", r.out_of_order, paint);

  if (!r.pending.empty() || !r.repeatables_pending.empty()) {
    out += fmt::format("\n{}\n", paint.bold("Pending"));
    const bool phased = has_contract(source);
    Table table(phased ? std::vector<std::string>{"VERSION", "NAME", "PHASE"}
                       : std::vector<std::string>{"VERSION", "NAME"});
    const auto add = [&table, phased](std::vector<std::string> row, migration::Phase phase) {
      if (phased) row.emplace_back(phase_name(phase));
      table.add(std::move(row));
    };
    for (const auto* m : r.pending) add({m->version.text(), m->name}, m->phase);
    for (const auto* m : r.repeatables_pending) add({"R", m->name}, migration::Phase::Expand);
    out += table.render(paint);
  }
  if (!source.skipped().empty()) {
    out += fmt::format("\n{}\n", paint.bold("Skipped in this environment"));
    Table table({"VERSION", "NAME"});
    for (const auto& s : source.skipped()) table.add({s.version.text(), s.name});
    out += table.render(paint);
  }
  if (!history.rows().empty()) {
    out += fmt::format("\n{}\n", paint.bold("Applied"));
    Table table({"VERSION", "NAME", "STATE", "APPLIED AT", "DURATION"});
    for (const auto& row : history.rows()) {
      table.add({row.version.text(), row.name, state_cell(row), format_time(row.applied_at),
                 duration_cell(row.duration)});
    }
    for (const auto& row : history.repeatables()) {
      if (!row.current) continue;
      table.add(
          {"R", row.name, "applied", format_time(row.applied_at), duration_cell(row.duration)});
    }
    out += table.render(paint);
  }
  if (report.last_error) {
    const engine::EventRow& event = *report.last_error;
    out += fmt::format("\n{}\n  {}", paint.bold("Last error"),
                       event.at ? format_time(*event.at) + "  " : "");
    if (!event.version.empty()) out += event.version + "  ";
    out += event.error_id;
    if (!event.sqlstate.empty()) out += fmt::format(" (SQLSTATE {})", event.sqlstate);
    out += fmt::format(": {}\n", one_line(event.message));
  }
  return out;
}

std::string history_text(const engine::StatusReport& report, Detail detail, const Paint& paint) {
  const migration::History& history = report.snapshot.history;
  const migration::Reconciliation& r = report.reconciliation;
  const bool verbose = detail == Detail::Verbose;
  std::vector<std::string> header{"VERSION", "NAME", "STATE", "APPLIED AT", "DURATION"};
  if (verbose) {
    for (const char* column : {"CHECKSUM", "BY", "FROM", "HEADWAY", "RUN"}) {
      header.emplace_back(column);
    }
  }
  Table table(std::move(header));
  std::size_t rows = 0;
  const auto add = [&](std::vector<std::string> row, const std::vector<std::string>& more) {
    if (verbose) row.insert(row.end(), more.begin(), more.end());
    table.add(std::move(row));
    ++rows;
  };
  for (const auto& row : history.rows()) {
    add({row.version.text(), row.name, state_cell(row), format_time(row.applied_at),
         duration_cell(row.duration)},
        {row.checksum.hex().substr(0, 12), row.applied_by, row.applied_from, row.headway_version,
         row.run_id});
  }
  for (const auto& row : history.repeatables()) {
    if (!row.current && !verbose) continue;
    add({"R", row.name, row.current ? "applied" : "superseded", format_time(row.applied_at),
         duration_cell(row.duration)},
        {row.checksum.hex().substr(0, 12), "", "", "", row.run_id});
  }
  const std::vector<std::string> nothing(5);
  for (const auto* m : r.pending) {
    const bool contract = m->phase == migration::Phase::Contract;
    add({m->version.text(), m->name, contract ? "pending (contract)" : "pending", "-", "-"},
        nothing);
  }
  for (const auto* m : r.repeatables_pending) add({"R", m->name, "pending", "-", "-"}, nothing);
  if (rows == 0) return "No migration is applied or pending.\n";
  return table.render(paint, 0);
}

}  // namespace headway::cli
