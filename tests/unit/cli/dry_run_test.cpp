#include "cli/dry_run.hpp"

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>

using namespace headway;
using namespace headway::cli;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

DryRun run_of(engine::StatementSeen seen) {
  DryRun run;
  run.database = "scratch";
  run.copied = 2;
  run.live = {{"t", 13'207'024'435, 80'000'000}, {"fresh", 0, std::nullopt}};
  run.statements.push_back(std::move(seen));
  return run;
}

}  // namespace

TEST_CASE("sizes are those of the live database") {
  engine::StatementSeen seen;
  seen.command = "ALTER TABLE";
  seen.rewritten = {"fresh", "t"};
  const std::string text = dry_run_text(run_of(seen), Paint(false));
  CHECK(holds(text, "rewrites fresh (live: never analyzed)"));
  CHECK(holds(text, "rewrites t (live: 12.3 GB, ~80000000 rows)"));
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 kB");
}

TEST_CASE("a scan is told of where it does not depend on the data") {
  engine::StatementSeen seen;
  seen.scanned = {"t"};
  seen.command = "UPDATE";
  CHECK_FALSE(holds(dry_run_text(run_of(seen), Paint(false)), "scans t"));
  seen.command = "ALTER TABLE";
  CHECK(holds(dry_run_text(run_of(seen), Paint(false)), "scans t"));
  seen.rewritten = {"t"};
  CHECK_FALSE(holds(dry_run_text(run_of(seen), Paint(false)), "scans t"));
}

TEST_CASE("what was not seen is not called nothing") {
  engine::StatementSeen seen;
  seen.command = "CREATE INDEX CONCURRENTLY";
  seen.in_transaction = false;
  CHECK(holds(dry_run_text(run_of(seen), Paint(false)), "not seen"));
  seen.in_transaction = true;
  seen.failed = true;
  CHECK(holds(dry_run_text(run_of(seen), Paint(false)), "failed"));
  CHECK(holds(boost::json::serialize(dry_run_json(run_of(seen))), R"("rows":null)"));
}
