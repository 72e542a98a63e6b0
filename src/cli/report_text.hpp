// What the commands print for people.
#pragma once
#include <string>

#include "cli/text.hpp"
#include "engine/report.hpp"
#include "engine/use_cases.hpp"
#include "migration/plan.hpp"
#include "migration/source.hpp"

namespace headway::cli {

/// What a run did, line by line, and where the database stands now.  Not the error.
[[nodiscard]] std::string run_text(const engine::RunReport& report, const Paint& paint);
[[nodiscard]] std::string plan_text(const migration::Plan& plan, const Paint& paint);
/// The statements of a plan with the transaction statements around them.
[[nodiscard]] std::string plan_sql(const migration::Plan& plan, engine::Transactions transactions);
[[nodiscard]] std::string status_text(const engine::StatusReport& report,
                                      const migration::Source& source, migration::Phases phases,
                                      const Paint& paint);
enum class Detail { Short, Verbose };
[[nodiscard]] std::string history_text(const engine::StatusReport& report, Detail detail,
                                       const Paint& paint);
/// "20261122093000 create_metrics"
[[nodiscard]] std::string title_of(std::string_view version, std::string_view name);

}  // namespace headway::cli
