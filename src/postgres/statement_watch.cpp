#include "postgres/statement_watch.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "postgres/queries.hpp"

namespace headway::postgres {
namespace {

std::set<sql::LockMode> lock_modes(std::string_view list) {
  std::set<sql::LockMode> out;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (const auto mode = lock_mode_of(list.substr(0, comma))) out.insert(*mode);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number out{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || problem != std::errc{}) return std::nullopt;
  return out;
}

/// What stands between the first two quotes.
std::string quoted(std::string_view message) {
  const auto begin = message.find('"') + 1;
  return std::string(message.substr(begin, message.find('"', begin) - begin));
}

}  // namespace

StatementWatch::Relations StatementWatch::look() {
  Relations out;
  const auto results = wire_.execute(std::string(queries::kWatchedRelations), "look at the locks");
  const PGresult* rows = results.back().get();
  std::set<std::string> own;  // Headway's tables, by OID
  for (int row = 0; row < PQntuples(rows); ++row) {
    std::string oid(field(rows, row, 0));
    const std::string_view name = field(rows, row, 2);
    if (field(rows, row, 1) == names_.schema() &&
        (name == names_.history() || name == names_.repeatable() || name == names_.events() ||
         name == names_.layout())) {
      own.insert(std::move(oid));
      continue;
    }
    Relation relation;
    relation.name = field(rows, row, 3);
    relation.is_index = is_true(rows, row, 4);
    relation.file = field(rows, row, 5);
    relation.locks = lock_modes(field(rows, row, 6));
    relation.scans = number<long>(field(rows, row, 7)).value_or(0);
    relation.table = field(rows, row, 8);
    out.emplace(std::move(oid), std::move(relation));
  }
  std::erase_if(out, [&own](const auto& entry) { return own.contains(entry.second.table); });
  return out;
}

void StatementWatch::begin(const engine::PreparedStatement& statement, const std::string& path) {
  seen_ = {};
  seen_.path = path;
  seen_.position = statement.position;
  seen_.command = statement.facts().command;
  before_ = look();
  if (!std::exchange(looked_, true)) {
    for (const auto& [oid, relation] : before_) known_.insert(oid);
  }
  listen(true);
  sampling_ = sampler_ != nullptr && statement.facts().needs_no_transaction.has_value();
  if (sampling_) sampler_->begin(PQbackendPID(wire_.raw()));
  begun_ = std::chrono::steady_clock::now();
}

void StatementWatch::end(std::optional<std::uint64_t> rows) {
  tell();
  seen_.rows = rows;
  // A transaction that the file has spoilt itself answers nothing any more.
  if (PQtransactionStatus(wire_.raw()) != PQTRANS_INERROR) compare(look());
  sink_.statement_seen(std::move(seen_));
}

void StatementWatch::failed() {
  tell();
  seen_.failed = true;
  seen_.validated.clear();
  sink_.statement_seen(std::move(seen_));
}

void StatementWatch::tell() {
  seen_.duration =
      std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now() - begun_);
  sampled_ = std::exchange(sampling_, false) ? sampler_->end() : LockSampler::Seen{};
  listen(false);
  seen_.in_transaction = PQtransactionStatus(wire_.raw()) != PQTRANS_IDLE;
}

void StatementWatch::compare(const Relations& now) {
  std::map<std::string_view, const Relation*> by_name;
  for (const auto& [oid, relation] : now) by_name.emplace(relation.name, &relation);
  for (const auto& [oid, was] : before_) {
    if (!known_.contains(oid)) continue;
    const auto found = now.find(oid);
    const bool gone = found == now.end() || found->second.name.empty();
    // A new index in the place of the old one has its name, but perhaps not its file.
    const auto successor = by_name.find(was.name);
    const Relation* const is = !gone                        ? &found->second
                               : successor == by_name.end() ? nullptr
                                                            : successor->second;
    if (is != nullptr && is->is_index == was.is_index && is->file != was.file) {
      seen_.rewritten.push_back(was.name);
    }
    // Outside a transaction the counters are handed over from time to time, and begin anew.
    if (!gone && found->second.scans > was.scans) seen_.scanned.push_back(was.name);
    if (found != now.end()) note_locks(was, found->second);
    if (const auto held = sampled_.find(oid); held != sampled_.end() && !was.name.empty()) {
      seen_.locks.push_back({was.name, held->second, was.is_index});
    }
  }
  for (const auto& [oid, is] : now) {
    if (!is.is_index || before_.contains(oid) || !known_.contains(is.table)) continue;
    // An index that was replaced by one with its file, or its name, is not one more.
    const bool replaces =
        std::any_of(before_.begin(), before_.end(), [&is = is](const auto& entry) {
          return entry.second.name == is.name || entry.second.file == is.file;
        });
    if (!replaces) seen_.built.push_back(is.name);
  }
  // By name, not by OID.
  std::sort(seen_.locks.begin(), seen_.locks.end(),
            [](const auto& a, const auto& b) { return a.relation < b.relation; });
  for (auto* const names : {&seen_.rewritten, &seen_.built, &seen_.scanned, &seen_.validated}) {
    std::sort(names->begin(), names->end());
  }
}

void StatementWatch::note_locks(const Relation& was, const Relation& is) {
  if (!seen_.in_transaction) return;
  std::optional<sql::LockMode> strongest;
  for (const sql::LockMode mode : is.locks) {
    if (!was.locks.contains(mode)) strongest = mode;
  }
  if (!strongest) return;
  seen_.locks.push_back({was.name, *strongest, was.is_index});
}

void StatementWatch::listen(bool on) {
  if (on) {
    PQsetNoticeReceiver(wire_.raw(), on_notice, this);
  } else {
    PQsetNoticeReceiver(
        wire_.raw(), [](void*, const PGresult*) {}, nullptr);
  }
}

/// These messages are in English in every server: they are not for translation.
void StatementWatch::on_notice(void* watch, const PGresult* notice) {
  const std::string severity = diagnostic(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (!severity.starts_with("DEBUG")) return;
  static_cast<StatementWatch*>(watch)->heard(diagnostic(notice, PG_DIAG_MESSAGE_PRIMARY));
}

void StatementWatch::heard(std::string_view message) {
  if (message.starts_with("validating foreign key constraint \"")) {
    seen_.validated.push_back(quoted(message));
  }
}

}  // namespace headway::postgres
