#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "cli/alembic.hpp"
#include "cli/commands/commands.hpp"
#include "cli/directory_lock.hpp"
#include "cli/json.hpp"
#include "cli/new_revision.hpp"
#include "cli/runtime.hpp"
#include "files/directory.hpp"

namespace headway::cli::commands {
namespace {

using formats::AlembicRevision;

void refuse_others(const Settings& settings) {
  static constexpr std::string_view kAlembic = formats::format_info(formats::Format::Alembic).id;
  if (settings.target == kAlembic) return;
  for (const formats::FormatInfo& info : formats::kFormats) {
    if (info.id != settings.target) continue;
    if (info.refusal.empty()) {
      throw Error(ErrorId::BadFlag, fmt::format("{} needs no import", info.title))
          .next(fmt::format("Its files are read as they are: headway validate "
                            "--migrations=DIRECTORY --format={}",
                            info.id));
    }
    throw Error(ErrorId::ForeignFormat,
                fmt::format("{} can't be imported: {}", info.title, info.refusal));
  }
  throw Error(ErrorId::BadFlag, fmt::format("`headway import` does not know the tool {}; it "
                                            "imports from alembic",
                                            settings.target));
}

/// What the directory holds so far, from an earlier import or by hand.
migration::Source present_in(const Settings& settings, const std::string& directory) {
  Settings reading = settings;
  reading.allow_empty = true;
  LoadedSource loaded = load_source_and_format(reading);
  if (loaded.detection.format == formats::Format::Headway) return std::move(loaded.source);
  throw Error(
      ErrorId::BadConfiguration,
      fmt::format("{} holds files of {}: {}", directory,
                  formats::format_info(loaded.detection.format).title, loaded.detection.because))
      .next("Name another directory with --migrations; it is made if it is not there.");
}

struct NewFile {
  std::string path;
  std::string text;
};
struct Imported {
  std::string version;
  std::string up;
  std::string down;  ///< empty: none
};

/// What is to be written, made as a whole before the first file is.
class Import {
 public:
  explicit Import(const Settings& settings) : settings_(settings) {}

  void add(const AlembicRevision& revision, const PrintedRevision& printed,
           const std::string& stem) {
    Imported& one = imported_.emplace_back(Imported{revision.id, stem + ".sql", ""});
    if (!printed.up_problem.empty()) {
      unprintable_.push_back(fmt::format("{} ({})", revision.id, printed.up_problem));
      files_.push_back({one.up, formats::imported_refusal(revision, printed.up_problem)});
    } else {
      files_.push_back({one.up, formats::imported_up(revision, printed.up)});
      warn_of(revision, printed.up, one.up);
    }
    if (settings_.no_down) return;
    if (!printed.down_problem.empty()) {
      warnings_.push_back(fmt::format("{} has no way back: {}", revision.id, printed.down_problem));
      return;
    }
    one.down = stem + ".down.sql";
    files_.push_back({one.down, formats::imported_down(revision, printed.down)});
    warn_of(revision, printed.down, one.down);
  }

  /// Throws Error ForeignCode if something is missing that the user has not waived.
  void complete() {
    if (unprintable_.empty()) return;
    if (settings_.skip_foreign_code) {
      for (const std::string& one : unprintable_)
        warnings_.push_back(fmt::format("{}: to be written by hand, and fails until then", one));
      return;
    }
    static constexpr std::size_t kShown = 5;
    const std::size_t shown = std::min(unprintable_.size(), kShown);
    throw Error(
        ErrorId::ForeignCode,
        fmt::format("Alembic can't print {} as SQL: {}{}",
                    count_of(unprintable_.size(), "revision"),
                    fmt::join(unprintable_.begin(),
                              unprintable_.begin() + static_cast<std::ptrdiff_t>(shown), "; "),
                    shown < unprintable_.size() ? " ..." : ""))
        .next(
            "Let these run with --sql, without a connection; or pass --skip-foreign-code, which "
            "makes a file of each that is to be written by hand. Nothing was written.");
  }

  /// All of them or none.
  void write() const {
    std::size_t written = 0;
    try {
      for (; written < files_.size(); ++written)
        files::write_new_file(files_[written].path, files_[written].text);
    } catch (...) {
      for (std::size_t i = 0; i < written; ++i) ::unlink(files_[i].path.c_str());
      throw;
    }
  }

  [[nodiscard]] const std::vector<Imported>& imported() const { return imported_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void warn_of(const AlembicRevision& revision, const formats::AlembicScript& script,
               const std::string& path) {
    if (script.commits) {
      warnings_.push_back(fmt::format(
          "{}: {} commits in its middle, as autocommit_block() does, and runs outside a "
          "transaction, statement by statement",
          path, revision.id));
    }
    if (script.doubled_percent) {
      warnings_.push_back(
          fmt::format("{}: there is %% in it; if % is meant, give context.configure() in env.py "
                      "dialect_opts={{\"paramstyle\": \"named\"}}",
                      path));
    }
  }

  const Settings& settings_;
  std::vector<NewFile> files_;
  std::vector<Imported> imported_;
  std::vector<std::string> unprintable_;
  std::vector<std::string> warnings_;
};

void tell(const Invocation& invocation, const Import& made, std::size_t present) {
  if (invocation.json()) {
    boost::json::array rows;
    for (const Imported& one : made.imported()) {
      boost::json::object& row =
          rows.emplace_back(boost::json::object{{"version", one.version}, {"up", one.up}})
              .get_object();
      row["down"] = one.down.empty() ? boost::json::value(nullptr) : boost::json::value(one.down);
    }
    print(json_line({{"imported", std::move(rows)}, {"present", present}}));
    return;
  }
  for (const Imported& one : made.imported()) {
    print(one.up + '\n');
    if (!one.down.empty()) print(one.down + '\n');
  }
  if (made.imported().empty())
    print(fmt::format("Nothing to import: {} there already.\n", count_of(present, "revision")));
}

}  // namespace

int import_from(const Invocation& invocation) {
  const Settings& settings = invocation.settings;
  refuse_others(settings);
  print_warnings(invocation, "configuration", invocation.warnings);
  const std::string directory = source_directory(settings);
  std::signal(SIGCHLD, SIG_DFL);  // elsewhere nobody waits for a child
  const Alembic alembic(settings.alembic);
  std::vector<AlembicRevision> revisions = alembic.revisions();
  make_directory(directory);
  const DirectoryLock lock(directory);
  const migration::Source source = present_in(settings, directory);
  const std::size_t present = std::erase_if(revisions, [&source](const AlembicRevision& revision) {
    const migration::Version version(revision.id);
    return source.find(version) != nullptr || source.is_skipped(version);
  });

  const bool live = invocation.err_is_terminal && !invocation.logs_json();
  const auto printed = alembic.print(revisions, !settings.no_down, [&](std::size_t through) {
    if (live) print_error(fmt::format("\ralembic: {} of {}", through, revisions.size()));
  });
  if (live && !revisions.empty()) print_error("\n");

  Import made(settings);
  migration::Version number = next_version(source, Numbering::Sequential, {});
  for (std::size_t i = 0; i < revisions.size(); ++i) {
    const std::string slug = slug_of(revisions[i].message);
    const std::string name =
        fmt::format("{}_{}", number.text(), slug.empty() ? slug_of(revisions[i].id) : slug);
    made.add(revisions[i], printed[i], (std::filesystem::path(directory) / name).string());
    number = number_after(number);
  }
  made.complete();
  made.write();
  print_warnings(invocation, "import", made.warnings());
  tell(invocation, made, present);
  return 0;
}

}  // namespace headway::cli::commands
