#include "cli/variables.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/arguments.hpp"
#include "cli/options.hpp"

namespace headway::cli {
namespace {

constexpr std::string_view kPrefix = "HEADWAY_";
/// Read, but not by way of an option.
constexpr std::array<std::string_view, 2> kOthers{"HEADWAY_POD", "HEADWAY_NAMESPACE"};

/// HEADWAY_PORT, HEADWAY_PORT_9490_TCP_ADDR, HEADWAY_SERVICE_HOST, HEADWAY_METRICS_SERVICE_PORT,
/// HEADWAY_METRICS_PORT_9490_TCP, HEADWAY_METRICS_PORT=tcp://10.0.0.1:9490
bool injected_by_kubernetes(std::string_view name, std::string_view value) {
  const std::string_view rest = name.substr(kPrefix.size());
  if (rest.substr(0, 4) == "PORT" || rest.find("SERVICE_") != std::string_view::npos) return true;
  if (const auto port = rest.find("_PORT_"); port != std::string_view::npos) {
    const std::string_view after = rest.substr(port + 6);
    if (!after.empty() && after[0] >= '0' && after[0] <= '9') return true;
  }
  return rest.size() > 5 && rest.substr(rest.size() - 5) == "_PORT" &&
         value.find("://") != std::string_view::npos;
}

}  // namespace

Variables process_variables() {
  Variables out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

const std::string* find_variable(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() || found->second.empty() ? nullptr : &found->second;
}

std::vector<std::string> unknown_variables(const Variables& variables) {
  std::vector<std::string> out;
  std::vector<std::string> known;
  for (auto it = variables.lower_bound(kPrefix);
       it != variables.end() && it->first.compare(0, kPrefix.size(), kPrefix) == 0; ++it) {
    if (injected_by_kubernetes(it->first, it->second)) continue;
    if (known.empty()) {
      for (const Option& option : all_options()) known.push_back(variable_of(option));
      known.insert(known.end(), kOthers.begin(), kOthers.end());
    }
    if (std::ranges::find(known, it->first) != known.end()) continue;
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const std::string_view guess = nearest(it->first, candidates);
    out.push_back(fmt::format("nothing reads the variable {}{}", it->first,
                              guess.empty() ? "" : fmt::format("; did you mean {}?", guess)));
  }
  return out;
}

}  // namespace headway::cli
