#include "formats/collection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/error.hpp"

namespace headway::formats {

using migration::FileRole;

bool Collection::wanted(const migration::Directives& directives) const {
  const auto& list = directives.environments;
  return list.empty() || std::ranges::find(list, reading_.environment) != list.end();
}

void Collection::add(Entry entry) {
  ReadSection up = read_section(std::move(entry.up), FileRole::Up, builder_);
  migration::Migration migration;
  migration.version = std::move(entry.version);
  migration.name = std::move(entry.name);
  migration.up = std::move(up.script);
  migration.tool_checksum = std::move(entry.tool_checksum);
  migration.phase = up.directives.phase;
  migration.irreversible = up.directives.irreversible;
  if (entry.down) {
    migration.down = read_section(std::move(*entry.down), FileRole::Down, builder_).script;
  }
  using Presence = migration::SourceBuilder::Presence;
  builder_.add(std::move(migration), std::nullopt,
               wanted(up.directives) ? Presence::Present : Presence::Skipped);
}

void Collection::add_code(migration::Version version, std::string name, const std::string& path,
                          std::string_view why) {
  Error refusal = Error(ErrorId::ForeignCode,
                        fmt::format("only {} can run this: {}", format_info(format_).title, why))
                      .at({path, 0, 0})
                      .version(version.text());
  if (!reading_.skip_foreign_code) throw Error(std::move(refusal));
  migration::Migration migration;
  migration.up.path = path;
  ErrorInfo info = refusal.info();
  info.next = fmt::format("Let {} run it, then mark it as applied: headway stamp {}",
                          format_info(format_).title, version.text());
  migration.up.refusal = std::make_shared<const ErrorInfo>(std::move(info));
  migration.version = std::move(version);
  migration.name = std::move(name);
  builder_.add(std::move(migration), std::nullopt);
}

void Collection::add_repeatable(std::string name, Section section) {
  ReadSection read = read_section(std::move(section), FileRole::Repeatable, builder_);
  if (!wanted(read.directives)) return;
  builder_.add(migration::Repeatable{std::move(name), std::move(read.script)});
}

migration::Source Collection::build() && {
  const FormatInfo& info = format_info(format_);
  migration::Habits habits = info.habits;
  // A program may lie anywhere: the tool's table tells that it has run.
  if (reading_.skip_foreign_code) habits.forgets = true;
  builder_.layout(std::string(info.id), habits);
  return std::move(builder_).build();
}

}  // namespace headway::formats
