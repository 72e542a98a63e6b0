#include <fmt/format.h>

#include <filesystem>

#include "base/system_clock.hpp"
#include "cli/commands/commands.hpp"
#include "cli/directory_lock.hpp"
#include "cli/json.hpp"
#include "cli/new_revision.hpp"
#include "cli/runtime.hpp"
#include "files/directory.hpp"

namespace headway::cli::commands {
namespace {

migration::Version chosen_version(const Settings& settings, const migration::Source& source) {
  if (settings.rev_id.empty()) {
    return next_version(source, settings.sequential ? Numbering::Sequential : Numbering::Timestamp,
                        SystemClock().now());
  }
  migration::Version version(settings.rev_id);
  if (!version.numeric()) {
    throw Error(ErrorId::BadFlag,
                fmt::format("--rev-id: \"{}\" does not consist of digits", settings.rev_id))
        .next("A file's name begins with digits; another version stands in the file, as version=.");
  }
  const migration::Migration* taken = source.find(version);
  if (taken != nullptr || source.is_skipped(version)) {
    throw Error(ErrorId::DuplicateVersion,
                fmt::format("the version {} is taken{}", settings.rev_id,
                            taken == nullptr ? "" : fmt::format(" by {}", taken->up.path)));
  }
  return version;
}

}  // namespace

int revision(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  const std::string slug = slug_of(settings.message);
  if (slug.empty()) {
    throw Error(ErrorId::BadFlag, settings.message.empty()
                                      ? "`headway revision` lacks its message"
                                      : "--message holds neither a letter nor a digit")
        .next("Say what the migration does: headway revision -m \"create metrics\".");
  }
  const std::string directory = source_directory(settings);
  make_directory(directory);
  const DirectoryLock lock(directory);
  Settings reading = settings;
  reading.allow_empty = true;
  const migration::Source source = load_source(reading);
  print_warnings(invocation, "configuration", invocation.warnings);
  print_warnings(invocation, "source", source.warnings());

  const migration::Version version = chosen_version(settings, source);
  const std::string stem =
      (std::filesystem::path(directory) / fmt::format("{}_{}", version.text(), slug)).string();
  const std::string up = stem + ".sql";
  const std::string down = settings.no_down ? std::string() : stem + ".down.sql";
  files::write_new_file(up, up_text(settings.message));
  if (!down.empty()) files::write_new_file(down, down_text(settings.message));

  if (invocation.json()) {
    boost::json::object document{{"version", version.text()}, {"up", up}};
    document["down"] = down.empty() ? boost::json::value(nullptr) : boost::json::value(down);
    print(json_line(document));
  } else {
    print(down.empty() ? fmt::format("{}\n", up) : fmt::format("{}\n{}\n", up, down));
  }
  return 0;
}

}  // namespace headway::cli::commands
