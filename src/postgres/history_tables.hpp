// The tables themselves: which of them are there, and making what is missing.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "postgres/table_names.hpp"
#include "postgres/wire.hpp"

namespace headway::postgres {

/// What one look at the catalogue tells.
struct TablesFound {
  bool schema = false;
  bool history = false;
  bool repeatable = false;
  bool events = false;
  bool layout = false;
  bool columns_complete = true;    ///< of the tables that are there
  bool history_readable = true;    ///< what there is has every column that this version reads
  bool repeatable_granted = true;  ///< our role may read it
  bool layout_granted = true;
  bool base_row = true;          ///< known only after a look into the tables
  bool content_checked = false;  ///< layout and base row were looked at
  std::string owner;             ///< of the history
  bool owner_is_ours = true;     ///< our role is the owner or a member of it

  [[nodiscard]] bool readable() const noexcept {
    return history_readable && repeatable_granted && layout_granted;
  }
  [[nodiscard]] bool complete() const noexcept {
    return history && repeatable && events && layout && columns_complete && base_row;
  }
};

/// Reads the result of lookup_tables.sql.
[[nodiscard]] TablesFound tables_found(const PGresult* lookup, const TableNames& names);

class HistoryTables {
 public:
  /// Whose transaction the tables are made in: one of their own, which is committed, or the open
  /// one.
  enum class In { OwnTransaction, OpenTransaction };

  /// `transaction_settings`: what a transaction of ours begins with; may be empty.
  HistoryTables(Wire& wire, const TableNames& names, std::vector<std::string> readers,
                std::string transaction_settings)
      : wire_(wire),
        names_(names),
        readers_(std::move(readers)),
        transaction_settings_(std::move(transaction_settings)) {}

  [[nodiscard]] TablesFound look_up();
  /// Creates or completes; throws UnsafeHistory, UnsupportedLayout, PermissionDenied.  `found`: by
  /// a look since which nothing was done.  When something was created, `more` is asked in the same
  /// round trip, and the answers are returned; otherwise nothing.
  [[nodiscard]] std::vector<ResultPtr> ensure(TablesFound found, const std::string& role,
                                              const std::string& database, const Batch& more,
                                              In where = In::OwnTransaction);

 private:
  /// Returns the answers to lookup_tables.sql and to `more`.
  [[nodiscard]] std::vector<ResultPtr> create(const TablesFound& found, const Batch& more,
                                              In where);
  [[noreturn]] void explain_denied(const Error& error, const TablesFound& found,
                                   const std::string& role, const std::string& database) const;
  void check_content(TablesFound& found);
  void grant_readers();

  Wire& wire_;
  const TableNames& names_;
  std::vector<std::string> readers_;
  std::string transaction_settings_;
};

/// Throws Error UnsupportedLayout if `number` is newer than this version's.
void require_layout(int number, const TableNames& names);

}  // namespace headway::postgres
