// Executes steps that are safe to repeat because all of a step is one transaction: its row, its
// statements and its event are committed together or not at all.
#pragma once
#include <span>
#include <vector>

#include "engine/observer.hpp"
#include "engine/script.hpp"
#include "engine/workplace.hpp"

namespace headway::engine {

struct Work {
  StepInfo info;
  const PreparedScript* script = nullptr;  ///< null for steps that run nothing
};

/// Executes `works` in one transaction, again after a lock timeout, a deadlock or a serialization
/// failure.  Returns their durations.  Throws Error, and then nothing was applied (OutcomeUnknown:
/// perhaps).
std::vector<Microseconds> execute_in_transaction(Workplace& place, std::span<const Work> works);

/// The inside of a step's transaction: its row, its statements and its event; of a rehearsal
/// without the event.  Returns its duration.
Microseconds execute_step(Workplace& place, const Work& work);

/// The row that an Apply or Insert step adds.
[[nodiscard]] NewRow row_of(const migration::Step& step, migration::RowState state);
/// "0042", or a repeatable's name: what events and errors call the step.
[[nodiscard]] std::string label_of(const migration::Step& step);
/// The event that tells of the step's success.
[[nodiscard]] EventRow event_of(const migration::Step& step, std::optional<Microseconds> duration);
/// Applies the file's own timeouts where it has some.
void set_timeouts(Workplace& place, const PreparedScript& script);
/// The checksum that the plan saw as the current one of this repeatable; empty: none.
[[nodiscard]] migration::Checksum current_checksum(const migration::History& history,
                                                   const std::string& repeatable);

}  // namespace headway::engine
