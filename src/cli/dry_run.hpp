// What a dry run that executes has seen, for people and as JSON.
#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/text.hpp"
#include "engine/statement_seen.hpp"
#include "engine/use_cases.hpp"
#include "postgres/scratch.hpp"

namespace headway::cli {

struct DryRun {
  std::string database;           ///< in which it ran
  bool on_live_database = false;  ///< it was rolled back there
  bool kept = false;              ///< --scratch-url: it is still there
  std::size_t copied = 0;         ///< migrations that were run again to get the schema
  std::size_t stamped = 0;        ///< of these, what the live database got in another way
  std::vector<engine::StatementSeen> statements;
  std::vector<postgres::RelationSize> live;  ///< sizes in the live database
  std::vector<engine::RehearsalReport::NotRun> not_run;
  std::vector<std::string> notes;  ///< on what it can't tell, sentences
  std::optional<ErrorInfo> error;
};

[[nodiscard]] std::string dry_run_text(const DryRun& run, const Paint& paint);
[[nodiscard]] boost::json::object dry_run_json(const DryRun& run);

/// "12.3 GB", "0 B"
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

}  // namespace headway::cli
