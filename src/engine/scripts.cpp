#include "engine/scripts.hpp"

#include <fmt/format.h>

#include "migration/directives.hpp"

namespace headway::engine {
namespace {

using migration::Step;

const migration::Script* file_of(const Step& step) {
  switch (step.action) {
    case Step::Action::Apply:
    case Step::Action::Resume: return &step.migration->up;
    case Step::Action::Revert: return &*step.migration->down;
    case Step::Action::Repeat: return &step.repeatable->script;
    case Step::Action::Insert:
    case Step::Action::Adopt:
    case Step::Action::Remove: return nullptr;
  }
  return nullptr;
}

}  // namespace

const PreparedScript* Scripts::of(const Step& step, Connection& connection) {
  if (step.action == Step::Action::Revert && step.stored_down) return stored_down(step, connection);
  const migration::Script* file = file_of(step);
  if (file == nullptr) return nullptr;
  if (step.action == Step::Action::Resume && file->large) return held(*file);
  const auto found = files_.find(file);
  if (found != files_.end()) return &found->second;
  return &files_.emplace(file, prepare(*file)).first->second;
}

/// What is done of it is found statement by statement.
const PreparedScript* Scripts::held(const migration::Script& file) {
  const auto [at, is_new] = held_.try_emplace(&file);
  if (!is_new) return &at->second.prepared;
  try {
    at->second.script = migration::held(file);
    at->second.prepared = prepare(at->second.script);
  } catch (const Error&) {
    held_.erase(at);
    throw;
  }
  return &at->second.prepared;
}

const PreparedScript* Scripts::stored_down(const Step& step, Connection& connection) {
  const auto [at, is_new] = stored_.try_emplace(step.version.text());
  if (!is_new) return &at->second.prepared;
  try {
    migration::Script& script = at->second.script;
    script.path = fmt::format("history:{} (down)", step.version.text());
    script.text = connection.read_down_sql(step.version);
    script.checksum = step.row->down_checksum;
    const auto directives =
        migration::parse_directives(script.text, script.path, migration::FileRole::Down);
    script.role = migration::FileRole::Down;
    script.transaction = directives.transaction;
    script.lock_timeout = directives.lock_timeout;
    script.statement_timeout = directives.statement_timeout;
    at->second.prepared = prepare(script);
  } catch (const Error&) {
    stored_.erase(at);
    throw;
  }
  return &at->second.prepared;
}

}  // namespace headway::engine
