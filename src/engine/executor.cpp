#include "engine/executor.hpp"

#include <algorithm>

#include "engine/kept_settings.hpp"
#include "engine/lock_hold.hpp"

namespace headway::engine {
namespace {

using migration::Step;

void run_statements(Workplace& place, const Work& work) {
  if (work.script == nullptr || work.script->empty()) return;
  set_timeouts(place, *work.script);
  auto patience = PreparedStatement::Patience::Short;
  each_statement(*work.script, [&](std::size_t index, const PreparedStatement& statement) {
    place.stopping.check_now("what had been done was rolled back");
    place.context.observer.statement_started(work.info, index, statement);
    if (place.rehearsal != nullptr) {
      // There is no time for patience.
      place.rehearsal->before(statement, work.script->path,
                              work.script->statement_timeout
                                  ? work.script->statement_timeout
                                  : place.context.settings.statement_timeout);
    } else if (const auto timeout =
                   change_of_patience(patience, statement, place.context.settings.lock_timeout)) {
      place.connection.set_timeouts(timeout, std::nullopt);
    }
    place.connection.run(statement, work.script->path);
  });
  place.connection.restore_identity();
}

std::string_view modes_of(std::span<const Work> works) {
  for (const Work& work : works) {
    if (work.script != nullptr && !work.script->begin_modes.empty()) {
      return work.script->begin_modes;
    }
  }
  return {};
}

}  // namespace

/// The row comes first: what is stale ends before a statement of the migration has run.
Microseconds execute_step(Workplace& place, const Work& work) {
  Connection& connection = place.connection;
  const Step& step = work.info.step;
  const auto started = place.context.clock.steady();
  const auto elapsed = [&] {
    return std::chrono::duration_cast<Microseconds>(place.context.clock.steady() - started);
  };
  Microseconds duration{};
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Resume:
      connection.insert_row(row_of(step, migration::RowState::Applied));
      run_statements(place, work);
      duration = connection.close_row(step.version);
      break;
    case Step::Action::Revert:
      connection.delete_row(*step.row);
      run_statements(place, work);
      duration = elapsed();
      break;
    case Step::Action::Repeat:
      run_statements(place, work);
      duration = elapsed();
      connection.record_repeatable(step.repeatable->name, step.repeatable->script.checksum,
                                   current_checksum(place.history, step.repeatable->name),
                                   duration);
      break;
    case Step::Action::Adopt:
      if (step.repeatable != nullptr) {
        connection.record_repeatable(step.repeatable->name, step.repeatable->script.checksum, {},
                                     duration);
        break;
      }
      [[fallthrough]];
    case Step::Action::Insert:
      connection.insert_row(row_of(step, migration::RowState::Applied));
      break;
    case Step::Action::Remove: connection.delete_row(*step.row); break;
  }
  // Its number comes from a sequence, which no rollback winds back.
  if (place.rehearsal == nullptr) connection.write_event(event_of(step, duration));
  return duration;
}

std::vector<Microseconds> execute_in_transaction(Workplace& place, std::span<const Work> works) {
  std::vector<Microseconds> durations;
  const auto kept_so_far = place.kept == nullptr ? KeptSettings::Values() : place.kept->values();
  with_lock_retries(place, [&] {
    durations.clear();
    if (works.size() > 1 && place.kept != nullptr) {
      place.kept->hand_to(place.connection, kept_so_far);
    }
    in_transaction(place, modes_of(works), [&] {
      const PreparedScript* before = nullptr;
      for (const Work& work : works) {
        if (before != nullptr) {
          if (place.kept != nullptr) place.kept->note(place.connection, *before);
          place.connection.reset_transaction();
        }
        durations.push_back(execute_step(place, work));
        before = work.script;
      }
    });
  });
  return durations;
}

namespace {

migration::RowKind kind_of(const Step& step) {
  switch (step.action) {
    case Step::Action::Insert: return migration::RowKind::Baseline;
    case Step::Action::Adopt: return migration::RowKind::Adopted;
    default: return migration::RowKind::Migration;
  }
}

}  // namespace

NewRow row_of(const Step& step, migration::RowState state) {
  if (step.migration == nullptr) {  // only the tool that it is taken over from knows it
    return {.version = step.version,
            .previous = step.previous,
            .name = step.name,
            .checksum = {},
            .kind = migration::RowKind::Adopted,
            .state = state,
            .down_sql = std::nullopt,
            .down_checksum = {}};
  }
  const migration::Migration& migration = *step.migration;
  NewRow row{.version = step.version,
             .previous = step.previous,
             .name = step.name,
             .checksum = migration.up.checksum,
             .kind = kind_of(step),
             .state = state,
             .down_sql = std::nullopt,
             .down_checksum = {},
             .irreversible = migration.irreversible};
  if (migration.down) {
    row.down_sql = migration.down->text;
    row.down_checksum = migration.down->checksum;
  }
  return row;
}

std::string label_of(const Step& step) {
  return step.repeatable != nullptr ? step.name : step.version.text();
}

EventRow event_of(const Step& step, std::optional<Microseconds> duration) {
  EventRow row;
  row.version = label_of(step);
  row.duration = duration;
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Resume: row.event = "applied"; break;
    case Step::Action::Revert: row.event = "reverted"; break;
    case Step::Action::Repeat: row.event = "repeated"; break;
    case Step::Action::Insert:
      row.event = "stamped";
      row.duration.reset();
      break;
    case Step::Action::Adopt:
      row.event = "adopted";
      row.duration.reset();
      break;
    case Step::Action::Remove:
      row.event = "unstamped";
      row.duration.reset();
      break;
  }
  return row;
}

void set_timeouts(Workplace& place, const PreparedScript& script) {
  if (!script.lock_timeout && !script.statement_timeout) return;  // the session's own hold
  const Settings& settings = place.context.settings;
  place.connection.set_timeouts(
      script.lock_timeout ? script.lock_timeout : settings.lock_timeout,
      script.statement_timeout ? script.statement_timeout : settings.statement_timeout);
}

migration::Checksum current_checksum(const migration::History& history,
                                     const std::string& repeatable) {
  for (const migration::RepeatableRow& row : history.repeatables()) {
    if (row.current && row.name == repeatable) return row.checksum;
  }
  return {};
}

}  // namespace headway::engine
