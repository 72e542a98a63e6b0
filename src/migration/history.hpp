// What has been applied to a database: the rows of headway.history and headway.repeatable as
// values.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "migration/batch.hpp"
#include "migration/checksum.hpp"
#include "migration/version.hpp"

namespace headway::migration {

enum class RowKind { Migration, Baseline, Adopted };
enum class RowState { Applied, Running, Failed };

struct HistoryRow {
  Version version;
  Version previous;  ///< the row applied before this one; "base" for the first
  std::string name;
  Checksum checksum;
  RowKind kind = RowKind::Migration;
  RowState state = RowState::Applied;
  int attempt = 1;
  std::vector<std::string> journal;  ///< hashes of finished statements, non-transactional ones only
  std::optional<BatchProgress> batch;  ///< of the statement behind them, if it is one half done
  bool has_down = false;               ///< down SQL is stored; it is read only when needed
  Checksum down_checksum;
  bool irreversible = false;  ///< set if the directive was given when it was applied
  std::string run_id;         ///< uuid
  Timestamp applied_at{};
  std::optional<Microseconds> duration;
  std::string applied_by;
  std::string applied_from;
  std::string headway_version;
};

/// Takes a journal as it is stored: the hashes, and how far a batch behind them has come.
void set_journal(HistoryRow& row, std::vector<std::string> stored);

struct RepeatableRow {
  std::string name;
  Checksum checksum;
  bool current = false;  ///< exactly one row per name is
  Timestamp applied_at{};
  std::optional<Microseconds> duration;
  std::string run_id;
};

/// The chain in the order of application, without the base row.
class History {
 public:
  History() = default;
  /// Orders rows along `previous`.  Throws Error HistoryCorrupt if they are not one chain from
  /// base.
  History(std::vector<HistoryRow> rows, std::vector<RepeatableRow> repeatables);

  [[nodiscard]] const std::vector<HistoryRow>& rows() const noexcept { return rows_; }
  [[nodiscard]] const std::vector<RepeatableRow>& repeatables() const noexcept {
    return repeatables_;
  }
  [[nodiscard]] const HistoryRow* find(const Version& version) const;
  /// The last row's version, "base" if there is none: what the next row names as `previous`.
  [[nodiscard]] Version last() const;
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

 private:
  [[nodiscard]] bool is_chain() const;
  void order();

  std::vector<HistoryRow> rows_;
  std::vector<RepeatableRow> repeatables_;
  std::unordered_map<Version, std::size_t, VersionHash> index_;
};

}  // namespace headway::migration
