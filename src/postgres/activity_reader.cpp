#include "postgres/activity_reader.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "postgres/queries.hpp"
#include "sql/normalize.hpp"

namespace headway::postgres {
namespace {

constexpr std::chrono::seconds kLongestLook{2};
constexpr std::size_t kLongestQuery = 120;  // characters, as shown

std::optional<std::int64_t> number(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::nullopt;
  const std::string_view text = field(result, row, column);
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Milliseconds since(const PGresult* result, int row, int column) {
  return Milliseconds(std::max<std::int64_t>(0, number(result, row, column).value_or(0)));
}

engine::SessionSeen session_seen(const PGresult* result, int row) {
  engine::SessionSeen out;
  out.pid = static_cast<int>(number(result, row, 1).value_or(0));
  out.application_name = field(result, row, 2);
  out.state = field(result, row, 3);
  if (PQgetisnull(result, row, 4) == 0) out.transaction_age = since(result, row, 4);
  out.waited = since(result, row, 5);
  const std::string query(field(result, row, 6));
  if (query != "<insufficient privilege>") out.query = sql::normalize(query, kLongestQuery);
  out.prevents_wraparound = is_true(result, row, 7);
  return out;
}

engine::CommandProgress command_progress(const PGresult* result) {
  engine::CommandProgress out;
  out.command = field(result, 0, 0);
  out.phase = field(result, 0, 1);
  const auto done = static_cast<double>(number(result, 0, 2).value_or(0));
  const auto total = static_cast<double>(number(result, 0, 3).value_or(0));
  if (total > 0) out.ratio = std::clamp(done / total, 0.0, 1.0);
  return out;
}

std::string for_process(std::string_view query, int pid) {
  std::string out(query);
  const std::string text = std::to_string(pid);
  for (auto at = out.find("$1"); at != std::string::npos; at = out.find("$1", at)) {
    out.replace(at, 2, text);
  }
  return out;
}

}  // namespace

engine::Activity SessionActivityReader::read(int backend_pid) {
  const Wire::Deadline in_time(wire_, std::chrono::steady_clock::now() + kLongestLook);
  Batch batch;
  const auto sessions = batch.add(for_process(queries::kActivity, backend_pid));
  const auto progress = batch.add(for_process(queries::kCommandProgress, backend_pid));
  const auto results = wire_.execute(batch.sql(), "look at the sessions around");
  engine::Activity out;
  const PGresult* seen = results[sessions].get();
  for (int row = 0; row < PQntuples(seen); ++row) {
    const std::string_view part = field(seen, row, 0);
    if (part == "blocking") {
      out.blocking.push_back(session_seen(seen, row));
    } else if (part == "blocked") {
      out.blocked.push_back(session_seen(seen, row));
    } else {
      if (PQgetisnull(seen, row, 2) != 0) {
        throw Error(ErrorId::Unreachable, "the connection for it leads to another server");
      }
      out.waited = since(seen, row, 5);
      out.holds_blocking_lock = is_true(seen, row, 8);
    }
  }
  if (PQntuples(results[progress].get()) > 0) {
    out.progress = command_progress(results[progress].get());
  }
  return out;
}

}  // namespace headway::postgres
