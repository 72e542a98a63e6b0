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

}  // namespace

History::History(std::vector<HistoryRow> rows, std::vector<RepeatableRow> repeatables)
    : repeatables_(std::move(repeatables)) {
  const Version base{std::string(kBase)};
  index_.reserve(rows.size());
  std::unordered_map<Version, std::size_t, VersionHash> next;  // previous -> row
  next.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].version == base) throw corrupt(rows[i], "follows another row");
    if (!index_.try_emplace(rows[i].version, i).second) {
      throw corrupt(rows[i], "is there twice");
    }
    const auto [other, fresh] = next.try_emplace(rows[i].previous, i);
    if (!fresh) {
      throw corrupt(rows[i],
                    fmt::format("and the row {} both follow {}", rows[other->second].version.text(),
                                rows[i].previous.text()));
    }
  }

  std::vector<std::size_t> chain;
  chain.reserve(rows.size());
  std::vector<bool> placed(rows.size());
  for (auto at = next.find(base); at != next.end(); at = next.find(rows[chain.back()].version)) {
    chain.push_back(at->second);
    placed[at->second] = true;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (placed[i]) continue;
    throw corrupt(rows[i],
                  fmt::format("follows {}, which does not lead back to base",
                              rows[i].previous.empty() ? "nothing" : rows[i].previous.text()));
  }

  rows_.reserve(rows.size());
  for (const std::size_t i : chain) {
    index_[rows[i].version] = rows_.size();
    rows_.push_back(std::move(rows[i]));
  }
}

const HistoryRow* History::find(const Version& version) const {
  const auto found = index_.find(version);
  return found == index_.end() ? nullptr : &rows_[found->second];
}

Version History::last() const {
  return rows_.empty() ? Version{std::string(kBase)} : rows_.back().version;
}

}  // namespace headway::migration
