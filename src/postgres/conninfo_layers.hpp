// What lies beneath a URL: PG* variables and service files.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// The variable's value, nothing if it is empty: Kubernetes sets optional ones to "".
[[nodiscard]] std::optional<std::string> get_variable(const Environment& env,
                                                      const std::string& name);

/// libpq's PG* variables, those of newer libpqs included.  Throws Error BadDatabaseUrl naming the
/// variable.
[[nodiscard]] ConnectionParameters read_environment(const Environment& env);

/// The section that service= or PGSERVICE names, empty if none does.  libpq could read it itself,
/// but would neither know newer parameters nor say whether a user is in it.  Throws Error
/// BadDatabaseUrl if it is nowhere.
[[nodiscard]] ConnectionParameters read_service(const ConnectionParameters& above,
                                                const Environment& env);

/// What `above` does not say, `below` does.
void merge(ConnectionParameters& above, ConnectionParameters below);

}  // namespace headway::postgres
