#include "migration/wording.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>

namespace headway::migration {

std::string describe(const Migration& migration) {
  return fmt::format("{} ({})", label(migration.version, migration.name), migration.up.path);
}

std::string describe(const HistoryRow& row) {
  std::string out = label(row.version, row.name);
  return row.applied_at == Timestamp{} ? out : out + ", applied " + utc_text(row.applied_at);
}

std::string label(const Version& version, const std::string& name) {
  return name.empty() ? version.text() : fmt::format("{}_{}", version.text(), name);
}

std::string utc_text(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string count_of(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string join(const std::vector<std::string>& items, const char* separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

}  // namespace headway::migration
