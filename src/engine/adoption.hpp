// Taking over what another tool has applied: its table is read, checked, and told in rows of our
// own history; the table itself is left as it is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/stopping.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

/// What another tool has applied to a database that Headway has not touched yet.
struct Adoptable {
  formats::ForeignTable table;
  migration::History history;  ///< as it would be; never empty
};

/// The table that --foreign-table names, or the one that fits.  Throws what formats::table_of()
/// throws.
/// `another`: where to put one that another tool keeps, if none fits.
[[nodiscard]] std::optional<formats::ForeignTable> find_foreign_table(
    Connection& connection, const migration::Source& source, const AdoptSettings& settings,
    std::optional<formats::ForeignTable>* another = nullptr);
/// Looks for it; nothing if there is none.  Throws what formats::table_of() and applied_of() throw.
[[nodiscard]] std::optional<Adoptable> find_adoptable(Connection& connection,
                                                      const migration::Source& source,
                                                      const AdoptSettings& settings);
/// Makes the plan of a run that has something to take over first.
class Adoption {
 public:
  /// All outlive this.
  Adoption(Context& context, const migration::Source& source, const Stopping& stopping)
      : context_(context), source_(source), stopping_(stopping) {}

  struct Adopting {
    migration::Plan plan;
    migration::History history;  ///< as it will be
  };
  /// Nothing: there is nothing to take over.  Under our own lock it takes the other tool's as well,
  /// and keeps it until the history is no longer empty, or the connection ends.  Throws Error
  /// NothingToAdopt if it is required, LockBusy if the other tool is at work.
  [[nodiscard]] std::optional<Adopting> plan(Connection& connection,
                                             const HistorySnapshot& snapshot, bool locked);

  /// For a command that takes nothing over: warns if there is something.
  void report_left_alone(Connection& connection);

  /// Makes the tool's own table, empty, if a migration of the plan may name it and it is not there:
  /// with the tool itself it always is.
  void provide_table(Connection& connection, const migration::Plan& plan) const;

 private:
  void lock(Connection& connection, const formats::ForeignTable& table);
  void release(Connection& connection);
  void warn_of_unrelated(bool locked, const std::string& message);
  void report_later_rows(Connection& connection, const HistorySnapshot& snapshot);

  Context& context_;
  const migration::Source& source_;
  const Stopping& stopping_;
  std::optional<int> locked_on_;  // backend
  std::vector<std::int64_t> held_;
  bool told_ = false;
};

}  // namespace headway::engine
