// The addresses behind `host`: one candidate for each host of a list and each address of a name.
//
// libpq would try them itself, but bounds the time of each only in its blocking form, and then
// neither the verbosity nor the whole attempt's time can be had.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/conninfo.hpp"

namespace headway::postgres {

struct Candidate {
  std::vector<std::pair<std::string, std::string>> keywords;  ///< with one host, one port
  std::string where;    ///< "host:port (address)", for messages
  std::string problem;  ///< set if the name could not be resolved
};

/// Never empty.  Resolves names, which may block as long as the resolver does.
[[nodiscard]] std::vector<Candidate> candidates(const ConnectionParameters& parameters);

}  // namespace headway::postgres
