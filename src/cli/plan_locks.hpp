// What the statements of a plan are expected to lock, for the dry run.
#pragma once
#include <boost/json/array.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cli/text.hpp"
#include "migration/batch.hpp"
#include "migration/plan.hpp"
#include "sql/locks.hpp"

namespace headway::cli {

/// Statements of one step that follow each other and expect the same.
struct PlannedLocks {
  std::size_t step = 0;  ///< 1-based, of the plan
  std::size_t line = 0;  ///< of the first one, in its file
  std::size_t count = 1;
  std::string command;  ///< "ALTER TABLE"
  std::shared_ptr<const migration::Batch> batch;
  /// Without what the plan itself has created before: nobody else uses that yet.
  sql::ExpectedLocks expected;
};

/// Statements that touch no relation are left out.
[[nodiscard]] std::vector<PlannedLocks> planned_locks(const migration::Plan& plan);

/// How the table names a step: by its place in the plan, or by what it is.
enum class StepName { Number, Title };
/// A table under a headline; empty if there is nothing to tell.
[[nodiscard]] std::string planned_locks_text(const migration::Plan& plan, const Paint& paint,
                                             StepName name = StepName::Number);
[[nodiscard]] boost::json::array planned_locks_json(const migration::Plan& plan);

}  // namespace headway::cli
