// The life of one run: connect, look, lock, look again, execute, report (design, section 6).
//
// A connection that is lost on the way, or a history that turns out to have moved, never ends in a
// guess: the runner takes the lock first, which proves that the old backend is gone, then reads the
// history and plans again on what it finds.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/adoption.hpp"
#include "engine/attendance.hpp"
#include "engine/executor.hpp"
#include "engine/kept_settings.hpp"
#include "engine/locking.hpp"
#include "engine/mirroring.hpp"
#include "engine/schema_status.hpp"
#include "engine/scripts.hpp"
#include "engine/use_cases.hpp"

namespace headway::engine {

struct RunRequest {
  /// Makes the plan from what the history says and this run has done; asked again whenever it was
  /// read again.  What it plans after progress must be the rest of what it planned first.
  std::function<migration::Plan(const migration::History&, std::span<const DoneStep> done)> plan;
  Transactions transactions = Transactions::Each;
  enum class Stale { PlanAgain, GiveUp } stale = Stale::PlanAgain;
  /// Asks for another plan after each that was executed, until one is empty.
  bool until_empty = false;
  /// Whether another tool's history is taken over first, if ours is empty.  It is looked for under
  /// the lock; where that would be too late, because the plan says what the lock is needed for, or
  /// counts from what is applied, at every look.
  enum class Adopts { No, UnderLock, Always } adopts = Adopts::No;
};

/// Steps whose end was not seen because the connection went away.
struct Doubt {
  std::vector<migration::Step> steps;  ///< their `row` is null
  bool at_commit = false;
  bool apart = false;     ///< each is a transaction of its own, in this order
  std::size_t total = 0;  ///< of the plan they belong to
};

class Runner {
 public:
  /// All outlive this.
  Runner(Context& context, const migration::Source& source, RunRequest request);
  /// Call once.
  [[nodiscard]] RunReport run();

 private:
  enum class Looking { Only, ToExecute };
  class Ahead;

  void drive();
  bool round();
  void connect();
  void look(Looking looking);
  void warn_of_short_patience(const PreparedScript& script);
  void warn(std::string_view id, const std::string& message);
  bool take_lock();
  void settle_doubt();
  void execute_plan();
  void execute(std::span<const Work> works);
  void execute_one_by_one();
  [[nodiscard]] bool may_go_ahead(std::size_t index);
  bool execute_ahead();
  void settle_apart(const Doubt& doubt);
  void settle_together(const Doubt& doubt);
  void happened_after_all(const Doubt& doubt, const migration::Step& step);
  void execute_all_at_once();
  void refuse_mixed_transactions() const;
  void step_done(const Work& work, Microseconds duration);
  [[nodiscard]] bool counts_as_pending(const migration::Step& step) const;
  void count(const migration::Step& step);
  void failed(const Work& work, ErrorInfo& info, Microseconds after);
  bool recover(const Error& error);
  [[nodiscard]] bool may_become_writable();
  void pause_after_loss(const Error& error, Milliseconds pause);
  [[nodiscard]] Error unknown_outcome(const Error& error) const;
  [[nodiscard]] Workplace workplace();
  [[nodiscard]] Work work_for(std::size_t index);
  [[nodiscard]] bool happened(const migration::Step& step) const;
  void finish(const std::optional<ErrorInfo>& error);

  Context& context_;
  const migration::Source& source_;
  RunRequest request_;
  RunReport report_;
  Stopping stopping_;
  Session session_;
  Scripts scripts_;
  Adoption adoption_;
  Mirroring mirroring_;
  KeptSettings kept_;
  Clock::Steady started_;

  HistorySnapshot snapshot_;  // what plan_ points into
  migration::Plan plan_;
  std::size_t next_ = 0;       // of plan_.steps
  bool looked_ = false;        // the history was read; from now on the lock comes first
  bool fresh_session_ = true;  // nothing of a migration has run in it
  bool alone_ = false;         // the next step, because it gave way when it was sent ahead
  SchemaStatus schema_;
  std::vector<migration::Version> chain_;  // the history as it is after the steps so far

  Attendance* attendance_ = nullptr;  // while a plan is executed
  std::optional<Doubt> doubt_;
  Progress progress_;
  std::size_t commits_at_look_ = 0;
  std::size_t mark_at_last_loss_ = 0;
  int losses_without_progress_ = 0;
  std::optional<Clock::Steady> read_only_since_;
};

}  // namespace headway::engine
