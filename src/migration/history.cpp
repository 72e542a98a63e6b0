// The rows of headway.history are a linked list: each names the one applied before it.  The table's
// constraints keep it one chain; a history that is not was changed by hand, or not by us.
#include "migration/history.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace headway::migration {
namespace {

Error corrupt(const HistoryRow& row, std::string_view what) {
  return Error(ErrorId::HistoryCorrupt,
               fmt::format("the history's row {} {}", row.version.text(), what))
      .version(row.version.text());
}

/// In place: rows[i] becomes what was rows[order[i]], round by round of those that trade places.
void put_in_order(std::vector<HistoryRow>& rows, std::vector<std::size_t> order) {
  for (std::size_t begin = 0; begin < rows.size(); ++begin) {
    if (order[begin] == begin) continue;
    HistoryRow first = std::move(rows[begin]);
    std::size_t to = begin;
    for (; order[to] != begin; to = std::exchange(order[to], to)) {
      rows[to] = std::move(rows[order[to]]);
    }
    rows[to] = std::move(first);
    order[to] = to;
  }
}

}  // namespace

void set_journal(HistoryRow& row, std::vector<std::string> stored) {
  row.batch.reset();
  if (!stored.empty()) row.batch = batch_progress(stored.back());
  if (row.batch) stored.pop_back();
  row.journal = std::move(stored);
}

History::History(std::vector<HistoryRow> rows, std::vector<RepeatableRow> repeatables)
    : rows_(std::move(rows)), repeatables_(std::move(repeatables)) {
  // The server hands them out as they were written, nearly always in the order of the chain.
  if (!is_chain()) order();
  index_.reserve(rows_.size());
  const Version base{std::string(kBase)};
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].version == base) throw corrupt(rows_[i], "follows another row");
    if (!index_.try_emplace(rows_[i].version, i).second) throw corrupt(rows_[i], "is there twice");
  }
}

bool History::is_chain() const {
  const Version base{std::string(kBase)};
  const Version* last = &base;
  for (const HistoryRow& row : rows_) {
    if (row.previous != *last) return false;
    last = &row.version;
  }
  return true;
}

void History::order() {
  const Version base{std::string(kBase)};
  std::unordered_map<Version, std::size_t, VersionHash> next;  // previous -> row
  next.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto [other, fresh] = next.try_emplace(rows_[i].previous, i);
    if (fresh) continue;
    throw corrupt(rows_[i],
                  fmt::format("and the row {} both follow {}", rows_[other->second].version.text(),
                              rows_[i].previous.text()));
  }
  std::vector<std::size_t> chain;
  chain.reserve(rows_.size());
  std::vector<bool> placed(rows_.size());
  for (auto at = next.find(base); at != next.end() && !placed[at->second];
       at = next.find(rows_[chain.back()].version)) {
    placed[at->second] = true;
    chain.push_back(at->second);
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (placed[i]) continue;
    throw corrupt(rows_[i],
                  fmt::format("follows {}, which does not lead back to base",
                              rows_[i].previous.empty() ? "nothing" : rows_[i].previous.text()));
  }
  put_in_order(rows_, std::move(chain));
}

const HistoryRow* History::find(const Version& version) const {
  const auto found = index_.find(version);
  return found == index_.end() ? nullptr : &rows_[found->second];
}

Version History::last() const {
  return rows_.empty() ? Version{std::string(kBase)} : rows_.back().version;
}

}  // namespace headway::migration
