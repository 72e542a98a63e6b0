// Turns migrations as a layout brings them into a Source: closes the graph, leaves out what this
// environment does not want, and orders what is left.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "migration/source.hpp"

namespace headway::migration {

class SourceBuilder {
 public:
  enum class Presence { Present, Skipped };

  /// Adds a migration; the order of calls is the order of the layout.  `after`: what it follows;
  /// nothing: the one added before it; empty: base.  `migration.parents` is filled in by build().
  void add(Migration migration, std::optional<std::vector<Version>> after,
           Presence presence = Presence::Present);
  void add(Repeatable repeatable);
  /// It sums up what was added so far.
  void add_summary(Version version);
  void layout(std::string name, Habits habits);
  /// For Source::history_table().
  void keeps_history_in(std::string table);
  /// How many migrations to expect.
  void reserve(std::size_t migrations);
  void warn(std::string warning);

  /// Throws Error DuplicateVersion, DuplicateName, UnknownParent, Cycle.
  [[nodiscard]] Source build() &&;

 private:
  /// What the graph says of the migration at the same index.
  struct Entry {
    std::optional<std::vector<Version>> after;
    bool present = true;
    std::vector<std::size_t> parents;  ///< indices of entries
    /// Of a contract one the expand ones that stand directly in front of it, of an expand one the
    /// contract ones that it does not wait for.
    std::vector<std::size_t> other_phase;
  };

  void index_versions();
  void link_parents();
  [[nodiscard]] std::vector<std::size_t> topological_order() const;
  void pass_by_contracts(std::size_t entry, const std::vector<std::size_t>& parents);
  [[noreturn]] void throw_cycle(const std::vector<std::size_t>& open_parents) const;

  std::vector<Migration> migrations_;
  std::vector<Entry> entries_;
  std::unordered_map<Version, std::size_t, VersionHash> index_;
  Source source_;
};

}  // namespace headway::migration
