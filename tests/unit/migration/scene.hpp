// A source and a simulated database, with verbs: tests of plans read like a script.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/simulated_history.hpp"
#include "unit/migration/sources.hpp"

namespace headway::testing {

class Scene {
 public:
  explicit Scene(migration::Source source) : source_(std::move(source)) {}
  explicit Scene(const std::vector<File>& files) : Scene(source_of(files)) {}

  /// The image is exchanged; the database stays.
  void deploy(migration::Source source) { source_ = std::move(source); }
  void deploy(const std::vector<File>& files) { deploy(source_of(files)); }

  const migration::Plan& upgrade(std::string_view target = "head", migration::Policy policy = {}) {
    return keep([&](const migration::History& history) {
      return plan_upgrade(source_, history, migration::parse_target(target), policy);
    });
  }
  const migration::Plan& downgrade(std::string_view target) {
    return keep([&](const migration::History& history) {
      return plan_downgrade(source_, history, migration::parse_target(target));
    });
  }
  const migration::Plan& stamp(std::string_view target) {
    return keep([&](const migration::History& history) {
      return plan_stamp(source_, history, migration::parse_target(target));
    });
  }
  const migration::Plan& downgrade_last_run() {
    return keep([&](const migration::History& history) {
      return plan_downgrade_last_run(source_, history);
    });
  }
  const migration::Plan& redo_down() {
    return keep(
        [&](const migration::History& history) { return plan_redo_down(source_, history); });
  }

  /// Executes the plan made last.
  void run(const std::string& run_id = "run") { database.execute(plan_, run_id); }

  [[nodiscard]] Texts applied() const {
    Texts texts;
    const migration::History history = database.history();
    for (const auto& row : history.rows()) texts.push_back(row.version.text());
    return texts;
  }
  [[nodiscard]] const migration::Source& source() const { return source_; }

  SimulatedHistory database;

 private:
  /// A plan points into its history, so both are kept.
  template <typename Make>
  const migration::Plan& keep(const Make& make) {
    history_ = database.history();
    plan_ = make(history_);
    return plan_;
  }

  migration::Source source_;
  migration::History history_;
  migration::Plan plan_;
};

inline constexpr migration::Policy kSkip{migration::Order::Skip, migration::IfAhead::Ok};
inline constexpr migration::Policy kAny{migration::Order::Any, migration::IfAhead::Ok};

}  // namespace headway::testing
