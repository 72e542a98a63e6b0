#include "formats/alembic_places.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "formats/python.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using Files = std::vector<const SourceFile*>;

struct Places {
  std::vector<std::string> folders;
  bool recursive = false;
};

bool is_program(const SourceFile& file) { return file.name.ends_with(".py"); }

/// The value of a setting in the section [alembic], lines that go on put together.
std::string setting(std::string_view configuration, std::string_view name) {
  std::string out;
  bool inside = false;
  bool taken = false;
  each_line(configuration, [&](const Line& line) {
    const std::string_view words = trim(line.text);
    if (words.starts_with('#') || words.starts_with(';')) return;
    if (words.starts_with('[')) inside = words == "[alembic]";
    const bool goes_on = line.text.starts_with(' ') || line.text.starts_with('\t');
    if (goes_on && taken) {
      out += '\n';
      out += words;
      return;
    }
    const std::size_t equals = words.find('=');
    taken = inside && equals != std::string_view::npos && trim(words.substr(0, equals)) == name;
    if (taken) out = trim(words.substr(equals + 1));
  });
  return out;
}

/// "%(here)s/a/" and "./a" as "a", below the folder of the configuration.
std::string below(std::string_view here, std::string_view path) {
  static constexpr std::string_view kHere = "%(here)s";
  if (path.starts_with(kHere)) path.remove_prefix(kHere.size());
  while (path.starts_with('/') || path.starts_with("./")) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string out(here);
  if (!out.empty() && !path.empty() && path != ".") out += '/';
  if (path != ".") out += path;
  return out;
}

Places configured(const SourceFile& file) {
  Places out;
  const std::string_view here = folder_of(file.name);
  out.recursive = same_letters(setting(file.text, "recursive_version_locations"), "true");
  const std::string locations = setting(file.text, "version_locations");
  std::string_view rest = locations;
  while (!(rest = trim(rest)).empty()) {
    // Whatever its separator is: these stand in no path that people write.
    const std::size_t end = std::min(rest.find_first_of(" ,;:\t\r\n"), rest.size());
    if (end > 0) out.folders.push_back(below(here, rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!out.folders.empty()) return out;
  const std::string scripts = setting(file.text, "script_location");
  if (!scripts.empty()) out.folders.push_back(below(here, scripts) + "/versions");
  return out;
}

/// What is in one of the places.
Files in(const Places& places, const std::vector<SourceFile>& files) {
  Files out;
  for (const SourceFile& file : files) {
    const std::string_view folder = folder_of(file.name);
    const bool here = std::ranges::any_of(places.folders, [&](const std::string& place) {
      return folder == place || (places.recursive && place.empty()) ||
             (places.recursive && folder.starts_with(place) &&
              folder.substr(place.size())[0] == '/');
    });
    if (is_program(file) && here) out.push_back(&file);
  }
  return out;
}

std::set<std::string> texts_of(const Files& files, std::string_view name) {
  std::set<std::string> out;
  for (const SourceFile* file : files) {
    const auto found = python_constant(file->text, name);
    if (found && found->texts) out.insert(found->texts->begin(), found->texts->end());
  }
  return out;
}

/// Whether what lies deeper belongs to it: one follows another.  The setting that says so stands in
/// a file that is not here, or in a program.
bool are_one_graph(const Files& files, const Files& deeper) {
  const auto follow = [](const Files& these, const Files& those) {
    const auto revisions = texts_of(those, "revision");
    return std::ranges::any_of(
        texts_of(these, "down_revision"),
        [&revisions](const std::string& revision) { return revisions.contains(revision); });
  };
  return follow(files, deeper) || follow(deeper, files);
}

bool hold_a_revision(const Files& files) {
  return std::ranges::any_of(files, [](const SourceFile* file) {
    return python_constant(file->text, "revision").has_value();
  });
}

}  // namespace

Files alembic_files(const std::vector<SourceFile>& files) {
  Places by_configuration;
  Places beside_programs;
  for (const SourceFile& file : files) {
    if (file.name == "alembic.ini") by_configuration = configured(file);
    if (base_name(file.name) == "env.py") {
      beside_programs.folders.push_back(below(folder_of(file.name), "versions"));
    }
  }
  for (Places places : {by_configuration, beside_programs, Places{{""}, false}}) {
    Files out = in(places, files);
    if (!hold_a_revision(out)) continue;
    places.recursive = true;
    const Files all = in(places, files);
    Files deeper;
    std::ranges::set_difference(all, out, std::back_inserter(deeper));
    return are_one_graph(out, deeper) ? all : out;
  }
  Files all;
  for (const SourceFile& file : files) {
    if (is_program(file)) all.push_back(&file);
  }
  return all;
}

}  // namespace headway::formats
