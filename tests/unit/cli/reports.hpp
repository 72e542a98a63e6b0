// Reports made by hand, for rendering.
#pragma once
#include <memory>

#include "engine/use_cases.hpp"

namespace headway::cli {

inline Timestamp test_time(int second) {
  return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours{9} +
         std::chrono::minutes{30} + std::chrono::seconds{second};
}

inline migration::HistoryRow test_row(const char* version, const char* previous, const char* name,
                                      const std::string& text, int second) {
  migration::HistoryRow row;
  row.version = migration::Version(version);
  row.previous = migration::Version(previous);
  row.name = name;
  row.checksum = migration::checksum_of(text);
  row.run_id = "00000000-0000-4000-8000-000000000001";
  row.applied_at = test_time(second);
  row.duration = std::chrono::milliseconds{12};
  row.applied_by = "app";
  row.applied_from = "api-1";
  row.headway_version = "0.1.0";
  return row;
}

struct TestReport {
  migration::Source source;
  engine::StatusReport report;
};

/// A source of `files` (names; text "select 1;") and a history of `rows`.
inline std::unique_ptr<TestReport> test_report(const std::vector<std::string>& files,
                                               std::vector<migration::HistoryRow> rows) {
  auto out = std::make_unique<TestReport>();
  std::vector<migration::SourceFile> list;
  for (const std::string& name : files) list.push_back({name, "m/" + name, "select 1;"});
  out->source = migration::build_native_source(std::move(list), "production");
  engine::StatusReport& report = out->report;
  report.server.version = "15.4";
  report.server.database = "hive";
  report.server.user = "app";
  report.snapshot.exists = true;
  report.snapshot.history = migration::History(std::move(rows), {});
  report.reconciliation = migration::reconcile(out->source, report.snapshot.history);
  report.schema.current_version = report.snapshot.history.last().text();
  report.schema.target_version =
      out->source.heads().empty() ? "base" : out->source.heads().front().text();
  return out;
}

}  // namespace headway::cli
