// Runs a batch: its statement for one range of keys after the other, each in a transaction that
// also says in the journal where the range ended.  So a range is either done and known to be, or
// never was.
//
// A range holds the rows that follow the last one by their key, as many as the batch's size at
// most.  The end is the largest key that there was when the run came to the batch: an application
// that goes on adding rows behind it can't keep the batch from ending.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "engine/batch_throttle.hpp"
#include "engine/executor.hpp"
#include "migration/batch.hpp"

namespace headway::engine {

class BatchRun {
 public:
  /// Writes the journal in the transaction that is open: how far the batch has come, or, with
  /// nothing, that the statement is finished.
  using WriteJournal = std::function<void(const std::optional<migration::BatchProgress>&)>;

  /// `progress` is what the journal said, and is kept up with it.  All outlive this.
  BatchRun(Workplace& place, const Work& work, std::size_t index,
           migration::BatchProgress& progress, WriteJournal write_journal);

  /// Throws Error: BatchKey, BatchOverrun, or what a statement may throw; the ranges that are
  /// committed stay.
  void run();

 private:
  [[nodiscard]] const PreparedStatement& statement() const {
    return work_.script->statements[index_];
  }
  void find_table();
  bool run_range();
  bool try_range();
  std::uint64_t run_for(const BatchRange& range);
  void run_statement(const BatchRange& range);
  void rest(Milliseconds range_took);
  void tell(const std::string& waiting);

  Workplace& place_;
  const Work& work_;
  const std::size_t index_;
  migration::BatchProgress& progress_;
  WriteJournal write_journal_;
  BatchThrottle throttle_;
  BatchTable table_;
  std::optional<std::string> until_;  // the last key that there was
  bool counts_ = false;               // its rows are the table's, each once at most
  bool one_snapshot_ = false;         // the range's rows are counted as the statement sees them
  std::size_t size_;                  // of the next range
  std::size_t smooth_ = 0;            // ranges since one gave way
  Clock::Steady since_;
  std::uint64_t rows_before_;  // of earlier runs
};

}  // namespace headway::engine
