// A Kubernetes Secret mounted as a directory, in the shapes that CloudNativePG, Zalando, Crunchy
// and people give it.
#pragma once
#include <string>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

/// What the directory says; another layer fills in what it lacks.  A URL in it comes first, single
/// keys fill its gaps; ca.crt, tls.crt and tls.key become sslrootcert, sslcert and sslkey.  Those
/// of a pooler (pgbouncer-uri ...) are never used.
///
/// Throws Error Unreachable while the directory is missing, empty or holds certificates alone (a
/// projected volume joins several Secrets; certificates will do if the user is given elsewhere),
/// BadConfiguration if it holds nothing that is known or can't be read, BadDatabaseUrl.
enum class User { Expected, GivenElsewhere };
[[nodiscard]] ConnectionParameters read_secret_directory(const std::string& directory,
                                                         const std::string& source, User user);

/// A file that holds a URL.  Throws Error Unreachable while it is missing or empty.
[[nodiscard]] std::string read_url_file(const std::string& path, const std::string& source);

}  // namespace headway::postgres
