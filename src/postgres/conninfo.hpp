// Where the database is: from flags, environment, mounted Secrets and URLs to libpq's keywords.
//
// Headway parses URLs itself, because libpq of one age refuses the parameters of another and
// because other ecosystems write theirs (JDBC, Prisma, SQLAlchemy).  Pure but for locate(), which
// reads files.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headway::postgres {

using Keywords = std::vector<std::pair<std::string, std::string>>;

/// What libpq gets, and what came with it.
struct ConnectionParameters {
  Keywords keywords;                     ///< host, port, user, password, sslmode ...: each once
  std::vector<std::string> search_path;  ///< from schema= / currentSchema=
  /// From options=-c name=value, to be SET after connecting: poolers refuse startup options.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> warnings;  ///< parameters of other ecosystems that were ignored
  /// A warning too: whoever is on the network could read or answer; set by locate().
  std::string unverified;
  std::string source;  ///< where it was found: "HIVE_DATABASE_URL"

  [[nodiscard]] const std::string* find(std::string_view keyword) const;
  /// "user@host:5432/database": never a password.
  [[nodiscard]] std::string description() const;
};

/// postgres://, postgresql://, postgresql+psycopg:// and its kin, jdbc:postgresql://, or libpq's
/// "key=value" form.  Throws Error BadDatabaseUrl; the message never holds the URL's password.
/// What needs the machine or the other places is left to locate(): sslrootcert=system,
/// load_balance_hosts=random, sslcertmode=disable and service=.
[[nodiscard]] ConnectionParameters parse_database_url(std::string_view url,
                                                      std::string_view source);

/// For PQconnectStart: libpq's own form.  It always holds options='': an empty value there, unlike
/// one in PQconnectStartParams, keeps libpq from sending PGOPTIONS, which poolers refuse (locate()
/// has put what it says into `settings`).  Holds the password: never to be shown.
[[nodiscard]] std::string libpq_string(const Keywords& keywords);

/// The places of design section 7, in their order.
struct DatabasePlaces {
  std::string url;         ///< --database-url or HEADWAY_DATABASE_URL (the flag wins); may be empty
  std::string url_source;  ///< "--database-url" or "HEADWAY_DATABASE_URL"
  std::string url_file;    ///< HEADWAY_DATABASE_URL_FILE
  std::string directory;   ///< --database-dir: a mounted Secret
  std::function<std::optional<std::string>(const std::string&)>
      env;  ///< the rest: HIVE_DATABASE_URL, PGHOST ...
};

/// Throws Error NoDatabase (lists every place looked at) if none of them is set; to be called at
/// start.
void require_database(const DatabasePlaces& places);

/// Reads the first place that is set, anew at each call: Secrets rotate.  A Secret directory or
/// file that is empty or missing yet: Error Unreachable (which is retried).  Error NoUser if no
/// user name is to be had. Keywords that libpq of Debian bookworm does not know are honoured here
/// or refused by name.
[[nodiscard]] ConnectionParameters locate(const DatabasePlaces& places);

}  // namespace headway::postgres
