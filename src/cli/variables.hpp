// The environment variables of the process as a value, and what is odd about them.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headway::cli {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Copies what the process was started with.
[[nodiscard]] Variables process_variables();

/// A variable that is set to something; empty ones count as not set, as charts leave them.
[[nodiscard]] const std::string* find_variable(const Variables& variables, std::string_view name);

/// One sentence for each HEADWAY_* variable that nothing reads.  Kubernetes injects variables for
/// Services named headway or headway-...; they are left aside.
[[nodiscard]] std::vector<std::string> unknown_variables(const Variables& variables);

}  // namespace headway::cli
