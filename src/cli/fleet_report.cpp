#include "cli/fleet_report.hpp"

#include <fmt/format.h>

#include "cli/error_text.hpp"
#include "cli/json.hpp"
#include "cli/report_text.hpp"

namespace headway::cli {
namespace {

namespace json = boost::json;
using State = TargetResult::State;

json::string_view view_of(std::string_view text) { return {text.data(), text.size()}; }

std::string_view state_name(State state) {
  switch (state) {
    case State::NotStarted: return "not-started";
    case State::Ok: return "ok";
    case State::Failed: return "failed";
  }
  return "failed";
}

std::string or_dash(const std::string& text) { return text.empty() ? std::string("-") : text; }

/// What happened to one, on one line.
std::string failure_line(const TargetResult& result, const Paint& paint) {
  return fmt::format("{} {}: {}\n", paint.red("failed"), paint.bold(one_line(result.name)),
                     one_line(what_happened(*result.error)));
}

std::string first_step(const TargetResult& result) {
  if (result.steps.empty()) return "-";
  const migration::Step& first = result.steps.front();
  return title_of(first.version.text(), first.name);
}

std::string state_cell(const TargetResult& result) {
  if (result.error) return std::string(result.error->id_text());
  if (result.state == State::NotStarted) return "not started";
  if (!result.steps.empty()) return "pending";
  if (result.schema && result.schema->dirty) return "half applied";
  if (result.schema && result.schema->checksum_mismatches > 0) return "edited";
  if (result.schema && result.schema->ahead) return "ahead";
  return "ok";
}

std::string table(const FleetReport& report, FleetView view, const Paint& paint) {
  Table out(view == FleetView::Plan
                ? std::vector<std::string>{"TARGET", "CURRENT", "STEPS", "FIRST"}
                : std::vector<std::string>{"TARGET", "CURRENT", "PENDING", "STATE"});
  for (const TargetResult& result : report.results) {
    const std::string steps =
        result.state == State::Ok ? std::to_string(result.steps.size()) : std::string("-");
    out.add({one_line(result.name), or_dash(result.current), steps,
             view == FleetView::Plan ? first_step(result) : state_cell(result)});
  }
  return out.render(paint, 0);
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(view_of(text));
}

double seconds(Milliseconds duration) { return static_cast<double>(duration.count()) / 1e3; }

json::object target_json(const TargetResult& result) {
  json::array steps;
  for (const migration::Step& step : result.steps) {
    steps.push_back(json::object{{"action", view_of(action_name(step.action))},
                                 {"version", text_or_null(step.version.text())},
                                 {"name", view_of(step.name)}});
  }
  return {{"name", view_of(result.name)},
          {"state", view_of(state_name(result.state))},
          {"current", text_or_null(result.current)},
          {"target", text_or_null(result.target)},
          {"ahead", result.schema ? json::value(result.schema->ahead) : json::value(nullptr)},
          {"dirty", result.schema ? json::value(result.schema->dirty) : json::value(nullptr)},
          {"done", result.done},
          {"remaining", std::move(steps)},
          {"duration_seconds", seconds(result.duration)},
          {"error", result.error ? json::value(error_json(*result.error)) : json::value(nullptr)}};
}

}  // namespace

std::string fleet_counts(const FleetReport& report) {
  const auto counts = report.counts();
  std::string out = fmt::format("{}: {} ok, {} failed", count_of(counts.total, "target"), counts.ok,
                                counts.failed);
  if (counts.not_started > 0) out += fmt::format(", {} not started", counts.not_started);
  if (report.elsewhere > 0) out += fmt::format("; {} in other shards", report.elsewhere);
  return out;
}

std::string fleet_text(const FleetReport& report, FleetView view, const Paint& paint) {
  std::string out;
  const bool listed = view == FleetView::Plan || view == FleetView::Status;
  if (listed && !report.results.empty()) out += table(report, view, paint) + '\n';
  for (const TargetResult& result : report.results) {
    if (result.state == State::Failed) out += failure_line(result, paint);
  }
  const auto counts = report.counts();
  const bool good = counts.failed == 0 && counts.not_started == 0;
  const std::string line = fleet_counts(report);
  out += good ? paint.green(line) : paint.red(line);
  if (view == FleetView::Run) {
    out += counts.done == 0 ? std::string("; nothing was done")
                            : fmt::format("; {} done in {}", count_of(counts.done, "step"),
                                          count_of(counts.changed, "target"));
  } else if (listed) {
    out += fmt::format("; {} pending", counts.pending);
  }
  return out + fmt::format("; {}.\n", format_duration(report.duration));
}

json::object fleet_json(const FleetReport& report) {
  const auto counts = report.counts();
  json::array results;
  for (const TargetResult& result : report.results) results.push_back(target_json(result));
  const ErrorInfo* error = report.deciding_error();
  return {{"command", view_of(report.command)},
          {"run_id", view_of(report.run_id)},
          {"started", format_rfc3339(report.started)},
          {"duration_seconds", seconds(report.duration)},
          {"counts", json::object{{"total", counts.total},
                                  {"ok", counts.ok},
                                  {"failed", counts.failed},
                                  {"not_started", counts.not_started},
                                  {"pending", counts.pending},
                                  {"changed", counts.changed},
                                  {"done", counts.done},
                                  {"in_other_shards", report.elsewhere}}},
          {"targets", std::move(results)},
          {"exit_code", error == nullptr ? 0 : error->exit_code()},
          {"error", error == nullptr ? json::value(nullptr) : json::value(error_json(*error))}};
}

}  // namespace headway::cli
