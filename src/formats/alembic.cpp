// Alembic: the graph of its revisions, read from the Python files without running Python.  What
// they do is for Alembic to run, or for SQL files to say that `headway import` makes of it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "formats/alembic_places.hpp"
#include "formats/format.hpp"
#include "formats/python.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"
#include "migration/source_builder.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

struct Revision {
  const SourceFile* file = nullptr;
  std::string id;
  std::string message;
  std::vector<std::string> parents;
  std::vector<std::string> depends_on;
  std::vector<std::string> labels;
};

/// Nothing if the file does not assign to it.
std::optional<std::vector<std::string>> assigned(const SourceFile& file, std::string_view name) {
  auto found = python_constant(file.text, name);
  if (!found) return std::nullopt;
  if (found->texts) return std::move(found->texts);
  throw Error(ErrorId::ForeignCode,
              fmt::format("{} is not a plain value here, and only Python could compute it", name))
      .at({file.path, found->line, 1});
}

/// Nothing for a file without a revision, such as env.py.
std::optional<Revision> revision_of(const SourceFile& file) {
  const auto id = assigned(file, "revision");
  if (!id || id->size() != 1) return std::nullopt;
  Revision out;
  out.file = &file;
  out.id = id->front();
  out.message = python_summary(file.text);
  out.parents = assigned(file, "down_revision").value_or(std::vector<std::string>());
  out.depends_on = assigned(file, "depends_on").value_or(std::vector<std::string>());
  // One that is computed matters only where another revision names it, and is not found then.
  const auto labels = python_constant(file.text, "branch_labels");
  if (labels) out.labels = labels->texts.value_or(std::vector<std::string>());
  return out;
}

/// By id, or by the label of a branch.
std::string resolved(const std::string& name, const std::vector<Revision>& revisions) {
  for (const Revision& revision : revisions) {
    if (std::ranges::find(revision.labels, name) != revision.labels.end()) return revision.id;
  }
  return name;
}

}  // namespace

migration::Source read_alembic(Listing listing, const Reading& reading) {
  static_cast<void>(reading);
  migration::SourceBuilder builder;
  std::vector<Revision> revisions;
  const auto files = alembic_files(listing.aside);
  for (const SourceFile& file : listing.aside) {
    const bool taken = std::ranges::find(files, &file) != files.end();
    if (taken || !python_constant(file.text, "down_revision")) continue;
    builder.warn(
        fmt::format("{} and what lies with it is left aside: it is in none of Alembic's version "
                    "locations; give the one that is meant with --migrations",
                    file.path));
    break;
  }
  for (const SourceFile* file : files) {
    if (auto revision = revision_of(*file)) {
      revisions.push_back(*std::move(revision));
    } else if (base_name(folder_of(file->name)) == "versions" &&
               !base_name(file->name).starts_with("__")) {
      builder.warn(fmt::format("{}: it assigns no revision, and is left aside", file->path));
    }
  }
  static constexpr const FormatInfo& kInfo = format_info(Format::Alembic);
  builder.layout(std::string(kInfo.id), kInfo.habits);
  for (const Revision& revision : revisions) {
    migration::Migration migration;
    migration.version = Version(revision.id);
    migration.name = revision.message;
    migration.up.path = revision.file->path;
    const Error refusal =
        Error(ErrorId::ForeignCode, "only Alembic can run this: it is a program in Python")
            .at({revision.file->path, 0, 0})
            .version(revision.id)
            .next("Let Alembic run it; or turn the project into SQL files: headway import alembic");
    migration.up.refusal = std::make_shared<const ErrorInfo>(refusal.info());
    std::vector<Version> after;
    for (const auto* names : {&revision.parents, &revision.depends_on}) {
      for (const std::string& name : *names) after.emplace_back(resolved(name, revisions));
    }
    builder.add(std::move(migration), std::move(after));
  }
  return std::move(builder).build();
}

}  // namespace headway::formats
