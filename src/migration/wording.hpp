// How migrations are named in messages about several of them.
#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "migration/history.hpp"
#include "migration/source.hpp"

namespace headway::migration {

/// "42_create_metrics (migrations/0042_create_metrics.sql)"
[[nodiscard]] std::string describe(const Migration& migration);
/// "42_create_metrics, applied 2026-11-22 10:11:12 UTC"
[[nodiscard]] std::string describe(const HistoryRow& row);
/// "42_create_metrics"
[[nodiscard]] std::string label(const Version& version, const std::string& name);
/// "2026-11-22 10:11:12 UTC"
[[nodiscard]] std::string utc_text(Timestamp time);
/// "1 migration", "3 migrations"
[[nodiscard]] std::string count_of(std::size_t count, const char* noun);
/// All of them, however many: whoever must act on each needs each.
[[nodiscard]] std::string join(const std::vector<std::string>& items, const char* separator = "; ");

}  // namespace headway::migration
