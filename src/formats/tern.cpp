// tern: files are numbered without a gap; each is a Go template, of which names and other files may
// be put in here.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/template.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kDivider = "---- create above / drop below ----";
constexpr std::string_view kNoTransaction = "---- tern: disable-tx ----";

/// What the configuration says that files need.
struct Configuration {
  TemplateValues data;
  std::string version_table;
};

Configuration read_configuration(std::string_view text) {
  Configuration out;
  std::string section;
  each_line(text, [&](const Line& line) {
    const std::string_view words = trim(line.text);
    if (words.starts_with('[')) section = words;
    const std::size_t equals = words.find('=');
    if (words.starts_with('#') || equals == std::string_view::npos) return;
    const std::string_view name = trim(words.substr(0, equals));
    const std::string_view value = trim(words.substr(equals + 1));
    if (section == "[data]") out.data[std::string(name)] = value;
    if (section == "[database]" && name == "version_table") out.version_table = lowered(value);
  });
  return out;
}

/// It is a template itself, without data.
Configuration configuration_of(const Listing& listing, const Reading& reading) {
  const auto file = std::ranges::find(listing.aside, "tern.conf", &SourceFile::name);
  if (file == listing.aside.end()) return {};
  try {
    return read_configuration(Templates({}, reading.variable).filled(file->text));
  } catch (const UnknownAction& unknown) {
    throw Error(ErrorId::ForeignCode,
                fmt::format("only tern can read this: it is a template with {}", unknown.what))
        .at({file->path, 0, 0})
        .next(
            "Write the value into the file, or take it from the environment with "
            "{{env \"NAME\"}}.");
  }
}

bool has_line(std::string_view text, std::string_view wanted) {
  bool found = false;
  each_line(text, [&](const Line& line) { found = found || trim(line.text) == wanted; });
  return found;
}

Entry entry_of(Version version, std::string name, const SourceFile& file,
               const Templates& templates) {
  const std::string_view text = file.text;
  const std::size_t divider = text.find(kDivider);
  const auto part = [&](std::size_t begin, std::size_t end) {
    std::string filled = templates.filled(section(text, begin, end));
    const Running running =
        has_line(filled, kNoTransaction) ? Running::Statements : Running::Transaction;
    return Section{file.path, std::move(filled), running, nullptr,
                   divider != std::string_view::npos};
  };
  Entry entry{std::move(version), std::move(name), part(0, std::min(divider, text.size()))};
  if (divider != std::string_view::npos) {
    const std::size_t line = text.rfind('\n', divider) + 1;  // npos + 1 is 0
    Section down = part(line, text.size());
    const std::size_t at = down.text.find(kDivider);
    if (at != std::string::npos) down.text.replace(at, kDivider.size(), kDivider.size(), ' ');
    const std::string_view sql = trim(down.text);
    if (!sql.empty()) entry.down = std::move(down);
  }
  return entry;
}

}  // namespace

migration::Source read_tern(Listing listing, const Reading& reading) {
  Configuration configuration = configuration_of(listing, reading);
  TemplateValues values = reading.placeholders;  // they win
  values.merge(configuration.data);
  Templates templates(std::move(values), reading.variable);
  for (const SourceFile& file : listing.files) {
    if (file.name.find('/') != std::string::npos) templates.add_part(file.name, file.text);
  }
  std::multimap<Version, const SourceFile*> files;
  for (const SourceFile& file : listing.files) {
    // Its pattern is \A(\d+)_.+\.sql\z.
    const std::string_view name = file.name;
    const std::size_t digits = leading_digits(name);
    if (digits == 0 || name.find('/') != std::string_view::npos) continue;
    if (digits + 1 >= name.size() || name[digits] != '_') continue;
    files.insert({Version(std::string(name.substr(0, digits))), &file});
  }
  Collection collection(Format::Tern, reading);
  std::size_t expected = 0;
  for (const auto& [version, file] : files) {
    if (version != Version(std::to_string(++expected))) {
      throw Error(ErrorId::BadFileName,
                  fmt::format("tern numbers without gaps and doubles: version {} should be {}",
                              version.text(), expected))
          .at({file->path, 0, 0})
          .version(version.text());
    }
    const std::string_view name = file->name;
    const std::size_t begin = name.find('_') + 1;
    std::string words(name.substr(begin, name.rfind('.') - begin));
    try {
      collection.add(entry_of(version, words, *file, templates));
    } catch (const UnknownAction& unknown) {
      collection.add_code(version, std::move(words), file->path,
                          fmt::format("it is a template with {}", unknown.what));
    }
  }
  collection.keeps_history_in(std::move(configuration.version_table));
  return std::move(collection).build();
}

}  // namespace headway::formats
