#include "engine/batch_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "sql/batch_statement.hpp"
#include "sql/normalize.hpp"
#include "sql/position.hpp"

namespace headway::engine {
namespace {

using Kind = sql::BatchStatement::Kind;

/// After so many ranges in which nothing gave way the next one may be larger again.
constexpr std::size_t kSmoothRanges = 8;
/// The snapshot is the transaction's, not the statement's.
constexpr std::string_view kOneSnapshot = "ISOLATION LEVEL REPEATABLE READ";

}  // namespace

BatchRun::BatchRun(Workplace& place, const Work& work, std::size_t index,
                   migration::BatchProgress& progress, WriteJournal write_journal)
    : place_(place),
      work_(work),
      index_(index),
      progress_(progress),
      write_journal_(std::move(write_journal)),
      throttle_(place),
      size_(statement().batch->size),
      since_(place.context.clock.steady()),
      rows_before_(progress.rows) {}

void BatchRun::find_table() {
  const migration::Batch& batch = *statement().batch;
  const sql::BatchStatement words = sql::batch_statement(statement().text);
  table_ = place_.connection.find_batch_table(batch, words.target);
  const auto refused = [&](std::string message, const Location& where) {
    return Error(ErrorId::BatchKey, std::move(message))
        .at(where)
        .statement(sql::normalize(statement().text));
  };
  if (!table_.problem.empty()) throw refused(table_.problem, batch.key_at);
  if (table_.is_target && words.kind == Kind::Insert) {
    throw refused(fmt::format("this batch adds rows to {}, the table that its ranges are cut from, "
                              "so that it might meet what it has added",
                              table_.table),
                  batch.table_at)
        .next("Add them in a migration without a batch, or to another table first.");
  }
  counts_ = table_.is_target && (words.kind == Kind::Update || words.kind == Kind::Delete);
}

/// Runs it as it is for the range.  An error speaks of the statement as it is written.
std::uint64_t BatchRun::run_for(const BatchRange& range) {
  const auto literal = [this](const std::string& key) {
    return fmt::format("CAST({} AS {})", sql::quote_literal(key), table_.type);
  };
  const PreparedStatement& written = statement();
  const std::string first = literal(range.first);
  const std::string last = literal(range.last);
  const std::string text = sql::with_range(written.text, first, last);
  PreparedStatement one = written;
  one.text = text;
  one.ends_text = true;
  try {
    return place_.connection.run(one, work_.script->path);
  } catch (const Error& error) {
    ErrorInfo info = error.info();
    if (!info.statement.empty()) info.statement = sql::normalize(written.text);
    sql::PositionTracker there(text, written.position);
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
      const sql::Position at = there.at(offset);
      if (at.line != info.where.line || at.column != info.where.column) continue;
      const sql::Position here = sql::PositionTracker(written.text, written.position)
                                     .at(sql::offset_as_written(written.text, first, last, offset));
      info.where.line = here.line;
      info.where.column = here.column;
      break;
    }
    throw Error(std::move(info));
  }
}

void BatchRun::run_statement(const BatchRange& range) {
  const std::uint64_t touched = run_for(range);
  if (counts_ && touched > range.rows) {
    throw Error(ErrorId::BatchOverrun,
                fmt::format("the statement touched {} rows for a range of keys that holds {}",
                            touched, range.rows))
        .at({work_.script->path, statement().position.line, statement().position.column})
        .statement(sql::normalize(statement().text));
  }
  migration::BatchProgress next = progress_;
  ++next.ranges;
  next.rows += range.rows;
  next.touched += touched;
  next.last_key = range.last;
  write_journal_(next);
  progress_ = std::move(next);
}

/// One range in a transaction; false: there is none left, and the statement is finished.
bool BatchRun::try_range() {
  bool more = false;
  const migration::BatchProgress before = progress_;
  try {
    in_transaction(place_, one_snapshot_ ? kOneSnapshot : std::string_view{}, [&] {
      std::optional<std::string> after;
      if (progress_.ranges > 0) after = progress_.last_key;
      if (!until_) until_ = place_.connection.last_key(table_);
      const auto range =
          until_ ? place_.connection.next_range(table_, after, *until_, size_) : std::nullopt;
      more = range.has_value();
      if (range) {
        run_statement(*range);
      } else {
        write_journal_(std::nullopt);
      }
    });
  } catch (const Error&) {
    progress_ = before;
    throw;
  }
  return more;
}

bool BatchRun::run_range() {
  bool more = false;
  int attempts = 0;
  with_lock_retries(place_, [&] {
    if (attempts++ > 0) {
      size_ = std::max<std::size_t>(1, size_ / 2);
      smooth_ = 0;
    }
    more = try_range();
  });
  if (++smooth_ >= kSmoothRanges) {
    size_ = std::min(size_ * 2, statement().batch->size);
    smooth_ = 0;
  }
  return more;
}

/// Between two ranges, when nothing is locked.
void BatchRun::rest(Milliseconds range_took) {
  const Milliseconds for_others = throttle_.pause_for_others(range_took);
  if (for_others > Milliseconds::zero()) {
    size_ = std::max<std::size_t>(1, size_ / 2);
    smooth_ = 0;
  }
  const Milliseconds pause = std::max(statement().batch->pause, for_others);
  if (pause > Milliseconds::zero()) place_.context.clock.sleep(pause, place_.stopping.now());
}

void BatchRun::run() {
  Clock& clock = place_.context.clock;
  find_table();
  for (;;) {
    place_.stopping.check_now("the next range of keys was not begun");
    throttle_.wait_for_replicas([this](const std::string& waiting) { tell(waiting); });
    const auto begun = clock.steady();
    try {
      if (!run_range()) break;
      one_snapshot_ = false;
    } catch (const Error& error) {
      // Rows may have come into the range after it was looked for; then they have not, and it is
      // looked for and run as of one moment.
      if (error.id() != ErrorId::BatchOverrun || one_snapshot_) throw;
      one_snapshot_ = true;
      continue;
    }
    tell({});
    rest(std::chrono::duration_cast<Milliseconds>(clock.steady() - begun));
  }
  place_.attendance.progress(std::nullopt);
  BatchReport report{*statement().batch, index_, progress_, {}};
  report.duration = std::chrono::duration_cast<Microseconds>(clock.steady() - since_);
  place_.context.observer.batch_finished(work_.info, report);
}

void BatchRun::tell(const std::string& waiting) {
  CommandProgress progress;
  progress.command = "batch on " + table_.table;
  progress.phase = fmt::format("{} rows", progress_.rows);
  if (table_.rows) {
    const std::uint64_t about = std::max(*table_.rows, progress_.rows);
    progress.phase += fmt::format(" of about {}", about);
    progress.ratio = static_cast<double>(progress_.rows) / static_cast<double>(about);
  }
  const std::chrono::duration<double> elapsed = place_.context.clock.steady() - since_;
  if (elapsed.count() > 0) {
    progress.phase += fmt::format(
        ", {:.0f} rows/s", static_cast<double>(progress_.rows - rows_before_) / elapsed.count());
  }
  if (!waiting.empty()) progress.phase += ", " + waiting;
  place_.attendance.progress(std::move(progress));
}

}  // namespace headway::engine
