#include "cli/observer_list.hpp"

namespace headway::cli {

void ObserverList::state_changed(engine::State state) {
  for (auto* o : observers_) o->state_changed(state);
}
void ObserverList::run_started(std::string_view command, std::string_view run_id) {
  for (auto* o : observers_) o->run_started(command, run_id);
}
void ObserverList::connect_failed(const ErrorInfo& error, int attempt, Milliseconds next_try) {
  for (auto* o : observers_) o->connect_failed(error, attempt, next_try);
}
void ObserverList::connected(const engine::ServerInfo& server) {
  for (auto* o : observers_) o->connected(server);
}
void ObserverList::database_up(bool up) {
  for (auto* o : observers_) o->database_up(up);
}
void ObserverList::lock_waiting(const engine::LockAttempt& attempt, Milliseconds waited) {
  for (auto* o : observers_) o->lock_waiting(attempt, waited);
}
void ObserverList::lock_acquired(Milliseconds waited) {
  for (auto* o : observers_) o->lock_acquired(waited);
}
void ObserverList::lock_released() {
  for (auto* o : observers_) o->lock_released();
}
void ObserverList::schema_status(const engine::SchemaStatus& status) {
  for (auto* o : observers_) o->schema_status(status);
}
void ObserverList::planned(const migration::Plan& plan) {
  for (auto* o : observers_) o->planned(plan);
}
void ObserverList::step_started(const engine::StepInfo& step) {
  for (auto* o : observers_) o->step_started(step);
}
void ObserverList::statement_started(const engine::StepInfo& step, std::size_t index,
                                     const engine::PreparedStatement& statement) {
  for (auto* o : observers_) o->statement_started(step, index, statement);
}
void ObserverList::batch_finished(const engine::StepInfo& info, const engine::BatchReport& report) {
  for (auto* o : observers_) o->batch_finished(info, report);
}

void ObserverList::step_finished(const engine::StepInfo& step, Microseconds duration) {
  for (auto* o : observers_) o->step_finished(step, duration);
}
void ObserverList::step_failed(const engine::StepInfo& step, const ErrorInfo& error,
                               Microseconds duration) {
  for (auto* o : observers_) o->step_failed(step, error, duration);
}
void ObserverList::retrying(std::string_view reason, const ErrorInfo& error, int attempt,
                            Milliseconds pause) {
  for (auto* o : observers_) o->retrying(reason, error, attempt, pause);
}
void ObserverList::warning(std::string_view id, std::string_view message) {
  for (auto* o : observers_) o->warning(id, message);
}
void ObserverList::not_yet(std::string_view reason, Milliseconds waited) {
  for (auto* o : observers_) o->not_yet(reason, waited);
}
void ObserverList::history_read(const migration::Source& source, const migration::History& history,
                                const migration::Reconciliation& state) {
  for (auto* o : observers_) o->history_read(source, history, state);
}
void ObserverList::recovered(std::string_view message) {
  for (auto* o : observers_) o->recovered(message);
}
void ObserverList::activity(const engine::Activity& activity) {
  for (auto* o : observers_) o->activity(activity);
}
void ObserverList::unattended(const ErrorInfo& error) {
  for (auto* o : observers_) o->unattended(error);
}
void ObserverList::run_finished(const engine::RunReport& report) {
  for (auto* o : observers_) o->run_finished(report);
}

}  // namespace headway::cli
