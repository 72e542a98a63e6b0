#include "formats/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"
#include "migration/large_text.hpp"
#include "migration/plain_text.hpp"
#include "sql/splitter.hpp"

namespace headway::formats {
namespace {

Error refused(Format format, const std::string& directory) {
  const FormatInfo& info = format_info(format);
  return Error(ErrorId::ForeignFormat,
               fmt::format("{} holds migrations of {}: {}", directory, info.title, info.refusal));
}

/// Whether the tool's checksum is one of the bytes, line ends and all.
bool counts_bytes(Format format) { return format == Format::Sqlx || format == Format::Refinery; }

/// The others leave 1_a.SQL aside.
bool takes_any_case(Format format) {
  return format == Format::Flyway || format == Format::GolangMigrate;
}

void to_plain_text(std::vector<migration::SourceFile>& files, Format format) {
  for (migration::SourceFile& file : files) {
    if (file.large) file.text = migration::read_whole(*std::exchange(file.large, nullptr));
    if (format == Format::Atlas) continue;  // its sums are those of the bytes
    const bool plain =
        file.text.find('\r') == std::string::npos && !file.text.starts_with(sql::kByteOrderMark);
    if (plain) continue;
    if (counts_bytes(format)) file.bytes = std::make_shared<const std::string>(file.text);
    migration::to_plain_text(file.text);
  }
}

}  // namespace

bool is_aside(std::string_view name) {
  const std::string_view base = base_name(name);
  return base.ends_with(".conf") || base == "metadata.toml" || base == "migration_lock.toml" ||
         base == "atlas.sum" || (leading_digits(name) > 0 && way_of(name)) ||
         base == "alembic.ini" || base.ends_with(".py");
}

std::vector<std::string> folders_below(const Listing& listing) {
  static constexpr std::size_t kFew = 4;
  std::vector<std::string> out;
  const auto add = [&out](std::string_view path) {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos || !path.ends_with(".sql") || out.size() == kFew) return;
    std::string folder(path.substr(0, slash));
    if (std::ranges::find(out, folder) == out.end()) out.push_back(std::move(folder));
  };
  for (const migration::SourceFile& file : listing.files) add(file.name);
  for (const std::string& other : listing.others) add(other);
  // Of one for each kind of database ours comes first.
  std::stable_partition(out.begin(), out.end(), [](const std::string& folder) {
    return folder.starts_with("pg") || folder.starts_with("postgres");
  });
  return out;
}

migration::Source build_source(Format format, Listing listing, const Reading& reading,
                               const migration::Examine& examine) {
  if (!format_info(format).refusal.empty()) throw refused(format, listing.directory);
  if (format == Format::Headway) {
    return migration::build_native_source(std::move(listing.files), reading.environment, examine);
  }
  if (!takes_any_case(format)) {
    std::erase_if(listing.files,
                  [](const migration::SourceFile& file) { return !file.name.ends_with(".sql"); });
  }
  to_plain_text(listing.files, format);
  to_plain_text(listing.aside, Format::Headway);
  switch (format) {
    case Format::GolangMigrate: return read_golang_migrate(std::move(listing), reading);
    case Format::Goose: return read_goose(std::move(listing), reading);
    case Format::Dbmate: return read_dbmate(std::move(listing), reading);
    case Format::Flyway: return read_flyway(std::move(listing), reading);
    case Format::Sqlx: return read_sqlx(std::move(listing), reading);
    case Format::Atlas: return read_atlas(std::move(listing), reading);
    case Format::Tern: return read_tern(std::move(listing), reading);
    case Format::Prisma: return read_prisma(std::move(listing), reading);
    case Format::Diesel: return read_diesel(std::move(listing), reading);
    case Format::Refinery: return read_refinery(std::move(listing), reading);
    case Format::SqlMigrate: return read_sql_migrate(std::move(listing), reading);
    case Format::Alembic: return read_alembic(std::move(listing), reading);
    case Format::Headway:
    case Format::Graphile:
    case Format::NodePgMigrate:
    case Format::Rails:
    case Format::Sqitch:
    case Format::Liquibase: break;
  }
  throw refused(format, listing.directory);
}

}  // namespace headway::formats
