// The file that names many databases: TOML, as the configuration file is, and as strict.
//
// [[target]] is one database, or one schema of it; [[tenants]] are schemas of one database, or
// databases of one server, listed here or by a query.  Pure but for the reading.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace headway::cli {

/// Where a group's database is; all empty: the usual places.
struct TargetPlace {
  std::string url;
  std::string url_source;  ///< for messages: "targets.toml:3:16"
  std::string url_file;
  std::string directory;
};

struct TargetGroup {
  enum class Kind { One, Schemas, Databases };
  Kind kind = Kind::One;
  Location where;
  TargetPlace place;
  std::vector<std::string> listed;  ///< schemas or databases; One: the name
  std::string query;                ///< lists them instead
  std::string name_prefix;
  std::string schema;  ///< One: may be empty
  /// With {schema} for the schema's name; empty: the default.
  std::string history_schema;
  std::string history_table;
  bool allow_empty = false;
};

/// Throws Error BadConfiguration with file:line:column: what is not TOML, unknown keys, values of a
/// wrong type, contradictions.  No message holds a URL.
[[nodiscard]] std::vector<TargetGroup> parse_targets(std::string_view text,
                                                     const std::string& file);

/// One database or schema with a history and a lock of its own.
struct Target {
  std::string name;            ///< logical: label of logs and of the summary
  std::size_t group = 0;       ///< its place is the group's
  std::string database;        ///< instead of the one that the place names; may be empty
  std::string schema;          ///< its search path; may be empty
  std::string history_schema;  ///< empty: as --history-schema says
  std::string history_table;
};

/// The schema of a tenant is its application's, which may well have an `events` of its own.
inline constexpr std::string_view kTenantHistoryTable = "headway_history";

/// The targets of a group whose names are known: listed there, or by its query.
/// Throws Error BadConfiguration for a name that can't be one, and for an empty list.
[[nodiscard]] std::vector<Target> targets_of(const TargetGroup& group, std::size_t index,
                                             const std::vector<std::string>& names);

/// Throws Error BadConfiguration if two have one name: it is what logs, metrics and shards tell
/// them apart by.
void require_distinct_names(const std::vector<Target>& targets,
                            const std::vector<TargetGroup>& groups);

}  // namespace headway::cli
