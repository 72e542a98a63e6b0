// Alembic: the graph of its revisions, read from the Python files without running Python.  What
// they do is for Alembic to run, or for SQL files to say that `headway import` makes of it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "formats/format.hpp"
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

/// A value in Python: None, a text, or a tuple, list or set of texts.
class PythonValue {
 public:
  explicit PythonValue(std::string_view text) : text_(text) {}

  /// The texts of it; nothing if it is something else.
  std::optional<std::vector<std::string>> texts() {
    skip();
    std::vector<std::string> out;
    if (text_.starts_with("None")) return out;
    const bool several =
        !text_.empty() && std::string_view("([{").find(text_[0]) != std::string_view::npos;
    if (several) text_.remove_prefix(1);
    for (;;) {
      skip();
      if (several && !text_.empty() &&
          std::string_view(")]}").find(text_[0]) != std::string_view::npos) {
        return out;
      }
      auto one = quoted();
      if (!one) return std::nullopt;
      out.push_back(*std::move(one));
      skip();
      const bool comma = text_.starts_with(',');
      if (comma) text_.remove_prefix(1);
      if (!several && !comma) return out;
      if (!several && !is_quote()) return out;  // "a",
    }
  }

 private:
  /// Blanks, line ends and comments.
  void skip() {
    for (;;) {
      text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n\\"), text_.size()));
      if (!text_.starts_with('#')) return;
      text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
    }
  }
  [[nodiscard]] bool is_quote() const { return text_.starts_with('"') || text_.starts_with('\''); }
  std::optional<std::string> quoted() {
    if (!is_quote()) return std::nullopt;
    const std::size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string out(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return out;
  }

  std::string_view text_;
};

/// The first line of the text that the file begins with.
std::string message_of(std::string_view text) {
  for (const std::string_view quote : {"\"\"\"", "'''"}) {
    const std::size_t begin = text.find(quote);
    if (begin == std::string_view::npos || !trim(text.substr(0, begin)).empty()) continue;
    const std::string_view rest = text.substr(begin + quote.size());
    return std::string(trim(rest.substr(0, std::min(rest.find(quote), rest.find('\n')))));
  }
  return {};
}

/// What is assigned to `name` at the beginning of a line, with or without a type.
std::optional<std::vector<std::string>> assigned(const SourceFile& file, std::string_view name) {
  std::optional<std::vector<std::string>> out;
  each_line(file.text, [&](const Line& line) {
    if (out || !line.text.starts_with(name)) return;
    const std::string_view rest = line.text.substr(name.size());
    const std::string_view behind = trim(rest);
    if (!behind.starts_with('=') && !behind.starts_with(':')) return;
    const std::size_t equals = line.text.find('=');
    if (equals == std::string_view::npos) return;
    out = PythonValue(std::string_view(file.text).substr(line.offset + equals + 1)).texts();
    if (out) return;
    throw Error(ErrorId::ForeignCode,
                fmt::format("{} is not a plain value here, and only Python could compute it", name))
        .at({file.path, line.number, 1});
  });
  return out;
}

/// Nothing for a file without a revision, such as env.py.
std::optional<Revision> revision_of(const SourceFile& file) {
  const auto id = assigned(file, "revision");
  if (!id || id->size() != 1) return std::nullopt;
  Revision out;
  out.file = &file;
  out.id = id->front();
  out.message = message_of(file.text);
  out.parents = assigned(file, "down_revision").value_or(std::vector<std::string>());
  out.depends_on = assigned(file, "depends_on").value_or(std::vector<std::string>());
  out.labels = assigned(file, "branch_labels").value_or(std::vector<std::string>());
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
  std::vector<Revision> revisions;
  for (const SourceFile& file : listing.aside) {
    if (!file.name.ends_with(".py")) continue;
    if (auto revision = revision_of(file)) revisions.push_back(*std::move(revision));
  }
  migration::SourceBuilder builder;
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
