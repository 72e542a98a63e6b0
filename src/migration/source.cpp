// The graph: every migration names its parents, and one without a name takes the one before it.
// What this environment leaves out is taken from the graph last, its children inheriting its
// parents, so that the rest has the same shape and order everywhere.
#include "migration/source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

#include "base/error.hpp"
#include "migration/source_builder.hpp"

namespace headway::migration {

Script held(const Script& script) {
  Script out = script;
  if (!script.large) return out;
  out.text = read_whole(*script.large);
  out.large = nullptr;
  out.outline = nullptr;
  if (checksum_of(out.text) != script.checksum) throw changed_meanwhile(script.path);
  return out;
}

Error changed_meanwhile(const std::string& path) {
  return Error(ErrorId::ChecksumMismatch,
               "the file was changed after it was checked, before it was run to its end; nothing "
               "of it was applied")
      .at({path, 0, 0})
      .next("Leave the files alone while they are applied, and run it again.");
}

const Migration* Source::find(const Version& version) const {
  const auto found = index_.find(version);
  return found == index_.end() ? nullptr : &migrations_[found->second];
}

bool Source::is_skipped(const Version& version) const {
  return std::ranges::find(skipped_, version, &Skipped::version) != skipped_.end();
}

std::vector<const Migration*> Source::with_ancestors(std::span<const Version> versions) const {
  std::vector<bool> wanted(migrations_.size());
  for (const Version& version : versions) {
    if (const auto found = index_.find(version); found != index_.end())
      wanted[found->second] = true;
  }
  // Parents stand before their children: one pass from the end reaches all of them.
  for (std::size_t i = migrations_.size(); i-- > 0;) {
    if (!wanted[i]) continue;
    for (const Version& parent : migrations_[i].parents) wanted[index_.at(parent)] = true;
  }
  std::vector<const Migration*> result;
  for (std::size_t i = 0; i < migrations_.size(); ++i) {
    if (wanted[i]) result.push_back(&migrations_[i]);
  }
  return result;
}

bool Source::is_ancestor(const Version& ancestor, const Version& of) const {
  const Migration* const wanted = find(ancestor);
  const Migration* const start = find(of);
  if (wanted == nullptr || start == nullptr || wanted == start) return false;
  const auto all = with_ancestors({&start->version, 1});
  return std::ranges::find(all, wanted) != all.end();
}

// ---- SourceBuilder ----

void SourceBuilder::add(Migration migration, std::optional<std::vector<Version>> after,
                        Presence presence) {
  if (!migration.down && only_comments(migration.up.text)) {
    // Nothing was done, so nothing is to be undone.
    migration.down.emplace();
    migration.down->path = migration.up.path;
    migration.down->checksum = checksum_of({});
  }
  migrations_.push_back(std::move(migration));
  entries_.push_back({std::move(after), presence == Presence::Present, {}, {}});
}

void SourceBuilder::reserve(std::size_t migrations) {
  migrations_.reserve(migrations);
  entries_.reserve(migrations);
}

void SourceBuilder::add(Repeatable repeatable) {
  source_.repeatables_.push_back(std::move(repeatable));
}

void SourceBuilder::add_summary(Version version) {
  const Version base{std::string(kBase)};
  source_.summaries_.push_back(
      {std::move(version), migrations_.empty() ? base : migrations_.back().version});
}

void SourceBuilder::warn(std::string warning) { source_.warnings_.push_back(std::move(warning)); }

void SourceBuilder::layout(std::string name, Habits habits) {
  source_.layout_ = std::move(name);
  source_.habits_ = habits;
}

void SourceBuilder::keeps_history_in(std::string table) {
  source_.history_table_ = std::move(table);
}

Source SourceBuilder::build() && {
  index_versions();
  link_parents();
  const std::vector<std::size_t> order = topological_order();

  // A parent comes before its children in `order`, so what an entry's place is taken by is known
  // when the entry is met.
  std::unordered_map<std::size_t, std::vector<std::size_t>> stand_ins;  // of those left out
  std::vector<std::size_t> kept;
  std::vector<bool> has_child(entries_.size());
  for (const std::size_t i : order) {
    std::vector<std::size_t> parents;
    const auto add_parent = [&parents](std::size_t real) {
      if (std::ranges::find(parents, real) == parents.end()) parents.push_back(real);
    };
    for (const std::size_t parent : entries_[i].parents) {
      if (entries_[parent].present) {
        add_parent(parent);
      } else {
        std::ranges::for_each(stand_ins[parent], add_parent);
      }
    }
    if (!entries_[i].present) {
      const Migration& left_out = migrations_[i];
      source_.skipped_.push_back({left_out.version, left_out.name, left_out.up.path});
      stand_ins[i] = std::move(parents);
      continue;
    }
    for (const std::size_t parent : parents) {
      has_child[parent] = true;
      migrations_[i].parents.push_back(migrations_[parent].version);
    }
    pass_by_contracts(i, parents);
    kept.push_back(i);
  }
  for (const std::size_t i : kept) {
    source_.index_.emplace(migrations_[i].version, source_.index_.size());
    if (!has_child[i]) source_.heads_.push_back(migrations_[i].version);
  }
  if (kept.size() == migrations_.size() && std::ranges::is_sorted(kept)) {
    source_.migrations_ = std::move(migrations_);  // nearly always: all of them as they stand
  } else {
    source_.migrations_.reserve(kept.size());
    for (const std::size_t i : kept) source_.migrations_.push_back(std::move(migrations_[i]));
  }

  std::ranges::sort(source_.repeatables_, {}, &Repeatable::name);
  const auto twin = std::ranges::adjacent_find(source_.repeatables_, {}, &Repeatable::name);
  if (twin != source_.repeatables_.end()) {
    throw Error(ErrorId::DuplicateName,
                fmt::format("the repeatable {} is there twice: {} and {}", twin->name,
                            twin->script.path, std::next(twin)->script.path));
  }
  return std::move(source_);
}

/// What the entry needs when contract migrations may be left pending; its parents went before it.
/// An expand entry goes past contract ones to the expand ones in front of them, and whatever
/// contract entry comes behind it needs what it went past.
void SourceBuilder::pass_by_contracts(std::size_t entry, const std::vector<std::size_t>& parents) {
  Entry& own = entries_[entry];
  const auto is_contract = [this](std::size_t i) {
    return migrations_[i].phase == Phase::Contract;
  };
  const bool contract = is_contract(entry);
  const bool waits = contract || own.after;
  std::vector<std::size_t> needs;
  std::vector<std::size_t> expands;
  std::vector<std::size_t> passed;
  const auto add = [](std::vector<std::size_t>& list, std::size_t i) {
    if (std::ranges::find(list, i) == list.end()) list.push_back(i);
  };
  for (const std::size_t parent : parents) {
    if (is_contract(parent)) {
      if (waits) add(needs, parent);
      if (!waits) add(passed, parent);
      for (const std::size_t i : entries_[parent].other_phase) add(expands, i);
    } else {
      add(needs, parent);
      add(expands, parent);
      for (const std::size_t i : entries_[parent].other_phase) add(passed, i);
    }
  }
  if (!waits) needs = expands;
  if (contract) {
    for (const std::size_t i : passed) add(needs, i);
  }
  own.other_phase = contract ? std::move(expands) : std::move(passed);
  if (needs == parents) return;
  migrations_[entry].needs.emplace();
  for (const std::size_t i : needs) {
    migrations_[entry].needs->push_back(migrations_[i].version);
  }
}

void SourceBuilder::index_versions() {
  index_.reserve(entries_.size());
  source_.index_.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto [other, fresh] = index_.try_emplace(migrations_[i].version, i);
    if (fresh) continue;
    const Migration& first = migrations_[other->second];
    const Migration& second = migrations_[i];
    throw Error(ErrorId::DuplicateVersion,
                fmt::format("{} and {} have the same version, {}", first.up.path, second.up.path,
                            second.version.text()))
        .version(second.version.text());
  }
}

void SourceBuilder::link_parents() {
  const Version base{std::string(kBase)};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (!entry.after) {
      if (i > 0) entry.parents = {i - 1};
      continue;
    }
    for (const Version& parent : *entry.after) {
      if (parent == base) continue;
      const auto found = index_.find(parent);
      if (found == index_.end()) {
        throw Error(ErrorId::UnknownParent,
                    fmt::format("{} follows {}, which is not in the source",
                                migrations_[i].version.text(), parent.text()))
            .at(directive_location(migrations_[i].up.text, migrations_[i].up.path, "after"))
            .version(migrations_[i].version.text());
      }
      entry.parents.push_back(found->second);
    }
  }
}

/// Kahn's algorithm; among those that are free the first in the layout's order goes first.
std::vector<std::size_t> SourceBuilder::topological_order() const {
  std::vector<std::size_t> order(entries_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto follows_its_parents = [this](std::size_t i) {
    return std::ranges::all_of(entries_[i].parents, [i](std::size_t parent) { return parent < i; });
  };
  // Nearly always the layout's order is one.
  if (std::ranges::all_of(order, follows_its_parents)) return order;
  std::vector<std::vector<std::size_t>> children(entries_.size());
  std::vector<std::size_t> open_parents(entries_.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    open_parents[i] = entries_[i].parents.size();
    if (open_parents[i] == 0) free.push(i);
    for (const std::size_t parent : entries_[i].parents) children[parent].push_back(i);
  }
  order.clear();
  while (!free.empty()) {
    const std::size_t next = free.top();
    free.pop();
    order.push_back(next);
    for (const std::size_t child : children[next]) {
      if (--open_parents[child] == 0) free.push(child);
    }
  }
  if (order.size() != entries_.size()) throw_cycle(open_parents);
  return order;
}

/// Whoever has an open parent hangs on a cycle or below one: going up for long enough ends in it.
void SourceBuilder::throw_cycle(const std::vector<std::size_t>& open_parents) const {
  const auto open_parent_of = [&](std::size_t i) {
    return *std::ranges::find_if(entries_[i].parents,
                                 [&](std::size_t parent) { return open_parents[parent] > 0; });
  };
  auto at = static_cast<std::size_t>(
      std::ranges::find_if(open_parents, [](std::size_t count) { return count > 0; }) -
      open_parents.begin());
  std::vector<bool> seen(entries_.size());
  while (!seen[at]) {
    seen[at] = true;
    at = open_parent_of(at);
  }
  std::vector<std::string> names;
  const Migration* blamed = nullptr;  // the one whose after= can be pointed at
  for (std::size_t i = at; names.empty() || i != at; i = open_parent_of(i)) {
    const Migration& migration = migrations_[i];
    names.push_back(fmt::format("{} ({})", migration.version.text(), migration.up.path));
    if (blamed == nullptr && entries_[i].after) blamed = &migration;
  }
  names.push_back(migrations_[at].version.text());
  throw Error(ErrorId::Cycle, fmt::format("these migrations follow each other in a circle: {}",
                                          fmt::join(names, " follows ")))
      .at(blamed == nullptr ? Location{}
                            : directive_location(blamed->up.text, blamed->up.path, "after"));
}

}  // namespace headway::migration
