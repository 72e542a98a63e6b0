#include <fmt/format.h>

#include <optional>
#include <utility>

#include "engine/connecting.hpp"
#include "engine/locking.hpp"
#include "engine/mirroring.hpp"
#include "engine/script.hpp"
#include "engine/workplace.hpp"
#include "migration/plan.hpp"
#include "sql/normalize.hpp"

namespace headway::engine {
namespace {

using migration::HistoryRow;
using Word = RepairRequest::HalfApplied;

/// The statement behind those that are finished.
struct NextStatement {
  std::size_t number = 0;  ///< from 1
  std::string text;        ///< for people
  std::string hash;        ///< for the journal
};

struct Decision {
  const HistoryRow* row = nullptr;  ///< null: no half-applied migration is decided on
  Word word = Word::Ask;
  std::optional<NextStatement> statement;  ///< of StatementDone and StatementUndone
};

std::string name_of(const HistoryRow& row) {
  return row.name.empty() ? row.version.text() : fmt::format("{} {}", row.version.text(), row.name);
}

const HistoryRow* meant(const migration::Repair& repair, const RepairRequest& request) {
  if (request.version.empty()) {
    if (repair.half_applied.size() == 1) return repair.half_applied.front();
    throw Error(
        ErrorId::BadTarget,
        fmt::format("{} migrations are half applied; say which one is meant",
                    repair.half_applied.empty() ? std::string("no")
                                                : std::to_string(repair.half_applied.size())));
  }
  for (const HistoryRow* row : repair.half_applied) {
    if (row->version == migration::Version(request.version)) return row;
  }
  throw Error(ErrorId::UnknownVersion, fmt::format("{} is not half applied", request.version))
      .version(request.version);
}

/// Throws if the source does not tell which statement it is.
NextStatement next_statement(const migration::Source& source, const HistoryRow& row) {
  const std::string version = row.version.text();
  const migration::Migration* migration = source.find(row.version);
  if (migration == nullptr) {
    throw Error(ErrorId::UnknownVersion,
                fmt::format("no file for {} is there to tell its statements", version))
        .version(version);
  }
  const migration::Script whole = migration::held(migration->up);
  const PreparedScript script = prepare(whole);
  const std::size_t done = row.journal.size();
  const auto refuse = [&](std::string message) {
    return Error(ErrorId::HalfApplied, std::move(message))
        .at({script.path})
        .version(version)
        .next(fmt::format("Restore the file as it was, or decide on the whole of it: `headway "
                          "repair --done {0}` or `headway repair --undone {0}`.",
                          version));
  };
  if (done >= script.statements.size()) {
    throw refuse(fmt::format("{} of its {} statements are done: none is left to decide on", done,
                             script.statements.size()));
  }
  for (std::size_t i = 0; i < done; ++i) {
    if (journal_hash(script.statements[i]) == row.journal[i]) continue;
    throw refuse(
        fmt::format("statement {} was edited after it was done, so which one follows the "
                    "{} that are done can't be told",
                    i + 1, done));
  }
  const PreparedStatement& next = script.statements[done];
  return {done + 1, sql::normalize(next.text), journal_hash(next)};
}

Decision decide(const migration::Source& source, const migration::Repair& repair,
                const RepairRequest& request) {
  if (request.half_applied == Word::Ask) return {};
  Decision out{meant(repair, request), request.half_applied, std::nullopt};
  if (out.word == Word::StatementDone || out.word == Word::StatementUndone) {
    out.statement = next_statement(source, *out.row);
  }
  return out;
}

std::string state_of(const HistoryRow& row) {
  const std::size_t done = row.journal.size();
  std::string out = fmt::format("{} after {} finished {}",
                                row.state == migration::RowState::Failed ? "failed" : "stopped",
                                done, done == 1 ? "statement" : "statements");
  if (row.batch) out += fmt::format(" and, of a batch, {}", migration::words(*row.batch));
  return out;
}

std::vector<std::string> sentences(const migration::Repair& repair, const Decision& decision) {
  std::vector<std::string> out;
  for (const auto& recheck : repair.rechecks) {
    out.push_back(fmt::format("{}: take over the checksum of the file as it is now ({} -> {})",
                              name_of(*recheck.row), recheck.row->checksum.hex().substr(0, 12),
                              recheck.checksum.hex().substr(0, 12)));
  }
  for (const HistoryRow* row : repair.half_applied) {
    if (row != decision.row) {
      out.push_back(
          fmt::format("{0}: {1}; leave it, because only you can say what is there: "
                      "--done {2} or --undone {2}",
                      name_of(*row), state_of(*row), row->version.text()));
    } else if (decision.statement) {
      out.push_back(
          fmt::format("{}: {}; record statement {} as {}, so that the next upgrade {}: {}",
                      name_of(*row), state_of(*row), decision.statement->number,
                      decision.word == Word::StatementDone ? "done" : "not done",
                      decision.word == Word::StatementDone ? "goes on behind it" : "runs it",
                      decision.statement->text));
    } else if (decision.word == Word::Done) {
      out.push_back(fmt::format("{}: {}; record it as applied", name_of(*row), state_of(*row)));
    } else {
      out.push_back(
          fmt::format("{}: {}; remove it from the history, so that the next upgrade "
                      "runs it from its first statement",
                      name_of(*row), state_of(*row)));
    }
  }
  return out;
}

std::vector<std::string> undecided(const migration::Repair& repair, const Decision& decision) {
  std::vector<std::string> out;
  for (const HistoryRow* row : repair.half_applied) {
    if (row != decision.row) out.push_back(row->version.text());
  }
  return out;
}

void tell(Connection& connection, const HistoryRow& row, std::string message) {
  EventRow event;
  event.event = "repaired";
  event.version = row.version.text();
  event.message = std::move(message);
  connection.write_event(event);
}

/// The row is left as one that failed behind a known statement: the next upgrade goes on there.
void settle_statement(Connection& connection, const HistoryRow& row, const Decision& decision) {
  const NextStatement& statement = *decision.statement;
  const bool done = decision.word == Word::StatementDone;
  const int attempt = connection.resume_row(row);
  if (done || row.batch) {  // of a batch that is undone nothing is known any more
    std::vector<std::string> journal = row.journal;
    if (done) journal.push_back(statement.hash);
    connection.write_journal(row.version, attempt, journal);
  }
  connection.fail_row(row.version, attempt);
  tell(connection, row,
       fmt::format("statement {} declared {}", statement.number, done ? "done" : "undone"));
}

void carry_out(Connection& connection, const migration::Repair& repair, const Decision& decision) {
  for (const auto& recheck : repair.rechecks) {
    connection.set_checksum(*recheck.row, recheck.checksum);
    tell(connection, *recheck.row, "checksum taken over");
  }
  if (decision.row == nullptr) return;
  const HistoryRow& row = *decision.row;
  if (decision.statement) {
    settle_statement(connection, row, decision);
  } else if (decision.word == Word::Done) {
    connection.finish_row(row.version, row.attempt);
    tell(connection, row, "declared done");
  } else {
    connection.delete_row(row);
    tell(connection, row, "declared undone");
  }
}

}  // namespace

RepairReport repair(Context& context, const migration::Source& source,
                    const RepairRequest& request) {
  const Stopping stopping(context.stop);
  Session session(context.observer);
  session.use(connect(context, stopping, request.apply ? Needs::Writing : Needs::Reading));
  RepairReport report;
  const auto look = [&](const HistorySnapshot& snapshot) {
    migration::Repair found = migration::plan_repair(source, snapshot.history);
    Decision decision = decide(source, found, request);
    report.actions = sentences(found, decision);
    report.undecided = undecided(found, decision);
    return std::pair(std::move(found), std::move(decision));
  };
  const HistorySnapshot seen = session.connection().read_history();
  const auto [found, decision] = look(seen);
  if (!request.apply || (found.rechecks.empty() && decision.row == nullptr)) return report;

  const std::vector<std::string> announced = report.actions;
  Milliseconds waited{};
  acquire_lock(context, stopping, session, nullptr, waited);
  session.connection().ensure_tables();
  const HistorySnapshot locked = session.connection().read_history();
  const auto [still_found, still_decided] = look(locked);
  if (report.actions != announced) {
    throw Error(ErrorId::StalePlan,
                "the history changed while the lock was waited for; nothing was repaired");
  }
  Mirroring mirroring(context, source);
  mirroring.begin(session.connection());
  Progress progress;
  Attendance attendance(context, session.connection());
  Workplace place{context, session.connection(), stopping, locked.history, progress, attendance};
  in_transaction(place, {}, [&, &repair = still_found, &chosen = still_decided] {
    carry_out(place.connection, repair, chosen);
  });
  report.applied = true;
  return report;
}

}  // namespace headway::engine
