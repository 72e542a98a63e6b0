// What upgrade, downgrade, redo, stamp and serve have in common: load, run, publish, tell.
#pragma once
#include <functional>

#include "cli/runtime.hpp"

namespace headway::cli::commands {

using UseCase = std::function<engine::RunReport(engine::Context&, const migration::Source&)>;

/// Whether a failed run may count as done in a lenient environment.
enum class Leniency { Never, Allowed };

/// Lenient environments let the application start on what there is, but neither a mistake in the
/// configuration nor an interruption looks like success (design, section 6).
[[nodiscard]] bool softened(const Invocation& invocation, Leniency leniency,
                            const engine::RunReport& report);

/// A run that is over, and told.  The report points into the source.
struct Outcome {
  std::unique_ptr<const migration::Source> source;
  engine::RunReport report;
  bool softened = false;  ///< it failed, and the environment is lenient
  int exit_code = 0;
};
[[nodiscard]] Outcome run_use_case(Runtime& runtime, const Invocation& invocation,
                                   Leniency leniency, const UseCase& use_case);

/// A command that ends with its run.
[[nodiscard]] int execute(const Invocation& invocation, Leniency leniency, const UseCase& use_case);

}  // namespace headway::cli::commands
