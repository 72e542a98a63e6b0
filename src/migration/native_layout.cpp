// The native layout: plain SQL files in one directory, ordered by the digits their names begin
// with.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "migration/native_name.hpp"
#include "migration/plain_text.hpp"
#include "migration/source.hpp"
#include "migration/source_builder.hpp"
#include "migration/way_back.hpp"

namespace headway::migration {
namespace {

Error both_ways(std::string_view words, const std::string& path, std::size_t line) {
  return Error(ErrorId::BothWays,
               fmt::format("\"{}\" begins another tool's way back in the same file", words))
      .at({path, line, 1});
}

void refuse_both_ways(const Script& script) {
  if (script.outline) {
    const auto& found = script.outline->way_back;
    if (found && script.outline->last_line > found->line) {
      throw both_ways(found->words, script.path, found->line);
    }
    return;
  }
  const std::string_view text = script.text;
  std::size_t number = 1;
  for (std::size_t line = 0; line < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::string_view words = text.substr(line, end - line);
    if (begins_way_back(words) && !only_comments(text.substr(end))) {
      throw both_ways(words, script.path, number);
    }
    line = end + 1;
  }
}

struct NamedFile {
  NativeName name;
  SourceFile file;
};

/// A file of the layout with everything its text says.
struct ReadScript {
  Script script;
  Directives directives;
};

void read_text(const SourceFile& file, FileRole role, ReadScript& read, SourceBuilder& builder) {
  read.directives = parse_directives(file.text, file.path, role);
  if (const auto late = late_directive(file.text, file.path)) {
    builder.warn(fmt::format(
        "{}: this directive has no effect: only those in the comments before the first statement "
        "count",
        late->text()));
  }
  read.script.checksum = checksum_of(file.text);
}

/// The beginning of a large text, if its leading comments end there.
std::optional<std::string> head_of(const LargeText& text) {
  static constexpr std::size_t kLargest = std::size_t{256} * 1024;
  std::string head(kLargest, '\0');
  PlainReader reader(text.open());
  std::size_t size = 0;
  for (std::size_t got = 1; got > 0 && size < kLargest; size += got) {
    got = reader.read(head.data() + size, kLargest - size);
  }
  head.resize(size);
  if (only_comments(head)) return std::nullopt;
  return head;
}

/// What runs without a transaction is looked at as a whole, and a way back is stored as a whole.
void hold_or_outline(SourceFile& file, FileRole role, const Examine& examine, ReadScript& read) {
  const std::shared_ptr<const LargeText> large = std::move(file.large);
  if (examine && role != FileRole::Down) {
    if (const auto head = head_of(*large)) {
      read.directives = parse_directives(*head, file.path, role);
      if (read.directives.transaction == Transaction::Each) {
        read.script.outline = std::make_shared<const Outline>(examine(*large, file.path));
        read.script.checksum = read.script.outline->checksum;
        read.script.large = large;
        return;
      }
    }
  }
  file.text = read_whole(*large);
}

ReadScript read_script(SourceFile file, FileRole role, const Examine& examine,
                       SourceBuilder& builder) {
  ReadScript read;
  if (file.large) {
    hold_or_outline(file, role, examine, read);
  } else {
    to_plain_text(file.text);
  }
  if (!read.script.large) read_text(file, role, read, builder);
  read.script.path = std::move(file.path);
  read.script.text = std::move(file.text);
  read.script.role = role;
  read.script.transaction = read.directives.transaction;
  read.script.lock_timeout = read.directives.lock_timeout;
  read.script.statement_timeout = read.directives.statement_timeout;
  return read;
}

bool wanted(const Directives& directives, std::string_view environment) {
  return directives.environments.empty() ||
         std::ranges::find(directives.environments, environment) != directives.environments.end();
}

void sort_by_version(std::vector<NamedFile>& files) {
  const auto version = [](const NamedFile& file) -> const Version& { return file.name.version; };
  // Padded versions are in order as the names are.
  if (!std::ranges::is_sorted(files, {}, version)) std::ranges::stable_sort(files, {}, version);
}

void refuse_duplicates(const std::vector<NamedFile>& sorted, std::string_view noun) {
  const auto same = [](const NamedFile& a, const NamedFile& b) {
    return a.name.version == b.name.version;
  };
  const auto twin = std::ranges::adjacent_find(sorted, same);
  if (twin == sorted.end()) return;
  throw Error(ErrorId::DuplicateVersion,
              fmt::format("{} and {} are {} of the same version, {}", twin->file.path,
                          std::next(twin)->file.path, noun, twin->name.version.text()))
      .version(twin->name.version.text());
}

}  // namespace

Source build_native_source(std::vector<SourceFile> files, std::string_view environment,
                           const Examine& examine) {
  std::vector<NamedFile> ups;
  std::vector<NamedFile> downs;
  SourceBuilder builder;
  ups.reserve(files.size());
  builder.reserve(files.size());
  for (SourceFile& file : files) {
    NativeName name = parse_native_name(file.name, file.path);
    switch (name.kind) {
      case NativeName::Kind::Foreign: break;
      case NativeName::Kind::Up: ups.push_back({std::move(name), std::move(file)}); break;
      case NativeName::Kind::Down: downs.push_back({std::move(name), std::move(file)}); break;
      case NativeName::Kind::Repeatable: {
        ReadScript read = read_script(std::move(file), FileRole::Repeatable, examine, builder);
        if (wanted(read.directives, environment)) {
          builder.add(Repeatable{std::move(name.name), std::move(read.script)});
        }
        break;
      }
    }
  }
  sort_by_version(ups);
  sort_by_version(downs);
  refuse_duplicates(ups, "both up files");
  refuse_duplicates(downs, "both down files");

  auto down = downs.begin();
  const auto refuse_orphan = [](const NamedFile& orphan) {
    throw Error(ErrorId::OrphanDown,
                fmt::format("there is no up file of version {}", orphan.name.version.text()))
        .at({orphan.file.path, 0, 0})
        .version(orphan.name.version.text());
  };
  for (NamedFile& up : ups) {
    ReadScript read = read_script(std::move(up.file), FileRole::Up, examine, builder);
    refuse_both_ways(read.script);
    Migration migration;
    migration.version = read.directives.version.value_or(up.name.version);
    migration.name = std::move(up.name.name);
    migration.up = std::move(read.script);
    migration.phase = read.directives.phase;
    migration.irreversible = read.directives.irreversible;
    if (down != downs.end() && down->name.version < up.name.version) refuse_orphan(*down);
    if (down != downs.end() && down->name.version == up.name.version) {
      migration.down = read_script(std::move(down->file), FileRole::Down, examine, builder).script;
      ++down;
    }
    std::optional<std::vector<Version>> after;
    if (!read.directives.after.empty()) after = std::move(read.directives.after);
    builder.add(std::move(migration), std::move(after),
                wanted(read.directives, environment) ? SourceBuilder::Presence::Present
                                                     : SourceBuilder::Presence::Skipped);
  }
  if (down != downs.end()) refuse_orphan(*down);
  return std::move(builder).build();
}

}  // namespace headway::migration
