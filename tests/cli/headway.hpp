// The binary as its users see it: arguments, variables, output, exit code.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/migrations_dir.hpp"
#include "support/process.hpp"

namespace headway::testing {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// One place from which headway is run: a database and a source, in variables.
struct Headway {
  std::string url;         ///< HEADWAY_DATABASE_URL; empty: not set
  std::string migrations;  ///< HEADWAY_MIGRATIONS; empty: not set
  Variables variables = {};

  [[nodiscard]] Command command(std::vector<std::string> args, const Variables& more = {}) const;
  /// Runs to the end.
  [[nodiscard]] Exit operator()(std::vector<std::string> args, const Variables& more = {}) const;
};

/// `text` with what differs from run to run replaced: times, durations, ids, names of databases,
/// paths of temporary directories.
[[nodiscard]] std::string masked(std::string text);

/// Compares with golden/<name>.txt; with HEADWAY_UPDATE_GOLDEN=1 writes it instead.  The text is
/// masked first.
void check_golden(const std::string& name, const std::string& text);

}  // namespace headway::testing
