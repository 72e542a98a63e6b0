#include "engine/activity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/backoff.hpp"

namespace headway::engine {

std::string SessionSeen::text() const {
  std::string out = fmt::format("process {}", pid);
  if (!application_name.empty()) out += fmt::format(" ({})", application_name);
  if (prevents_wraparound) {
    return out + ", an autovacuum that prevents wraparound and gives way to nobody";
  }
  if (!state.empty()) out += ", " + state;
  if (transaction_age) {
    out += fmt::format("{} {}", state.empty() ? ", in a transaction for" : " for",
                       words(*transaction_age));
  }
  if (!query.empty())
    out += fmt::format(", {} {}", state == "active" ? "with" : "last with", query);
  return out;
}

std::string CommandProgress::text() const {
  std::string out = command;
  if (!phase.empty()) out += ", " + phase;
  if (ratio) out += fmt::format(", {:.0f} %", *ratio * 100);
  return out;
}

Milliseconds Activity::longest_blocked() const noexcept {
  Milliseconds longest{};
  for (const SessionSeen& session : blocked) longest = std::max(longest, session.waited);
  return longest;
}

std::string text_of(const std::vector<SessionSeen>& sessions) {
  if (sessions.empty()) return "nobody";
  if (sessions.size() == 1) return sessions.front().text();
  return fmt::format("{} sessions, among them {}", sessions.size(), sessions.front().text());
}

}  // namespace headway::engine
