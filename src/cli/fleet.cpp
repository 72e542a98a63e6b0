#include "cli/fleet.hpp"

#include <cstdint>
#include <functional>
#include <map>

#include "base/sha256.hpp"

namespace headway::cli {

std::size_t shard_of(std::string_view name, std::size_t count) {
  const Sha256Digest digest = sha256(name);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = (number << 8U) | digest[i];
  return static_cast<std::size_t>(number % count);
}

FleetReport::Counts FleetReport::counts() const {
  Counts out;
  for (const TargetResult& result : results) {
    ++out.total;
    switch (result.state) {
      case TargetResult::State::NotStarted: ++out.not_started; break;
      case TargetResult::State::Ok: ++out.ok; break;
      case TargetResult::State::Failed: ++out.failed; break;
    }
    if (result.done > 0) ++out.changed;
    out.done += result.done;
    if (!result.steps.empty()) ++out.pending;
  }
  return out;
}

migration::Plan FleetReport::pending_anywhere() const {
  // A source holds them in their order.
  std::map<const migration::Migration*, const migration::Step*, std::less<>> versioned;
  std::map<const migration::Repeatable*, const migration::Step*, std::less<>> repeatable;
  for (const TargetResult& result : results) {
    for (const migration::Step& step : result.steps) {
      if (step.migration != nullptr) versioned.emplace(step.migration, &step);
      if (step.repeatable != nullptr) repeatable.emplace(step.repeatable, &step);
    }
  }
  migration::Plan out;
  for (const auto& [where, step] : versioned) out.steps.push_back(*step);
  for (const auto& [where, step] : repeatable) out.steps.push_back(*step);
  return out;
}

const ErrorInfo* FleetReport::deciding_error() const {
  if (stopped) return &*stopped;
  const TargetResult* result = deciding_result();
  return result == nullptr ? nullptr : &*result->error;
}

const TargetResult* FleetReport::deciding_result() const {
  if (stopped) return nullptr;
  const TargetResult* first = nullptr;
  const TargetResult* first_to_fail = nullptr;
  for (const TargetResult& result : results) {
    if (!result.error) continue;
    const Kind kind = result.error->kind();
    if (kind == Kind::Interrupted) return &result;
    if (first == nullptr) first = &result;
    if (first_to_fail == nullptr && kind_info(kind).fail) first_to_fail = &result;
  }
  return first_to_fail != nullptr ? first_to_fail : first;
}

}  // namespace headway::cli
