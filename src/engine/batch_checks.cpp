#include "engine/batch_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/batch_statement.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using Kind = sql::BatchStatement::Kind;
using Placeholder = sql::BatchPlaceholder;

/// A name as the server sees it.
std::string plain(std::string_view name) {
  std::string out;
  if (!name.starts_with('"')) {
    for (const char c : name) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return out;
  }
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    if (name[i] == '"') ++i;
    out += name[i];
  }
  return out;
}

std::size_t offset_behind(const sql::Statement& statement, std::string_view script) {
  if (!statement.copy_data) return statement.offset + statement.text.size();
  const auto end = static_cast<std::size_t>(statement.copy_data->data() - script.data()) +
                   statement.copy_data->size();
  return std::min(script.find('\n', end), script.size());  // of the line that ends the data
}

}  // namespace

BatchChecks::BatchChecks(const migration::Script& script)
    : script_(script),
      may_hold_batch_(script.text.find("batch") != std::string::npos),
      may_hold_placeholder_(script.text.find(":batch_") != std::string::npos) {}

Error BatchChecks::refused(const sql::Statement& statement, std::size_t offset,
                           std::string message) const {
  const sql::Position at = sql::position_at(script_.text, statement.offset + offset);
  return Error(ErrorId::BadBatch, std::move(message))
      .at({script_.path, at.line, at.column})
      .statement(sql::normalize(statement.text));
}

std::optional<migration::Batch> BatchChecks::above(std::size_t statement) const {
  auto batch = migration::batch_directive(script_.text, script_.path, behind_, statement);
  if (batch && script_.role != migration::FileRole::Up) {
    throw migration::batch_without_history(batch->table_at);
  }
  if (batch && script_.transaction == migration::Transaction::Each) {
    throw Error(ErrorId::BadDirective,
                "a batch runs outside a transaction, and this file is one transaction")
        .at(batch->table_at)
        .next(
            "Begin the file with `-- headway: transaction=none`, or give the batch a file of "
            "its own.");
  }
  return batch;
}

std::shared_ptr<const migration::Batch> BatchChecks::take(const sql::Statement& statement) {
  if (!may_hold_batch_) return nullptr;
  auto batch = above(statement.offset);
  behind_ = offset_behind(statement, script_.text);
  if (!batch) {
    if (may_hold_placeholder_) refuse_placeholders(statement);
    return nullptr;
  }
  check(*batch, statement);
  return std::make_shared<const migration::Batch>(*std::move(batch));
}

void BatchChecks::finish() const {
  if (!may_hold_batch_) return;
  if (const auto batch = above(script_.text.size())) {
    throw Error(ErrorId::BadDirective, "no statement follows this batch directive")
        .at(batch->table_at)
        .next("Write it directly above the statement that it is for.");
  }
}

void BatchChecks::refuse_placeholders(const sql::Statement& statement) const {
  const auto found = sql::batch_placeholders(statement.text);
  if (found.empty()) return;
  throw refused(statement, found.front().begin,
                fmt::format("{} means something only in a batch, and no batch directive stands "
                            "above this statement",
                            statement.text.substr(found.front().begin,
                                                  found.front().end - found.front().begin)))
      .next("Write above it: -- headway: batch=TABLE key=COLUMN size=1000 pause=50ms");
}

void BatchChecks::check(const migration::Batch& batch, const sql::Statement& statement) const {
  const sql::BatchStatement words = sql::batch_statement(statement.text);
  if (words.kind == Kind::Other || (words.kind == Kind::Insert && !words.selects)) {
    throw refused(statement, 0, "a batch is one UPDATE, DELETE, MERGE or INSERT .. SELECT");
  }
  bool first = false;
  bool last = false;
  for (const Placeholder& placeholder : sql::batch_placeholders(statement.text)) {
    if (placeholder.kind == Placeholder::Kind::Unknown) {
      throw refused(statement, placeholder.begin,
                    fmt::format("{} is no placeholder of a batch; there are :batch_first and "
                                ":batch_last",
                                statement.text.substr(placeholder.begin,
                                                      placeholder.end - placeholder.begin)));
    }
    first = first || placeholder.kind == Placeholder::Kind::First;
    last = last || placeholder.kind == Placeholder::Kind::Last;
  }
  if (!first || !last) {
    throw refused(
        statement, 0,
        fmt::format("this batch does not use {}", first  ? ":batch_last"
                                                  : last ? ":batch_first"
                                                         : ":batch_first and :batch_last"));
  }
  const bool moves = std::ranges::any_of(
      words.assigned, [&](const std::string& column) { return plain(column) == plain(batch.key); });
  if (moves) {
    throw refused(statement, 0,
                  fmt::format("this batch changes {}, the key that its ranges are cut by, so that "
                              "a row could be met again",
                              batch.key))
        .next("Cut the ranges by another key, or change this one in a migration of another kind.");
  }
}

}  // namespace headway::engine
