#include "cli/json.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/text.hpp"

namespace headway::cli {
namespace {

namespace json = boost::json;

/// Boost.JSON writes 1.5 as 1.5E0, which is right and which nobody likes to read.
void write(std::string& out, const json::value& value) {
  if (const json::object* object = value.if_object()) {
    char separator = '{';
    for (const auto& member : *object) {
      out += separator;
      out += json::serialize(member.key()) + ':';
      write(out, member.value());
      separator = ',';
    }
    out += object->empty() ? "{}" : "}";
  } else if (const json::array* array = value.if_array()) {
    char separator = '[';
    for (const json::value& item : *array) {
      out += separator;
      write(out, item);
      separator = ',';
    }
    out += array->empty() ? "[]" : "]";
  } else if (const double* number = value.if_double()) {
    out += fmt::format("{}", *number);
  } else {
    out += json::serialize(value);
  }
}

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// Empty texts are null: "not known" is not a value.
json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(view(text));
}

json::value number_or_null(std::size_t number) {
  return number == 0 ? json::value(nullptr) : json::value(number);
}

double seconds(Microseconds duration) { return static_cast<double>(duration.count()) / 1e6; }

json::value seconds_or_null(const std::optional<Microseconds>& duration) {
  return duration ? json::value(seconds(*duration)) : json::value(nullptr);
}

std::string_view kind_name(migration::RowKind kind) {
  switch (kind) {
    case migration::RowKind::Migration: return "migration";
    case migration::RowKind::Baseline: return "baseline";
    case migration::RowKind::Adopted: return "adopted";
  }
  return "migration";
}

std::string_view state_text(migration::RowState state) {
  switch (state) {
    case migration::RowState::Applied: return "applied";
    case migration::RowState::Running: return "running";
    case migration::RowState::Failed: return "failed";
  }
  return "applied";
}

/// How far the batch has come that the migration stopped in.
json::value batch_json(const migration::HistoryRow& row) {
  if (!row.batch) return nullptr;
  return json::object{{"statement", row.journal.size() + 1},
                      {"ranges", row.batch->ranges},
                      {"rows", row.batch->rows},
                      {"touched", row.batch->touched},
                      {"last_key", view(row.batch->last_key)}};
}

json::object row_json(const migration::HistoryRow& row) {
  return {
      {"version", view(row.version.text())},
      {"name", view(row.name)},
      {"previous", view(row.previous.text())},
      {"checksum", text_or_null(row.checksum.hex())},
      {"kind", view(kind_name(row.kind))},
      {"state", view(state_text(row.state))},
      {"attempt", row.attempt},
      {"batch", batch_json(row)},
      {"has_down", row.has_down},
      {"run_id", text_or_null(row.run_id)},
      {"applied_at", row.applied_at == Timestamp{} ? json::value(nullptr)
                                                   : json::value(format_rfc3339(row.applied_at))},
      {"duration_seconds", seconds_or_null(row.duration)},
      {"applied_by", text_or_null(row.applied_by)},
      {"applied_from", text_or_null(row.applied_from)},
      {"headway_version", text_or_null(row.headway_version)}};
}

json::array rows_json(const std::vector<migration::HistoryRow>& rows) {
  json::array out;
  for (const migration::HistoryRow& row : rows) out.push_back(row_json(row));
  return out;
}

json::object identity_json(std::string_view version, std::string_view name) {
  return {{"version", text_or_null(version)}, {"name", view(name)}};
}

json::array identities_json(const std::vector<const migration::Migration*>& migrations,
                            migration::Phases phases = migration::Phases::All) {
  json::array out;
  for (const auto* m : migrations) {
    if (!includes(phases, m->phase)) continue;
    json::object one = identity_json(m->version.text(), m->name);
    one["phase"] = view(phase_name(m->phase));
    out.push_back(std::move(one));
  }
  return out;
}

json::array identities_json(const std::vector<const migration::HistoryRow*>& rows) {
  json::array out;
  for (const auto* row : rows) out.push_back(identity_json(row->version.text(), row->name));
  return out;
}

json::array names_json(const std::vector<const migration::Repeatable*>& repeatables) {
  json::array out;
  for (const auto* r : repeatables) out.push_back(json::value(view(r->name)));
  return out;
}

json::array versions_json(const std::vector<migration::Version>& versions) {
  json::array out;
  for (const auto& v : versions) out.push_back(json::value(view(v.text())));
  return out;
}

json::array steps_json(const std::vector<migration::Step>& steps) {
  json::array out;
  for (const migration::Step& step : steps) {
    json::value phase(nullptr);
    if (step.migration != nullptr) phase = view(phase_name(step.migration->phase));
    out.push_back(json::object{{"action", view(action_name(step.action))},
                               {"version", text_or_null(step.version.text())},
                               {"name", view(step.name)},
                               {"phase", std::move(phase)}});
  }
  return out;
}

json::object phase_json(const migration::Reconciliation& r, const migration::Source& source,
                        migration::Phases phase) {
  return {{"heads", versions_json(heads_of(source, phase))},
          {"pending", identities_json(r.pending, phase)}};
}

}  // namespace

std::string json_line(const json::object& document) {
  std::string out;
  write(out, document);
  return out + '\n';
}

std::string_view action_name(migration::Step::Action action) noexcept {
  using Action = migration::Step::Action;
  switch (action) {
    case Action::Apply: return "apply";
    case Action::Resume: return "resume";
    case Action::Revert: return "revert";
    case Action::Repeat: return "repeat";
    case Action::Insert: return "insert";
    case Action::Adopt: return "adopt";
    case Action::Remove: return "remove";
  }
  return "apply";
}

json::array strings_json(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.push_back(json::value(text));
  return out;
}

json::object error_json(const ErrorInfo& error) {
  return {{"id", view(error.id_text())},
          {"kind", view(kind_info(error.kind()).name)},
          {"exit_code", error.exit_code()},
          {"message", view(error.message)},
          {"file", text_or_null(error.where.file)},
          {"line", number_or_null(error.where.line)},
          {"column", number_or_null(error.where.column)},
          {"version", text_or_null(error.version)},
          {"statement", text_or_null(error.statement)},
          {"sqlstate", text_or_null(error.sqlstate)},
          {"server_message", text_or_null(error.server_text)},
          {"hint", text_or_null(error.server_hint)},
          {"detail", text_or_null(error.detail)},
          {"why", view(error.why())},
          {"next", view(error.next_step())}};
}

json::object run_json(const engine::RunReport& report, std::string_view database) {
  json::array done;
  for (const engine::DoneStep& step : report.done) {
    done.push_back(json::object{{"action", view(action_name(step.action))},
                                {"version", text_or_null(step.version)},
                                {"name", view(step.name)},
                                {"duration_seconds", seconds(step.duration)}});
  }
  return {{"command", view(report.command)},
          {"database", view(database)},
          {"run_id", view(report.run_id)},
          {"started", format_rfc3339(report.started)},
          {"duration_seconds", seconds(report.duration)},
          {"lock_wait_seconds", seconds(report.lock_wait)},
          {"current", text_or_null(report.current)},
          {"target", text_or_null(report.target)},
          {"changed", report.changed()},
          {"waited_for_other", report.waited_for_other},
          {"done", std::move(done)},
          {"remaining", steps_json(report.remaining_steps)},
          {"warnings", strings_json(report.warnings)},
          {"exit_code", report.exit_code()},
          {"error", report.error ? json::value(error_json(*report.error)) : json::value(nullptr)}};
}

json::object plan_json(const migration::Plan& plan) {
  return {{"current", view(plan.current.text())},
          {"target", versions_json(plan.target)},
          {"steps", steps_json(plan.steps)},
          {"warnings", strings_json(plan.warnings)}};
}

json::object status_json(const engine::StatusReport& report, const migration::Source& source,
                         migration::Phases phases, std::string_view database) {
  const migration::Reconciliation& r = report.reconciliation;
  std::vector<const migration::HistoryRow*> edited;
  for (const auto& e : r.edited) edited.push_back(e.row);
  json::value last_error(nullptr);
  if (report.last_error) {
    const engine::EventRow& event = *report.last_error;
    last_error = json::object{
        {"at", event.at ? json::value(format_rfc3339(*event.at)) : json::value(nullptr)},
        {"version", text_or_null(event.version)},
        {"error_id", text_or_null(event.error_id)},
        {"sqlstate", text_or_null(event.sqlstate)},
        {"message", view(event.message)}};
  }
  json::array skipped;
  for (const auto& s : source.skipped()) skipped.push_back(identity_json(s.version.text(), s.name));
  return {
      {"database", view(database)},
      {"server_version", view(report.server.version)},
      {"current", view(report.schema.current_version)},
      {"target", view(report.schema.target_version)},
      {"heads", versions_json(source.heads())},
      {"up_to_date", !has_pending(r, phases)},
      {"ahead", r.is_ahead()},
      {"phases", json::object{{"expand", phase_json(r, source, migration::Phases::Expand)},
                              {"contract", phase_json(r, source, migration::Phases::Contract)}}},
      {"pending", identities_json(r.pending)},
      {"repeatables_pending", names_json(r.repeatables_pending)},
      {"repeatables_superseded", names_json(r.repeatables_superseded)},
      {"out_of_order", identities_json(r.out_of_order)},
      {"unknown", identities_json(r.ahead)},
      {"missing", identities_json(r.missing)},
      {"gone", identities_json(r.gone)},
      {"edited", identities_json(edited)},
      {"unfinished", identities_json(r.unfinished)},
      {"skipped", std::move(skipped)},
      {"applied", rows_json(report.snapshot.history.rows())},
      {"last_error", std::move(last_error)}};
}

json::object history_json(const engine::StatusReport& report) {
  json::array repeatables;
  for (const migration::RepeatableRow& row : report.snapshot.history.repeatables()) {
    repeatables.push_back(json::object{{"name", view(row.name)},
                                       {"checksum", view(row.checksum.hex())},
                                       {"current", row.current},
                                       {"applied_at", format_rfc3339(row.applied_at)},
                                       {"duration_seconds", seconds_or_null(row.duration)},
                                       {"run_id", text_or_null(row.run_id)}});
  }
  return {{"applied", rows_json(report.snapshot.history.rows())},
          {"pending", identities_json(report.reconciliation.pending)},
          {"repeatables", std::move(repeatables)}};
}

}  // namespace headway::cli
