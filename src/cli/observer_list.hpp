// Several observers as one.
#pragma once
#include <memory>
#include <vector>

#include "engine/observer.hpp"

namespace headway::cli {

class ObserverList final : public engine::Observer {
 public:
  /// `observer` outlives the list.
  void add(engine::Observer& observer) { observers_.push_back(&observer); }

  void state_changed(engine::State state) override;
  void run_started(std::string_view command, std::string_view run_id) override;
  void connect_failed(const ErrorInfo& error, int attempt, Milliseconds next_try) override;
  void connected(const engine::ServerInfo& server) override;
  void database_up(bool up) override;
  void lock_waiting(const engine::LockAttempt& attempt, Milliseconds waited) override;
  void lock_acquired(Milliseconds waited) override;
  void lock_released() override;
  void schema_status(const engine::SchemaStatus& status) override;
  void planned(const migration::Plan& plan) override;
  void step_started(const engine::StepInfo& step) override;
  void statement_started(const engine::StepInfo& step, std::size_t index,
                         const engine::PreparedStatement& statement) override;
  void batch_finished(const engine::StepInfo& info, const engine::BatchReport& report) override;
  void step_finished(const engine::StepInfo& step, Microseconds duration) override;
  void step_failed(const engine::StepInfo& step, const ErrorInfo& error,
                   Microseconds duration) override;
  void retrying(std::string_view reason, const ErrorInfo& error, int attempt,
                Milliseconds pause) override;
  void warning(std::string_view id, std::string_view message) override;
  void not_yet(std::string_view reason, Milliseconds waited) override;
  void history_read(const migration::Source& source, const migration::History& history,
                    const migration::Reconciliation& state) override;
  void recovered(std::string_view message) override;
  void activity(const engine::Activity& activity) override;
  void unattended(const ErrorInfo& error) override;
  void run_finished(const engine::RunReport& report) override;

 private:
  std::vector<engine::Observer*> observers_;
};

}  // namespace headway::cli
