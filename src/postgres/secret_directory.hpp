// A Kubernetes Secret mounted as a directory, in the shapes that CloudNativePG, Zalando, Crunchy
// and people give it.
#pragma once
#include <string>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

/// What the directory says; another layer fills in what it lacks.  A URL in it comes first, single
/// keys fill its gaps.  Those of a pooler (pgbouncer-uri ...) are never used.  All is of one
/// generation: where the kubelet swaps the files meanwhile, they are read again.
///
/// Throws Error Unreachable while the directory is missing or empty or its keys have no value,
/// BadConfiguration if it holds nothing that is known or can't be read, BadDatabaseUrl.
/// Certificates alone are no error: the rest may come from elsewhere.
[[nodiscard]] ConnectionParameters read_secret_directory(const std::string& directory,
                                                         const std::string& source);

/// ca.crt, tls.crt and tls.key become sslrootcert, sslcert and sslkey, where these are not named:
/// it is to be called when all other places have been asked.  Throws as read_secret_directory()
/// does.
void add_certificates(ConnectionParameters& parameters, const std::string& directory);

/// A file that holds a URL.  Throws Error Unreachable while it is missing or empty.
[[nodiscard]] std::string read_url_file(const std::string& path, const std::string& source);

}  // namespace headway::postgres
