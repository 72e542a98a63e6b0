#include "cli/plan_locks.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <set>
#include <utility>

#include "cli/report_text.hpp"
#include "engine/script.hpp"

namespace headway::cli {
namespace {

namespace json = boost::json;

const migration::Script* script_of(const migration::Step& step) {
  if (step.repeatable != nullptr) return &step.repeatable->script;
  const bool forth = step.action == migration::Step::Action::Apply ||
                     step.action == migration::Step::Action::Resume;
  return forth && step.migration != nullptr ? &step.migration->up : nullptr;
}

bool tells(const sql::ExpectedLocks& expected) {
  return !expected.locks.empty() || !expected.locks_known;
}

bool same(const sql::ExpectedLocks& a, const sql::ExpectedLocks& b) {
  if (a.work != b.work || a.work_known != b.work_known || a.locks_known != b.locks_known ||
      a.locks.size() != b.locks.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.locks.size(); ++i) {
    if (a.locks[i].relation != b.locks[i].relation || a.locks[i].mode != b.locks[i].mode) {
      return false;
    }
  }
  return true;
}

std::string locks_cell(const sql::ExpectedLocks& expected) {
  std::string out;
  for (const sql::RelationLock& lock : expected.locks) {
    if (!out.empty()) out += ", ";
    out += fmt::format("{} on {}", sql::lock_mode_name(lock.mode), lock.relation);
  }
  if (expected.locks_known) return out;
  return out.empty() ? "unknown" : out + ", maybe more";
}

std::string work_cell(const sql::ExpectedLocks& expected) {
  if (expected.work_known) return std::string(sql::work_name(expected.work));
  if (expected.work == sql::Work::None) return "unknown";
  return fmt::format("{}, maybe more", sql::work_name(expected.work));
}

json::value batch_json(const migration::Batch* batch) {
  if (batch == nullptr) return nullptr;
  return json::object{{"table", batch->table},
                      {"key", batch->key},
                      {"size", batch->size},
                      {"pause_seconds", static_cast<double>(batch->pause.count()) / 1000}};
}

std::string text_of(std::string_view view) { return std::string(view); }

}  // namespace

std::vector<PlannedLocks> planned_locks(const migration::Plan& plan) {
  std::vector<PlannedLocks> out;
  std::set<std::string> created;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const migration::Script* const script = script_of(plan.steps[i]);
    if (script == nullptr) continue;
    const engine::PreparedScript prepared = engine::prepare(*script);
    for (const engine::PreparedStatement& statement : prepared.statements) {
      sql::ExpectedLocks expected = sql::expected_locks(statement.text);
      std::erase_if(expected.locks, [&created](const sql::RelationLock& lock) {
        return created.contains(lock.relation);
      });
      created.insert(expected.creates.begin(), expected.creates.end());
      if (!tells(expected) && !statement.batch) continue;
      const std::string command = statement.facts().command;
      if (!statement.batch && !out.empty() && out.back().step == i + 1 &&
          out.back().command == command && !out.back().batch &&
          same(out.back().expected, expected)) {
        ++out.back().count;
        continue;
      }
      out.push_back(
          {i + 1, statement.position.line, 1, command, statement.batch, std::move(expected)});
    }
  }
  return out;
}

std::string planned_locks_text(const migration::Plan& plan, const Paint& paint, StepName name) {
  const std::vector<PlannedLocks> all = planned_locks(plan);
  if (all.empty()) return {};
  const bool numbered = name == StepName::Number;
  Table table({numbered ? "#" : "MIGRATION", "LINE", "STATEMENT", "LOCK", "WORK"});
  for (const PlannedLocks& one : all) {
    std::string command = one.command;
    if (one.count > 1) command += fmt::format(" ({} times)", one.count);
    if (one.batch) {
      command += fmt::format(" (batch of {} by {})", one.batch->size, one.batch->key);
    }
    const migration::Step& step = plan.steps[one.step - 1];
    table.add({numbered ? std::to_string(one.step) : title_of(step.version.text(), step.name),
               std::to_string(one.line), command, locks_cell(one.expected),
               work_cell(one.expected)});
  }
  return fmt::format("\n{}\n", paint.bold("Expected locks")) + table.render(paint);
}

json::array planned_locks_json(const migration::Plan& plan) {
  json::array out;
  for (const PlannedLocks& one : planned_locks(plan)) {
    json::array locks;
    for (const sql::RelationLock& lock : one.expected.locks) {
      locks.push_back(json::object{{"relation", lock.relation},
                                   {"mode", text_of(sql::lock_mode_name(lock.mode))}});
    }
    out.push_back(json::object{{"step", one.step},
                               {"line", one.line},
                               {"count", one.count},
                               {"command", one.command},
                               {"batch", batch_json(one.batch.get())},
                               {"locks", std::move(locks)},
                               {"locks_known", one.expected.locks_known},
                               {"work", text_of(sql::work_name(one.expected.work))},
                               {"work_known", one.expected.work_known}});
  }
  return out;
}

}  // namespace headway::cli
