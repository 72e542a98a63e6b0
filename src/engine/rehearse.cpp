// A rehearsal: an upgrade's steps on the live database, and nothing of them stays.
//
// There is no COMMIT on any way through this file, and the connection that is made for it can send
// none (postgres::ConnectorSettings::rehearsal).
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/attendance.hpp"
#include "engine/cancel_repeater.hpp"
#include "engine/connecting.hpp"
#include "engine/executor.hpp"
#include "engine/lock_hold.hpp"
#include "engine/locking.hpp"
#include "engine/schema_status.hpp"
#include "engine/scripts.hpp"
#include "engine/use_cases.hpp"
#include "sql/outlives_rollback.hpp"
#include "sql/scanner.hpp"
#include "sql/text.hpp"

namespace headway::engine {
namespace {

using migration::Step;

/// A new value of an enum is used in the transaction that added it.
constexpr std::string_view kUnsafeEnumValue = "55P04";

bool adds_enum_value(const PreparedStatement& statement) {
  if (!statement.facts().command.starts_with("ALTER TYPE")) return false;
  sql::Scanner scanner(statement.text);
  bool add = false;
  for (auto token = scanner.next(); token.kind != sql::TokenKind::End; token = scanner.next()) {
    const auto word = token.in(statement.text);
    if (add && sql::is_word(word, "VALUE")) return true;
    add = sql::is_word(word, "ADD");
  }
  return false;
}

bool adds_enum_value(const PreparedScript& script) {
  bool adds = false;
  each_statement(script, [&adds](std::size_t, const PreparedStatement& statement) {
    adds = adds || adds_enum_value(statement);
  });
  return adds;
}

/// The first statement of which a rollback might leave something; empty: none.
std::string beyond_rollback(const PreparedScript& script) {
  std::string out;
  each_statement(script, [&out](std::size_t, const PreparedStatement& statement) {
    if (!out.empty()) return;
    if (const auto reason = sql::outlives_rollback(statement.text)) {
      out = fmt::format("line {} {}", statement.position.line, *reason);
    }
  });
  return out;
}

constexpr Milliseconds kShortestLook{50};
constexpr Milliseconds kLongestLook{1000};

class Rehearsal {
 public:
  Rehearsal(Context& context, const migration::Source& source, Milliseconds max_lock_hold)
      : context_(context),
        source_(source),
        max_lock_hold_(max_lock_hold),
        stopping_(context.stop),
        session_(context.observer) {}

  RehearsalReport run(const migration::Target& target);

 private:
  [[nodiscard]] std::string reason_not_to_run(const Step& step, const PreparedScript& script) const;
  void choose();
  void execute();
  void execute_steps(Workplace& place);
  [[nodiscard]] ErrorInfo told(Workplace& place, ErrorInfo info, const LockHold& hold);
  [[nodiscard]] bool is_of_this_transaction(const ErrorInfo& info) const;
  void leave_out(std::size_t index, std::string reason);

  Context& context_;
  const migration::Source& source_;
  const Milliseconds max_lock_hold_;
  Stopping stopping_;
  Session session_;
  Scripts scripts_;
  HistorySnapshot snapshot_;
  migration::Plan plan_;
  std::vector<Work> works_;  // of the steps that are run
  RehearsalReport report_;
};

void Rehearsal::leave_out(std::size_t index, std::string reason) {
  const Step& step = plan_.steps[index];
  const migration::Script& file =
      step.repeatable != nullptr ? step.repeatable->script : step.migration->up;
  report_.not_run.push_back({label_of(step), file.path, std::move(reason)});
}

/// Empty: it may be run.
std::string Rehearsal::reason_not_to_run(const Step& step, const PreparedScript& script) const {
  if (step.action == Step::Action::Resume) {
    return "it is half applied and goes on outside a transaction";
  }
  if (script.transaction == migration::Transaction::None) return "it runs outside a transaction";
  if (!works_.empty() && script.begin_modes != works_.front().script->begin_modes) {
    return "it wants another kind of transaction than those before it";
  }
  return beyond_rollback(script);
}

/// Steps up to the first that can't be run here.
void Rehearsal::choose() {
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    if (!report_.not_run.empty()) {
      leave_out(i, fmt::format("it comes after {}", report_.not_run.front().label));
      continue;
    }
    const Step& step = plan_.steps[i];
    const PreparedScript* script = scripts_.of(step, session_.connection());
    std::string reason = reason_not_to_run(step, *script);
    if (!reason.empty()) {
      leave_out(i, std::move(reason));
      continue;
    }
    works_.push_back({.info = {.step = step,
                               .index = i,
                               .total = plan_.steps.size(),
                               .statements = script->size()},
                      .script = script});
  }
}

RehearsalReport Rehearsal::run(const migration::Target& target) {
  session_.use(connect(context_, stopping_, Needs::Writing));
  report_.database = session_.connection().server().database;
  Milliseconds waited{};
  acquire_lock(context_, stopping_, session_, {}, waited);
  snapshot_ = session_.connection().read_history();
  require_repeatables(snapshot_, source_);
  plan_ = migration::plan_upgrade(source_, snapshot_.history, target, context_.settings.policy);
  choose();
  if (!works_.empty()) execute();
  session_.drop();
  return std::move(report_);
}

void Rehearsal::execute() {
  Connection& connection = session_.connection();
  Attendance attendance(context_, connection);
  LockHold hold(connection, max_lock_hold_);
  Progress progress;
  Workplace place{context_, connection, stopping_, snapshot_.history, progress, attendance, &hold};
  try {
    const Attendance::Yielding yielding(attendance);
    const CancelRepeater cancel(stopping_.now(), connection);
    execute_steps(place);
  } catch (const Error& error) {
    hold.end();
    ErrorInfo info = told(place, error.info(), hold);
    const std::size_t failed = report_.run.size();
    auto cut = std::exchange(report_.not_run, {});
    if (is_of_this_transaction(info)) {
      leave_out(failed,
                "it uses a value of an enum that one before it adds, which no transaction may do "
                "before its COMMIT (55P04); an upgrade commits in between");
    } else {
      report_.error = std::move(info);
    }
    for (std::size_t i = failed + 1; i < works_.size(); ++i) {
      leave_out(i, fmt::format("it comes after {}", label_of(works_[failed].info.step)));
    }
    std::ranges::move(cut, std::back_inserter(report_.not_run));
  }
  hold.end();
  roll_back(connection);
}

void Rehearsal::execute_steps(Workplace& place) {
  place.connection.begin(works_.front().script->begin_modes);
  // Others read the tables that are completed here.
  if (snapshot_.exists && !snapshot_.complete) place.rehearsal->begin();
  place.connection.ensure_tables();
  for (const Work& work : works_) {
    stopping_.check("the rehearsal was rolled back");
    if (&work != &works_.front()) place.connection.reset_transaction();
    execute_step(place, work);
    place.connection.check_deferred();
    report_.run.push_back(label_of(work.info.step));
  }
}

bool Rehearsal::is_of_this_transaction(const ErrorInfo& info) const {
  const std::size_t failed = report_.run.size();
  if (info.sqlstate != kUnsafeEnumValue) return false;
  const auto adds = [](const Work& work) { return adds_enum_value(*work.script); };
  return !adds(works_[failed]) &&
         std::any_of(works_.begin(), works_.begin() + static_cast<std::ptrdiff_t>(failed), adds);
}

ErrorInfo Rehearsal::told(Workplace& place, ErrorInfo info, const LockHold& hold) {
  const std::string label = label_of(works_[report_.run.size()].info.step);
  const bool stopped = stopping_.now().stop_requested();
  if (info.id == ErrorId::Interrupted && !stopped && hold.is_over()) {
    place.connection.forget_cancel();
    info = hold.error().info();
  } else {
    info = explained(place, std::move(info));
  }
  if (info.id == ErrorId::LockHold) {
    const std::string blockers = place.attendance.blockers();
    if (!blockers.empty()) info.message += "; it waited for " + blockers;
    if (const auto blocked = place.attendance.take_blocked()) {
      info.message += "; meanwhile it was waited for by " + *blocked;
    }
  }
  if (info.id == ErrorId::Interrupted) {
    info.message = fmt::format("stopped while rehearsing {}; it was rolled back", label);
    info.sqlstate.clear();
  }
  if (info.version.empty()) info.version = label;
  if (info.next.empty() && info.kind() == Kind::MigrationFailed) {
    info.next = "Nothing of the rehearsal stays. Correct the migration and rehearse it again.";
  }
  return info;
}

}  // namespace

Milliseconds rehearsal_lock_timeout(std::optional<Milliseconds> lock_timeout,
                                    Milliseconds max_lock_hold) {
  const Milliseconds most = std::max(max_lock_hold * 3 / 4, Milliseconds{1});
  const bool limited = lock_timeout && *lock_timeout > Milliseconds::zero();
  return limited ? std::min(*lock_timeout, most) : most;
}

RehearsalReport rehearse(Context& context, const migration::Source& source,
                         const migration::Target& target, Milliseconds max_lock_hold) {
  Context own{context.connector, context.observer, context.clock,
              context.random,    context.stop,     context.settings};
  own.settings.lock_wait = Milliseconds::zero();
  own.settings.max_blocked_wait.reset();  // LockHold counts all of the time
  own.settings.lock_timeout = rehearsal_lock_timeout(context.settings.lock_timeout, max_lock_hold);
  // Often enough to see whom it waits for.
  own.settings.look_around =
      std::clamp(*own.settings.lock_timeout / 4, kShortestLook, kLongestLook);
  return Rehearsal(own, source, max_lock_hold).run(target);
}

}  // namespace headway::engine
