#include "cli/commands/confirmation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/inspect.hpp"
#include "cli/report_text.hpp"

namespace headway::cli::commands {
namespace {

/// Who is only told to say --yes does not want to wait for it.
constexpr Milliseconds kPatience = std::chrono::seconds{10};
constexpr std::size_t kNamed = 20;

std::string list_of(const migration::Plan& plan) {
  if (plan.empty()) return "; there is nothing to take back";
  std::string out = "; it would take back ";
  const std::size_t named = std::min(plan.steps.size(), kNamed);
  for (std::size_t i = 0; i < named; ++i) {
    const migration::Step& step = plan.steps[i];
    out += (i == 0 ? "" : ", ") + title_of(step.version.text(), step.name);
  }
  if (named < plan.steps.size()) out += fmt::format(" and {} more", plan.steps.size() - named);
  return out;
}

/// Empty if the database can't be asked.
std::string what_would_go(const Invocation& invocation, const WayBack& way_back) {
  Invocation asking = invocation;
  asking.settings.connect_timeout = std::min(asking.settings.connect_timeout, kPatience);
  asking.settings.auth_retry = Milliseconds::zero();
  std::unique_ptr<Inspection> seen;
  try {
    seen = inspect(asking);
  } catch (const Error& error) {
    if (error.kind() != Kind::Unreachable && error.kind() != Kind::Access) throw;
    return {};
  }
  return list_of(way_back(seen->source, seen->report->snapshot.history));
}

}  // namespace

void require_confirmation(const Invocation& invocation, std::string_view what,
                          const WayBack& way_back) {
  if (!invocation.settings.is_strict() || invocation.settings.yes) return;
  throw Error(ErrorId::Unconfirmed,
              fmt::format("{} in the environment {} needs --yes{}", what,
                          invocation.settings.environment, what_would_go(invocation, way_back)));
}

}  // namespace headway::cli::commands
