// A database URL taken apart, percent-decoded.
//
// Passwords are often pasted in without encoding.  '@', ':' and '#' can still be told from the
// URL's own; where '/' and '?' can't, the URL is refused, saying what to encode and showing nothing
// of it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/conninfo_parameters.hpp"

namespace headway::postgres {

struct Url {
  struct Host {
    std::string name;  ///< may be empty, or a socket's directory
    std::string port;
  };
  Dialect dialect = Dialect::Libpq;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::vector<Host> hosts;
  std::string database;
  std::vector<Parameter> parameters;
};

/// Whether the text is meant as a URL, rather than as "key=value".
[[nodiscard]] bool looks_like_url(std::string_view text);

/// Throws Error BadDatabaseUrl.
[[nodiscard]] Url parse_url(std::string_view text, std::string_view source);

}  // namespace headway::postgres
