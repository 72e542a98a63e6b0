// tern: files are numbered without a gap; each is a Go template, of which names and other files may
// be put in here.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "formats/collection.hpp"
#include "formats/readers.hpp"
#include "formats/text.hpp"

namespace headway::formats {
namespace {

using migration::SourceFile;
using migration::Version;

constexpr std::string_view kDivider = "---- create above / drop below ----";
constexpr std::string_view kNoTransaction = "---- tern: disable-tx ----";
constexpr int kDeepest = 16;  // templates within templates

struct Unknown {
  std::string what;
};

/// The values of the section [data].
std::map<std::string, std::string, std::less<>> data_of(std::string_view configuration) {
  std::map<std::string, std::string, std::less<>> out;
  bool in_data = false;
  each_line(configuration, [&](const Line& line) {
    const std::string_view text = trim(line.text);
    if (text.starts_with('[')) in_data = text == "[data]";
    const std::size_t equals = text.find('=');
    if (!in_data || text.starts_with('#') || equals == std::string_view::npos) return;
    out[std::string(trim(text.substr(0, equals)))] = std::string(trim(text.substr(equals + 1)));
  });
  return out;
}

class Templates {
 public:
  Templates(const Listing& listing, const Reading& reading) : values_(reading.placeholders) {
    for (const SourceFile& file : listing.files) {
      if (file.name.find('/') != std::string::npos) parts_[file.name] = file.text;
    }
    for (const SourceFile& file : listing.aside) {
      if (file.name == "tern.conf") values_.merge(data_of(file.text));
    }
  }

  /// Throws Unknown for what is more than a name or another file.
  [[nodiscard]] std::string filled(std::string_view text, int depth = 0) const {
    if (depth > kDeepest) throw Unknown{"templates that call each other"};
    std::string out;
    std::size_t at = 0;
    for (;;) {
      const std::size_t begin = text.find("{{", at);
      if (begin == std::string_view::npos) break;
      const std::size_t end = text.find("}}", begin);
      if (end == std::string_view::npos) throw Unknown{"an action without an end"};
      out += text.substr(at, begin - at);
      std::string_view action = text.substr(begin + 2, end - begin - 2);
      at = end + 2;
      if (action.starts_with("- ")) {
        action.remove_prefix(1);
        const std::size_t last = out.find_last_not_of(" \t\r\n");
        out.resize(last == std::string::npos ? 0 : last + 1);
      }
      if (action.ends_with(" -")) {
        action.remove_suffix(1);
        at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
      }
      out += value_of(trim(action), depth);
    }
    out += text.substr(at);
    return out;
  }

 private:
  [[nodiscard]] std::string value_of(std::string_view action, int depth) const {
    static constexpr std::string_view kTemplate = "template";
    if (action.starts_with("/*") && action.ends_with("*/")) return {};
    if (action.starts_with('.')) {
      const auto value = values_.find(action.substr(1));
      if (value != values_.end()) return value->second;
    } else if (action.starts_with(kTemplate)) {
      std::string_view rest = trim(action.substr(kTemplate.size()));
      const std::size_t end = rest.empty() ? std::string_view::npos : rest.find('"', 1);
      if (end != std::string_view::npos && rest[0] == '"') {
        const auto part = parts_.find(rest.substr(1, end - 1));
        const std::string_view data = trim(rest.substr(end + 1));
        if (part != parts_.end() && data == ".") return filled(part->second, depth + 1);
      }
    }
    throw Unknown{fmt::format("the action {{{{{}}}}}", action)};
  }

  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::string_view, std::less<>> parts_;
};

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
  const Templates templates(listing, reading);
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
    } catch (const Unknown& unknown) {
      collection.add_code(version, std::move(words), file->path,
                          fmt::format("it is a template with {}", unknown.what));
    }
  }
  return std::move(collection).build();
}

}  // namespace headway::formats
