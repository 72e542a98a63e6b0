// What the two ways to run a plan for a trial have in common.
#pragma once
#include <functional>
#include <utility>
#include <vector>

#include "cli/adapters.hpp"
#include "cli/identity.hpp"
#include "cli/invocation.hpp"
#include "cli/runtime.hpp"
#include "engine/statement_seen.hpp"
#include "postgres/connector.hpp"

namespace headway::cli::commands {

/// Warnings go to whoever hears those of the command; of the rest the result tells.
class WarningsOnly final : public engine::Observer {
 public:
  explicit WarningsOnly(Runtime& runtime) : runtime_(runtime) {}
  void warning(std::string_view id, std::string_view message) override {
    runtime_.warn(id, message);
  }

 private:
  Runtime& runtime_;
};

class Collector final : public engine::StatementSink {
 public:
  explicit Collector(std::vector<engine::StatementSeen>& seen) : seen_(seen) {}
  void statement_seen(engine::StatementSeen seen) override { seen_.push_back(std::move(seen)); }

 private:
  std::vector<engine::StatementSeen>& seen_;
};

/// Those of the command, with a run of its own; nobody is granted anything.
inline postgres::ConnectorSettings trial_settings(
    const Invocation& invocation, std::function<postgres::ConnectionParameters()> where) {
  postgres::ConnectorSettings out = connector_settings(invocation, random_uuid());
  out.parameters = std::move(where);
  out.history_readers.clear();
  return out;
}

}  // namespace headway::cli::commands
