// A Source is the whole set of migrations as one value: checked, ordered, its graph closed.
//
// Building it is pure: an adapter reads the directory and hands over names and texts.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "migration/checksum.hpp"
#include "migration/directives.hpp"
#include "migration/habits.hpp"
#include "migration/large_text.hpp"
#include "migration/version.hpp"

namespace headway::migration {

/// A file as an adapter found it.  `name` is the path below the source's directory, `path` what
/// messages show.
struct SourceFile {
  std::string name;
  std::string path;
  std::string text;                                  ///< empty where there is `large`
  std::shared_ptr<const LargeText> large = nullptr;  ///< of a file that is too large to be held
  /// Its bytes, where `text` was made plain and they are needed; else null.
  std::shared_ptr<const std::string> bytes = nullptr;
};

/// One script of a migration: its text without BOM, with LF ends.
struct Script {
  std::string path;  ///< for messages
  std::string text;
  Checksum checksum;
  FileRole role = FileRole::Up;
  Transaction transaction = Transaction::Each;
  std::optional<std::chrono::milliseconds> lock_timeout;
  std::optional<std::chrono::milliseconds> statement_timeout;
  /// Where it is not null, `text` is empty, and `outline` tells what it holds.
  std::shared_ptr<const LargeText> large = nullptr;
  std::shared_ptr<const Outline> outline = nullptr;
  /// What the file holds, where `text` is something else: another tool's placeholders are replaced.
  std::shared_ptr<const std::string> original = nullptr;
  /// Why this can't be run by anybody but its own tool; throws when it is prepared.
  std::shared_ptr<const ErrorInfo> refusal = nullptr;
};

/// The same with its text in memory.  Throws Error ChecksumMismatch if the file was changed.
[[nodiscard]] Script held(const Script& script);
/// "the file changed ..."
[[nodiscard]] Error changed_meanwhile(const std::string& path);

struct Migration {
  Version version;
  std::string name;  ///< "create_metrics"
  Script up;
  std::optional<Script> down;    ///< of an up without a statement: empty, with the path of `up`
  std::vector<Version> parents;  ///< empty: the parent is base
  Phase phase = Phase::Expand;
  bool irreversible = false;
  std::string tool_checksum;  ///< of a tool whose checksums hang together; else empty
  /// If others than its parents: see needed().
  std::optional<std::vector<Version>> needs;

  /// What must be applied before it: its parents.  But an expand migration without after= does not
  /// wait for contract ones; it needs the expand ones in front of them.  What it does not wait for
  /// the next contract one does.
  [[nodiscard]] const std::vector<Version>& needed() const noexcept {
    return needs ? *needs : parents;
  }
};

struct Repeatable {
  std::string name;  ///< "views", from R__views.sql
  Script script;
};

/// A migration that `environments=` keeps out of this environment.
struct Skipped {
  Version version;
  std::string name;
  std::string path;
};

/// A file that sums up all in front of it and is left aside, as its tool does where those have run.
struct Summary {
  Version version;
  Version last;  ///< of those that it sums up; base: none
};

class Source {
 public:
  /// In an order in which every migration comes after its parents; among those free, by order of
  /// version.
  [[nodiscard]] const std::vector<Migration>& migrations() const noexcept { return migrations_; }
  /// By name.
  [[nodiscard]] const std::vector<Repeatable>& repeatables() const noexcept { return repeatables_; }
  [[nodiscard]] const std::vector<Skipped>& skipped() const noexcept { return skipped_; }
  [[nodiscard]] const std::vector<Summary>& summaries() const noexcept { return summaries_; }
  /// Things worth a warning, ready to print: files left aside, files without a statement are not
  /// known here.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  [[nodiscard]] const std::vector<Version>& heads() const noexcept { return heads_; }
  /// Whose directory it was: "headway", "goose" ...
  [[nodiscard]] const std::string& layout() const noexcept { return layout_; }
  [[nodiscard]] Habits habits() const noexcept { return habits_; }
  /// "table" or "schema.table" where its tool was told to keep its history; empty: not told here.
  [[nodiscard]] const std::string& history_table() const noexcept { return history_table_; }

  /// Null if the source has no such migration.
  [[nodiscard]] const Migration* find(const Version& version) const;
  [[nodiscard]] bool is_skipped(const Version& version) const;
  /// The migration and everything it depends on, in the order of migrations().
  [[nodiscard]] std::vector<const Migration*> with_ancestors(
      std::span<const Version> versions) const;
  [[nodiscard]] bool is_ancestor(const Version& ancestor, const Version& of) const;

 private:
  friend class SourceBuilder;
  std::vector<Migration> migrations_;
  std::vector<Repeatable> repeatables_;
  std::vector<Skipped> skipped_;
  std::vector<Summary> summaries_;
  std::vector<std::string> warnings_;
  std::vector<Version> heads_;
  std::string layout_ = "headway";
  Habits habits_;
  std::string history_table_;
  std::unordered_map<Version, std::size_t, VersionHash> index_;
};

/// Builds a source from files in the native layout (design, section 4).  Throws Error (kind
/// BadSource) for the first thing that is wrong.  `environment` decides what `environments=` keeps
/// out.  Large files are held where there is no `examine`, and where they are a way back or run
/// outside a transaction.
[[nodiscard]] Source build_native_source(std::vector<SourceFile> files,
                                         std::string_view environment, const Examine& examine = {});

}  // namespace headway::migration
